"""Give a tree back to the group: by open directories, so that no name leads anywhere else meanwhile."""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from dataclasses import dataclass, field
from typing import List

from venvboot.descriptors import share
from venvboot.errors import NotWritten
from venvboot.policy import access

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Repaired:
    """What was done: how many of each, the bytes of the files, and the paths that are another user's to change."""

    directories: int = 0
    files: int = 0
    size: int = 0
    not_owned: List[str] = field(default_factory=list)


def repair(root: str, group: int, uid: int) -> Repaired:
    """Put right what is wrong below ``root``, and nothing else; ``uid`` is who does it.

    Follows no link, enters no other file system, leaves files with several names alone. What belongs to another
    user is only listed, unless root does it.
    """
    done = Repaired()
    try:
        device = os.lstat(root).st_dev
        for path, folders, files, descriptor in os.fwalk(root):
            _repair(path, descriptor, group, uid, done)
            for name in files:
                info = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISREG(info.st_mode) and info.st_nlink == 1:
                    _repair_file(posixpath.join(path, name), name, descriptor, info, group, uid, done)
            folders[:] = [
                name for name in folders if os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_dev == device
            ]
    except OSError as error:
        raise NotWritten(root, error) from None
    return done


def _repair_file(
    path: str, name: str, folder: int, info: os.stat_result, group: int, uid: int, done: Repaired
) -> None:
    mode = stat.S_IMODE(info.st_mode)
    if access.is_right(info.st_gid, mode, group, directory=False):
        return
    if uid not in (0, info.st_uid):
        done.not_owned.append(path)
        return
    with contextlib.ExitStack() as stack:
        try:
            descriptor = os.open(name, _OPEN, dir_fd=folder)
        except PermissionError:  # one's own that one may not read
            done.not_owned.append(path)
            return
        stack.callback(os.close, descriptor)
        now = os.fstat(descriptor)
        if (now.st_dev, now.st_ino, now.st_nlink) == (info.st_dev, info.st_ino, 1):
            _repair(path, descriptor, group, uid, done)


def _repair(path: str, descriptor: int, group: int, uid: int, done: Repaired) -> None:
    info = os.fstat(descriptor)
    directory, mode = stat.S_ISDIR(info.st_mode), stat.S_IMODE(info.st_mode)
    if access.is_right(info.st_gid, mode, group, directory=directory):
        return
    if uid not in (0, info.st_uid):
        done.not_owned.append(path)
        return
    share(descriptor, access.wanted_mode(mode, directory=directory), group)
    if directory:
        done.directories += 1
    else:
        done.files += 1
        done.size += info.st_size
