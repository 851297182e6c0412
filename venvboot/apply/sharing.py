"""Group access by construction: directories with ``g+rwxs`` before anything is written into them.

New directories inherit group and setgid bit from such a directory, and files are written under umask 002. Only what
is wrong is touched: an overlay copies a file up on any chmod, changed or not.
"""

from __future__ import annotations

import os
import stat
from typing import Iterable

from venvboot.descriptors import open_directory, share
from venvboot.errors import NotWritten

DIRECTORY_MODE = 0o2775

# While root makes it, nobody else of the group may put a link into it. What is made in it inherits the setgid bit.
CLOSED_MODE = 0o2700
UMASK = 0o002
GROUP_BITS = 0o060


def share_directories(dest: str, paths: Iterable[str], group: int) -> None:
    """Give each directory below ``dest`` to ``group`` with ``g+rwxs``, leaving other bits; no link is followed."""
    for path in paths:
        try:
            with open_directory(path, dest) as directory:
                share(directory, stat.S_IMODE(os.fstat(directory).st_mode) | 0o2070, group)
        except OSError as error:
            raise NotWritten(path, error) from None


def share_files(dest: str) -> int:
    """Make the ordinary files below ``dest`` group-writable that aren't; return how many were not.

    For a tree made in this very run: virtualenv copies its seed packages with 0644 and 0755 whatever the umask.
    Follows no link and leaves files with several names alone.
    """
    try:
        return sum(_share_file(name, folder) for _, _, names, folder in os.fwalk(dest) for name in names)
    except OSError as error:
        raise NotWritten(dest, error) from None


def _share_file(name: str, folder: int) -> bool:
    info = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(info.st_mode) or info.st_mode & GROUP_BITS == GROUP_BITS or info.st_nlink > 1:
        return False
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.fchmod(descriptor, stat.S_IMODE(info.st_mode) | GROUP_BITS)
    finally:
        os.close(descriptor)
    return True
