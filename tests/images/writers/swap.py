"""Exchange a folder and a file of this user with links out of the environment, for as long as the process lives.

Whoever looks at a path, and then changes what the path leads to, changes what lies outside sooner or later.
"""

from __future__ import annotations

import ctypes
import os
import sys

OUTSIDE = "/srv/outside"
AT_WORKING_DIRECTORY = -100
EXCHANGE = 2

libc = ctypes.CDLL(None, use_errno=True)


def exchange(one: str, other: str) -> None:
    """Let two names change places in one step, so that neither is ever missing."""
    if libc.renameat2(AT_WORKING_DIRECTORY, one.encode(), AT_WORKING_DIRECTORY, other.encode(), EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), one)


def main(place: str) -> None:
    os.makedirs(f"{place}/folder/inner")
    for name in ("file", "folder/file", "folder/inner/file"):
        with open(f"{place}/{name}", "w", encoding="utf-8"):
            pass
    os.symlink(OUTSIDE, f"{place}/folder-link")
    os.symlink(f"{OUTSIDE}/file", f"{place}/file-link")
    folder = os.open(f"{place}/folder", os.O_RDONLY | os.O_DIRECTORY)
    file = os.open(f"{place}/file", os.O_RDONLY)
    while True:
        # Wrong again each time, so that there is always something to mend.
        os.fchmod(folder, 0o755)
        os.fchmod(file, 0o644)
        for _ in range(20):
            exchange(f"{place}/folder", f"{place}/folder-link")
            exchange(f"{place}/file", f"{place}/file-link")


if __name__ == "__main__":
    main(sys.argv[1])
