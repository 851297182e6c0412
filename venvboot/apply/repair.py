"""Give a tree back to the group: by open directories, so that no name leads anywhere else meanwhile."""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from dataclasses import dataclass, field
from typing import List

from venvboot.descriptors import open_directory, share
from venvboot.errors import NotWritten
from venvboot.policy import access

NO_GROUP = -1
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Repaired:
    """What was done: how many of each, the bytes of the files, and the paths that are another user's to change."""

    directories: int = 0
    files: int = 0
    size: int = 0
    not_owned: List[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Repair:
    """Who repairs for which group; files on another file system than ``device`` are left alone."""

    group: int
    uid: int
    device: int
    done: Repaired

    def file(self, path: str, folder: int) -> None:
        """Put right the ordinary file ``path``, whose folder is open; one that is gone meanwhile is let be."""
        name = posixpath.basename(path)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            info = os.stat(name, dir_fd=folder, follow_symlinks=False)
            its_own = stat.S_ISREG(info.st_mode) and info.st_nlink == 1 and info.st_dev == self.device
            if its_own and self._is_wrong(info) and not self._is_let_be(path, info) and self._may(path, info):
                self._open_file(path, name, folder, info)

    def directory(self, path: str, descriptor: int) -> None:
        info = os.fstat(descriptor)
        if self._is_wrong(info) and self._may(path, info):
            self._change(descriptor, info)
            self.done.directories += 1

    def tree(self, root: str) -> None:
        """Put right a folder and all below it; each is opened from the root on, so depth costs no descriptors."""
        waiting = [root]
        while waiting:
            path = waiting.pop()
            with contextlib.suppress(FileNotFoundError, NotADirectoryError), open_directory(path, "/") as descriptor:
                self.directory(path, descriptor)
                for name in os.listdir(descriptor):
                    below = posixpath.join(path, name)
                    info = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                    if not stat.S_ISDIR(info.st_mode):
                        self.file(below, descriptor)
                    elif info.st_dev == self.device and not self._is_let_be(below, info):
                        waiting.append(below)

    def _open_file(self, path: str, name: str, folder: int, info: os.stat_result) -> None:
        try:
            descriptor = os.open(name, _OPEN, dir_fd=folder)
        except PermissionError:  # one's own that one may not read
            self.done.not_owned.append(path)
            return
        except OSError:  # a link by now
            return
        try:
            now = os.fstat(descriptor)
            if (now.st_dev, now.st_ino, now.st_nlink) == (info.st_dev, info.st_ino, 1):
                self._change(descriptor, now)
                self.done.files += 1
                self.done.size += now.st_size
        finally:
            os.close(descriptor)

    def _is_wrong(self, info: os.stat_result) -> bool:
        mode, directory = stat.S_IMODE(info.st_mode), stat.S_ISDIR(info.st_mode)
        return not access.is_right(info.st_gid, mode, self.group, directory=directory)

    def _is_let_be(self, path: str, info: os.stat_result) -> bool:
        return access.is_stage(path) or (stat.S_ISREG(info.st_mode) and access.is_uv_lock(path, info.st_size))

    def _may(self, path: str, info: os.stat_result) -> bool:
        if self.uid in (0, info.st_uid):
            return True
        self.done.not_owned.append(path)
        return False

    def _change(self, descriptor: int, info: os.stat_result) -> None:
        mode = access.wanted_mode(stat.S_IMODE(info.st_mode), directory=stat.S_ISDIR(info.st_mode))
        share(descriptor, mode, self.group)


@dataclass(frozen=True)
class _Close(_Repair):
    """The contrary: what there is becomes ``owner``'s alone to write, and everybody's to read."""

    owner: int = 0

    def _is_wrong(self, info: os.stat_result) -> bool:
        mode, directory = stat.S_IMODE(info.st_mode), stat.S_ISDIR(info.st_mode)
        return not access.is_sealed(info.st_uid, mode, self.owner, directory=directory)

    def _is_let_be(self, _: str, __: os.stat_result) -> bool:
        return False

    def _change(self, descriptor: int, info: os.stat_result) -> None:
        mode = access.sealed_mode(stat.S_IMODE(info.st_mode), directory=stat.S_ISDIR(info.st_mode))
        if info.st_uid != self.owner:
            os.fchown(descriptor, self.owner, -1)
        os.fchmod(descriptor, mode)


def close(root: str, owner: int, uid: int) -> Repaired:
    """Let nobody but ``owner`` write the folder ``root`` and what is below it, and everybody read it.

    What is passed over, and raised, is as in ``repair``.
    """
    done = Repaired()
    try:
        with open_directory(root, root) as folder:
            device = os.fstat(folder).st_dev
        _Close(NO_GROUP, uid, device, done, owner).tree(root)
    except OSError as error:
        raise NotWritten(root, error) from None
    return done


def repair(root: str, group: int, uid: int) -> Repaired:
    """Put right what is wrong at and below ``root``, and nothing else; ``uid`` is who does it.

    Follows no link, on the way to it neither; enters no other file system, leaves files with several names alone.
    What belongs to another user is only listed, unless root does it. Raises NotWritten where ``root`` isn't there.
    """
    done = Repaired()
    folder, name = posixpath.split(root)
    try:
        with open_directory(folder, "/") as parent:
            info = os.stat(name, dir_fd=parent, follow_symlinks=False)
            todo = _Repair(group, uid, info.st_dev, done)
            if stat.S_ISDIR(info.st_mode):
                todo.tree(root)
            else:
                todo.file(root, parent)
    except OSError as error:
        raise NotWritten(root, error) from None
    return done
