"""Work on open directories instead of names: what others may replace meanwhile can't lead anywhere else."""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from typing import Iterator, List, Optional, Tuple

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@contextlib.contextmanager
def open_directory(path: str, trusted: str) -> Iterator[int]:
    """Give a descriptor of the directory ``path``, reached without following a link below ``trusted``.

    ``trusted`` is ``path`` or a folder above it that only this user, or root, could have put there; it isn't a link
    itself. Raises OSError for a link, for what is no directory, and for a path outside of ``trusted``.
    """
    descriptor = os.open(trusted, _FLAGS | os.O_NOFOLLOW)
    try:
        for part in _parts(path, trusted):
            below = os.open(part, _FLAGS | os.O_NOFOLLOW, dir_fd=descriptor)
            # Swapped first: an interruption after a close would have it closed twice
            descriptor, done = below, descriptor
            os.close(done)
        yield descriptor
    finally:
        os.close(descriptor)


def share(descriptor: int, mode: int, gid: int) -> bool:
    """Give an open file or directory to group ``gid`` with ``mode``; True when the group is as asked.

    The group comes first: changing it clears the setgid bit (chown(2)).
    """
    given = os.fstat(descriptor).st_gid == gid
    if not given:
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, -1, gid)
            given = True
    # Only the owner may change the mode, and needn't where it is right: a mounted volume.
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
        os.fchmod(descriptor, mode)
    return given


def empty(path: str, folder: Optional[int] = None, but: str = "") -> None:
    """Remove all that is in the directory ``path`` of an open ``folder``, ``but`` what is named so, however deep.

    No link is followed, and one folder is open at a time. Raises OSError, also for what is moved meanwhile.
    """
    current = os.open(path, _FLAGS | os.O_NOFOLLOW, dir_fd=folder)
    try:
        waiting = _without_files(current, but)
        above: List[Tuple[str, List[str], os.stat_result]] = []
        while waiting or above:
            if waiting:
                name = waiting.pop()
                below = os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=current)
                above.append((name, waiting, os.fstat(current)))
                current, done = below, current
                os.close(done)
                waiting = _without_files(current)
            else:
                name, waiting, info = above.pop()
                upwards = os.open("..", _FLAGS, dir_fd=current)
                current, done = upwards, current
                os.close(done)
                if not os.path.samestat(os.fstat(current), info):
                    raise OSError(errno.ESTALE, "a folder was moved while it was removed", name)
                os.rmdir(name, dir_fd=current)
    finally:
        os.close(current)


def tree(name: str, *, dir_fd: int) -> None:
    """Remove what is called ``name`` in an open folder, with all below it if it is one; no link is followed."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=dir_fd, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=dir_fd)
        return
    empty(name, dir_fd)
    os.rmdir(name, dir_fd=dir_fd)


def _without_files(folder: int, but: str = "") -> List[str]:
    """Remove what is no folder from an open one, and return the names of the folders."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries if entry.name != but]
    for name, is_folder in found:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
    return [name for name, is_folder in found if is_folder]


def keep_owner(descriptor: int, name: str, folder: int) -> None:
    """Give a new file to who owns the one called ``name`` in an open ``folder``, which it shall replace, if any."""
    with contextlib.suppress(FileNotFoundError):
        info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        os.fchown(descriptor, info.st_uid, info.st_gid)


def _parts(path: str, trusted: str) -> list[str]:
    relative = posixpath.relpath(path, trusted)
    parts = [] if relative == "." else relative.split("/")
    if ".." in parts:
        raise NotADirectoryError(f"{path} is not below {trusted}")
    return parts
