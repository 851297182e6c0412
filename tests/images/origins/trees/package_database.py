"""Write the database of apk, portage or xbps that says a package owns the Python in /usr. Run inside the image.

The forms are those of apk-package(5)'s installed file, of Gentoo's package manager specification (CONTENTS) and of
the property lists that xbps keeps; their tools are in no registry that the tests reach.
"""

from __future__ import annotations

import base64
import hashlib
import os
import plistlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION = "3.11.2"
FOLDERS = ("/usr/bin", "/usr/lib/python3.11")


def folders() -> Iterator[Path]:
    """Give the folders that hold files of the package, in order."""
    for top in FOLDERS:
        yield from sorted(Path(folder) for folder, _, _ in os.walk(top))


def members(folder: Path) -> Iterator[Path]:
    """Give the package's files and links right below `folder`; of /usr/bin only Python's own are its."""
    for path in sorted(folder.glob("python3*" if folder == Path("/usr/bin") else "*")):
        if path.is_symlink() or path.is_file():
            yield path


def apk() -> None:
    lines = ["C:Q1qEjnNsm4PAFsHLpPT8mGIr5LnvE=", "P:python3", f"V:{VERSION}-r0", "A:x86_64", "o:python3"]
    for folder in folders():
        lines.append(f"F:{str(folder)[1:]}")
        for path in members(folder):
            content = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()
            digest = base64.b64encode(hashlib.sha1(content).digest()).decode()
            mode = 0o777 if path.is_symlink() else path.stat().st_mode & 0o777
            lines += [f"R:{path.name}", f"a:0:0:{mode:o}", f"Z:Q1{digest}"]
    write("/lib/apk/db/installed", "\n".join([*lines, "", ""]))


def portage() -> None:
    lines = ["dir /usr"]
    for folder in folders():
        lines.append(f"dir {folder}")
        for path in members(folder):
            time = int(path.lstat().st_mtime)
            if path.is_symlink():
                lines.append(f"sym {path} -> {os.readlink(path)} {time}")
            else:
                lines.append(f"obj {path} {hashlib.md5(path.read_bytes()).hexdigest()} {time}")
    entry = f"/var/db/pkg/dev-lang/python-{VERSION}"
    write(f"{entry}/CONTENTS", "\n".join([*lines, ""]))
    write(f"{entry}/CATEGORY", "dev-lang\n")
    write(f"{entry}/PF", f"python-{VERSION}\n")
    write(f"{entry}/SLOT", "3.11\n")


def xbps() -> None:
    files: list[dict[str, object]] = []
    links: list[dict[str, object]] = []
    for path in (path for folder in folders() for path in members(folder)):
        if path.is_symlink():
            links.append({"file": str(path), "target": os.readlink(path)})
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            files.append({"file": str(path), "sha256": digest, "mtime": int(path.stat().st_mtime)})
    package = {"pkgver": f"python3-{VERSION}_1", "architecture": "x86_64", "state": "installed"}
    write("/var/db/xbps/pkgdb-0.38.plist", plistlib.dumps({"python3": package}).decode())
    write("/var/db/xbps/.python3-files.plist", plistlib.dumps({"files": files, "links": links}).decode())


def write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


WRITERS: dict[str, Callable[[], None]] = {"apk": apk, "portage": portage, "xbps": xbps}

if __name__ == "__main__":
    WRITERS[sys.argv[1]]()
