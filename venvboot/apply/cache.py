"""pip's cache for one run: a private copy, whose news go into the shared one only when the run is let through.

The copy is made of hard links, so it holds no byte twice. A refused run leaves the shared cache as it was, and a
killed one an unlocked folder that the next run removes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import posixpath
from typing import Iterator, Optional, Tuple

from venvboot.descriptors import open_directory
from venvboot.system import System

PREFIX = ".venvboot-run-"
PIP = "pip"
BODY = ".body"


class Cache:
    """``folder`` is what pip is told, None for no cache at all."""

    def __init__(self, folder: Optional[str] = None, shared: str = "") -> None:
        self.folder = folder
        self._shared = shared
        self._trusted = posixpath.dirname(shared)

    def words(self) -> Tuple[str, ...]:
        """Return pip's options."""
        return ("--cache-dir", self.folder) if self.folder else ("--no-cache-dir",)

    def keep(self) -> None:
        """Move what is new into the shared cache, each file whole; what can't be moved is no loss."""
        if not self.folder or not self._shared:
            return
        new = [path for path in _files(self.folder) if not _is_shared(path, self._there(path))]
        for path in sorted(new, key=lambda path: not path.endswith(BODY)):  # what is described first
            with contextlib.suppress(OSError):
                folder, name = posixpath.split(self._there(path))
                self._make(folder)
                with open_directory(folder, self._trusted) as directory:
                    os.replace(path, name, dst_dir_fd=directory)

    def _make(self, folder: str) -> None:
        """Make a folder of the shared cache; a link that another of its users made isn't followed."""
        if folder != self._trusted and not os.path.lexists(folder):
            parent, name = posixpath.split(folder)
            self._make(parent)
            with open_directory(parent, self._trusted) as directory, contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=directory)

    def _there(self, path: str) -> str:
        return self._shared + path[len(str(self.folder)) :]


@contextlib.contextmanager
def private(system: System, folder: Optional[str]) -> Iterator[Cache]:
    """Give the cache for one run; ``folder`` is the shared one, left as it is without ``keep``, or None for none."""
    if folder is None:
        yield Cache()
        return
    folder = system.realpath(folder)
    shared = posixpath.join(folder, PIP)
    own = _own_folder(system, folder)
    if own is None:
        yield Cache(shared)
        return
    with _locked(own), contextlib.ExitStack() as stack:
        stack.callback(_remove, system, own)
        copy = posixpath.join(own, PIP)
        _copy(shared, copy)
        yield Cache(copy, shared)


def _own_folder(system: System, folder: str) -> Optional[str]:
    """Return a new private folder in ``folder``, None where this user has no cache to write there.

    Then pip reads what it can, and says why it writes nothing: to root, another user's cache is none.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        if system.uid == 0 and os.stat(folder).st_uid != 0:
            return None
        _remove_abandoned(system, folder)
        own = posixpath.join(folder, PREFIX + os.urandom(8).hex())
        os.mkdir(own, 0o700)
    except OSError:
        return None
    return own


def _copy(shared: str, copy: str) -> None:
    """Give the private copy a name for each file of the shared cache; one that gets none is fetched again."""
    for path in _files(shared):
        there = copy + path[len(shared) :]
        with contextlib.suppress(OSError):
            os.makedirs(posixpath.dirname(there), exist_ok=True)
            _share(path, there)
    with contextlib.suppress(OSError):
        os.makedirs(copy, exist_ok=True)


def _files(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (posixpath.join(place, name) for name in names)


def _share(path: str, there: str) -> None:
    """Other users' files can't be linked to by everybody (fs.protected_hardlinks); a name for them can be made."""
    try:
        os.link(path, there, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EEXIST):
            return
        os.symlink(path, there)


def _is_shared(path: str, there: str) -> bool:
    info = os.lstat(path)
    with contextlib.suppress(OSError):
        return os.path.islink(path) or os.path.samestat(info, os.lstat(there))
    return False


@contextlib.contextmanager
def _locked(folder: str) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned(system: System, folder: str) -> None:
    """Remove what killed runs left; a folder that a living one works in is locked."""
    for name in system.list_directory(folder):
        if name.startswith(PREFIX):
            path = posixpath.join(folder, name)
            with contextlib.suppress(OSError):
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _remove(system, path)
                finally:
                    os.close(descriptor)


def _remove(system: System, folder: str) -> None:
    system.empty_directory(folder)
    os.rmdir(folder)
