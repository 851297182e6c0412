"""Print every file of the image: kind and mode, owner, and digest or target. Times are nobody's promise."""

from __future__ import annotations

import hashlib
import os
import stat

ELSEWHERE = ("/proc", "/sys", "/dev", "/tmp", "/run")


def content(path: str, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return os.readlink(path)
    if not stat.S_ISREG(mode):
        return ""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


for folder, folders, files in os.walk("/"):
    folders[:] = sorted(name for name in folders if os.path.join(folder, name) not in ELSEWHERE)
    for name in sorted(folders + files):
        path = os.path.join(folder, name)
        info = os.lstat(path)
        print(path, oct(info.st_mode), info.st_uid, info.st_gid, content(path, info.st_mode))
