"""Put a seal in place of an empty directory, and take it away again, following no link.

What a seal remembers is at every moment in one whole file: in the seal, or beside it in the part that a killed run
leaves. So the next run, of either kind, finishes from there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat

from venvboot.actions import SealDirectory, UnsealDirectory
from venvboot.descriptors import open_directory
from venvboot.errors import NotWritten, VenvbootError
from venvboot.facts.guards import part_of
from venvboot.model import Finding, Severity

MODE = 0o644
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def seal(action: SealDirectory) -> None:
    """Raises VenvbootError where something was put into the directory meanwhile: then nothing is lost."""
    folder, name = posixpath.split(action.path)
    part = posixpath.basename(part_of(action.path))
    try:
        _make(folder, action.trusted)
        with open_directory(folder, action.trusted) as directory:
            _write(part, action.content.encode(), directory)
            try:
                _make_room(name, directory)
            except OSError:
                os.unlink(part, dir_fd=directory)
                raise
            os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            raise VenvbootError(_not_empty(action.path)) from None
        raise NotWritten(action.path, error) from None


def unseal(action: UnsealDirectory) -> None:
    """Put back the directory with its mode and owner, or remove what was made for the seal as far as it is empty."""
    folder, name = posixpath.split(action.path)
    part, before = posixpath.basename(part_of(action.path)), action.before
    try:
        with open_directory(folder, action.trusted) as directory:
            if before.mode is None:
                _unlink(name, directory)
            else:
                _take_aside(name, part, directory)
                _directory(name, before.mode, before.uid, before.gid, directory)
            _unlink(part, directory)
        for _ in range(before.made):
            folder, name = posixpath.split(folder)
            with open_directory(folder, action.trusted) as directory:
                os.rmdir(name, dir_fd=directory)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise NotWritten(action.path, error) from None


def _make(folder: str, trusted: str) -> None:
    """Make the missing folders between ``trusted`` and ``folder``, it included."""
    missing = []
    while folder != trusted:
        try:
            with open_directory(folder, trusted):
                break
        except FileNotFoundError:
            missing.append(folder)
            folder = posixpath.dirname(folder)
    for path in reversed(missing):
        above, name = posixpath.split(path)
        with open_directory(above, trusted) as directory:
            os.mkdir(name, 0o700, dir_fd=directory)
            _mode(name, 0o755, directory)


def _write(name: str, content: bytes, directory: int) -> None:
    """Write ``content`` as a new file, unless a killed run left that very file: it may be the only one that knows."""
    if _is(name, content, directory):
        return
    _unlink(name, directory)
    with os.fdopen(os.open(name, _WRITE, 0o600, dir_fd=directory), "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), MODE)


def _is(name: str, content: bytes, directory: int) -> bool:
    try:
        descriptor = os.open(name, _READ, dir_fd=directory)
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        info = os.fstat(descriptor)
        own = stat.S_ISREG(info.st_mode) and info.st_uid == os.geteuid() and stat.S_IMODE(info.st_mode) == MODE
        return own and info.st_nlink == 1 and file.read(len(content) + 1) == content


def _make_room(name: str, directory: int) -> None:
    """Remove the empty directory; an ordinary file, a seal of ours that was edited, is replaced in one step."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            os.rmdir(name, dir_fd=directory)


def _take_aside(name: str, part: str, directory: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        info = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISREG(info.st_mode):
            os.rename(name, part, src_dir_fd=directory, dst_dir_fd=directory)


def _directory(name: str, mode: int, uid: int, gid: int, directory: int) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=directory)
    descriptor = os.open(name, _OPEN, dir_fd=directory)
    try:
        os.fchown(descriptor, uid, gid)  # first: it clears the setgid bit
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _mode(name: str, mode: int, directory: int) -> None:
    descriptor = os.open(name, _OPEN, dir_fd=directory)
    try:
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _unlink(name: str, directory: int) -> None:
    with contextlib.suppress(FileNotFoundError, IsADirectoryError):
        os.unlink(name, dir_fd=directory)


def _not_empty(path: str) -> Finding:
    return Finding(
        "not-sealed",
        Severity.ERROR,
        path,
        f"{path} was not sealed",
        "something was put into it just now",
        "let no other process install meanwhile, and run it again",
    )
