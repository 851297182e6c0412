"""With $SOURCE_DATE_EPOCH nothing that a run has changed bears the time at which it ran.

A layer holds what a step has changed and the folders above it, each with its time.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
from typing import Iterable, Iterator, Tuple

from venvboot import temporary
from venvboot.system import System

# What is written outside of an environment stands somewhere in these, ...
TREES = ("/etc", "/usr/local")
# ... or in one of these itself: marker, pip.conf, the diversions of dpkg, an environment, what was temporary.
FOLDERS = ("/", "/usr", "/usr/lib", "/usr/lib64", "/var/lib/dpkg", "/var/cache", "/var/cache/ldconfig", "/opt")
OF_PYTHONS = ("/usr/lib/python3*", "/usr/lib64/python3*")
CLOCK = 0.05  # seconds by which a file system's clock may be behind


def settle(system: System, moment: int, began: float, trees: Iterable[str]) -> None:
    """Give ``moment`` to all that was changed since ``began`` and is newer (seconds since 1970).

    ``trees`` are folders looked into as a whole, besides those outside. No link is followed, no other file system
    entered, and what is another user's stays.
    """
    own = tuple(trees)
    above = {folder for tree in own for folder in _above(tree)}
    folders = {*FOLDERS, *above, temporary.place(), *(path for name in OF_PYTHONS for path in system.glob(name))}
    since = began - CLOCK
    for path in sorted(folders):
        with contextlib.suppress(OSError):
            _settle_entries(path, moment, since)
    for tree in dict.fromkeys((*own, *TREES)):
        with contextlib.suppress(FileNotFoundError):
            for name, folder in _entries(tree):
                _settle(name, folder, moment, since)


def _above(path: str) -> Iterator[str]:
    while path != "/":
        path = posixpath.dirname(path)
        yield path


def _settle_entries(path: str, moment: int, since: float) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in (".", *os.listdir(folder)):
            _settle(name, folder, moment, since)
    finally:
        os.close(folder)


def _entries(tree: str) -> Iterator[Tuple[str, int]]:
    """Give all that stands in a tree, each as a name in an open folder."""
    for place, folders, files, folder in os.fwalk(tree):
        device = os.fstat(folder).st_dev
        if place == tree:
            yield ".", folder
        yield from ((name, folder) for name in (*files, *folders))
        folders[:] = [name for name in folders if _device(name, folder) == device]


def _device(name: str, folder: int) -> int:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_dev
    except OSError:
        return -1


def _settle(name: str, folder: int, moment: int, since: float) -> None:
    with contextlib.suppress(OSError):
        info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        # A folder that an earlier step has written, and this one only gave to the group, is in this layer, too.
        is_changed = max(info.st_mtime, info.st_ctime) >= since
        if is_changed and info.st_mtime > moment and info.st_dev == os.fstat(folder).st_dev:
            os.utime(name, (moment, moment), dir_fd=folder, follow_symlinks=False)
