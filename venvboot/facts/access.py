"""What of a tree the group can't use as it should, in one pass over it."""

from __future__ import annotations

import os
import stat
from typing import List, Protocol

from venvboot.model import Access, Entry
from venvboot.policy import access
from venvboot.system import System


class IsRight(Protocol):
    def __call__(self, path: str, info: os.stat_result, *, directory: bool) -> bool:
        """Tell whether nothing is to be changed at ``path``."""


def read(system: System, root: str, group: int) -> Access:
    """Return the directories and ordinary files of ``root`` that are wrong for ``group``; links are passed over."""

    def is_right(path: str, info: os.stat_result, *, directory: bool) -> bool:
        if access.is_stage(path) or (not directory and access.is_uv_lock(path, info.st_size)):
            return True
        return access.is_right(info.st_gid, stat.S_IMODE(info.st_mode), group, directory=directory)

    return _read(system, root, is_right)


def read_sealed(system: System, root: str, owner: int) -> Access:
    """Return what of the sealed tree ``root`` isn't ``owner``'s alone to write and everybody's to read."""

    def is_right(path: str, info: os.stat_result, *, directory: bool) -> bool:
        del path
        return access.is_sealed(info.st_uid, stat.S_IMODE(info.st_mode), owner, directory=directory)

    return _read(system, root, is_right)


def _read(system: System, root: str, is_right: IsRight) -> Access:
    wrong: List[Entry] = []
    linked: List[Entry] = []
    mounts: List[str] = []
    device = None
    for path, info in system.walk(root, one_file_system=True):
        device = info.st_dev if device is None else device
        directory = stat.S_ISDIR(info.st_mode)
        if info.st_dev != device:
            mounts.append(path)
        elif (directory or stat.S_ISREG(info.st_mode)) and not is_right(path, info, directory=directory):
            entry = _entry(path, info, directory=directory)
            (linked if not directory and info.st_nlink > 1 else wrong).append(entry)
    return Access(tuple(wrong), tuple(linked), tuple(mounts))


def _entry(path: str, info: os.stat_result, *, directory: bool) -> Entry:
    size = 0 if directory else info.st_size
    return Entry(path, info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode), size, info.st_nlink, directory)
