"""pip's cache for one run: a private view of the shared one, which gets what is new only when the run is let through.

The view is made of symbolic links and lies in the folder of the run. So nothing of the shared cache is touched by a
run that is refused or killed, whoever owns it, and runs at the same time are not in each other's way.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import posixpath
import stat
from typing import BinaryIO, Iterator, List, Optional, Tuple

from venvboot.descriptors import open_directory, tree
from venvboot.report import Reporter
from venvboot.system import System

PIP = "pip"
BODY = ".body"
# pip writes into this file of its cache; of every other it makes a new one and renames that.
WRITTEN_INTO = "origin.json"
CHUNK = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Cache:
    """``folder`` is what pip is told, None for no cache at all."""

    def __init__(self, report: Reporter, folder: Optional[str] = None, shared: str = "") -> None:
        self.folder = folder
        self._report = report
        self._shared = shared
        self._trusted = posixpath.dirname(shared)

    def words(self) -> Tuple[str, ...]:
        """Return pip's options."""
        return ("--cache-dir", self.folder) if self.folder else ("--no-cache-dir",)

    def keep(self) -> None:
        """Copy what is new into the shared cache, each file whole; what can't be is no loss, and is told."""
        if not self.folder:
            return
        new = [path for path in _files(self.folder) if _is_new(path, self._there(path))]
        failed: List[OSError] = []
        for path in sorted(new, key=lambda path: not path.endswith(BODY)):  # what is described first
            try:
                self._put(path)
            except OSError as error:
                failed.append(error)
        if failed:
            why = failed[0].strerror or failed[0]
            self._report.say(f"{len(failed)} of {len(new)} files were not kept in {self._trusted}: {why}")

    def _put(self, path: str) -> None:
        folder, name = posixpath.split(self._there(path))
        os.makedirs(self._trusted, exist_ok=True)
        self._make(folder)
        with open_directory(folder, self._trusted) as directory, open(path, "rb") as file:
            _copy(file, name, directory)

    def _make(self, folder: str) -> None:
        """Make a folder of the shared cache; a link that another of its users made isn't followed."""
        if folder != self._trusted and not os.path.lexists(folder):
            parent, name = posixpath.split(folder)
            self._make(parent)
            with open_directory(parent, self._trusted) as directory, contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=directory)

    def _there(self, path: str) -> str:
        return self._shared + path[len(str(self.folder)) :]


def private(system: System, report: Reporter, folder: Optional[str], own: str) -> Cache:
    """Return the cache for one run, made at ``own`` in a folder that is removed with the run.

    ``folder`` is the shared one, left as it is without ``keep``, or None for none. To root another user's cache is
    none either: what lies there would be installed as it is.
    """
    shared = trusted(system, report, folder, PIP)
    if shared is None:
        return Cache(report)
    _view(system, shared, own)
    return Cache(report, own, shared)


def trusted(system: System, report: Reporter, folder: Optional[str], part: str) -> Optional[str]:
    """Return the folder of one ``part`` of the shared cache, None where there is none that may be used."""
    if folder is None:
        return None
    folder = system.realpath(folder)
    shared = posixpath.join(folder, part)
    for path in (folder, shared):
        info = system.status(path)
        if system.uid == 0 and info and info.st_uid != 0:
            report.say(f"{folder} is not used as a cache: {path} belongs to user {info.st_uid}, and this one is root")
            return None
    return shared


def _view(system: System, shared: str, own: str) -> None:
    """Link to each file of the shared cache; one that gets no link is fetched again."""
    os.makedirs(own, exist_ok=True)
    for path, info in system.walk(shared):
        there = own + path[len(shared) :]
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(info.st_mode):
                os.makedirs(there, exist_ok=True)
            elif stat.S_ISREG(info.st_mode) and os.access(path, os.R_OK):
                if posixpath.basename(path) == WRITTEN_INTO:
                    with open(there, "wb") as file:
                        file.write(system.read(path))
                else:
                    os.symlink(path, there)


def _files(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (posixpath.join(place, name) for name in names)


def _is_new(path: str, there: str) -> bool:
    if os.path.islink(path):
        return False
    try:
        return not filecmp.cmp(path, there, shallow=False)
    except OSError:
        return True


def _copy(file: BinaryIO, name: str, directory: int) -> None:
    part = f".venvboot-{os.urandom(8).hex()}.part"
    descriptor = os.open(part, _NEW, 0o600, dir_fd=directory)
    try:
        with os.fdopen(descriptor, "wb") as new:
            while chunk := file.read(CHUNK):
                new.write(chunk)
            os.fchmod(descriptor, stat.S_IMODE(os.fstat(file.fileno()).st_mode))
        try:
            os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
        except IsADirectoryError:
            tree(name, dir_fd=directory)
            os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part, dir_fd=directory)
        raise
