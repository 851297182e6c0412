"""The folder in an environment where a sync prepares what it will move into place, and how it does that.

``DEST/.venvboot-sync`` is closed to the others of the group (2700), so that nobody can put a link into it. In it are
trees as they will be below DEST:

- ``<number>-<name>/files`` and ``<number>-<name>/metadata``, a distribution to come,
- ``removed``, the metadata of distributions that go: with that they have stopped being installed, and their files
  follow, by its RECORD,
- ``committing``, from the moment on where something outside is changed.

A distribution's metadata comes last and goes first. So whatever is killed at whatever moment: what isn't whole has
its RECORD in here, and the next run removes it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import posixpath
import stat
from typing import Iterator, Sequence, Tuple

from venvboot.apply import removal
from venvboot.apply.sharing import CLOSED_MODE, UMASK
from venvboot.descriptors import open_directory, share
from venvboot.errors import NotWritten, Refused, VenvbootError
from venvboot.facts.installed_files import INFO
from venvboot.facts.stages import NAME
from venvboot.model import Finding, Record, Severity
from venvboot.system import System

FILES, METADATA, REMOVED, COMMITTING = "files", "metadata", "removed", "committing"
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# There is a folder of that name, or one that overlayfs can't replace
_THERE = (errno.EEXIST, errno.ENOTEMPTY, errno.EXDEV)


class Stage:
    """A stage that is open, and held against other runs."""

    def __init__(self, system: System, record: Record, folder: int) -> None:
        self.path = posixpath.join(record.dest, NAME)
        self._system = system
        self._record = record
        self._folder = folder

    def place(self, number: int, name: str) -> str:
        """Return the folder for one distribution to come."""
        return posixpath.join(self.path, f"{number:04}-{name}")

    @property
    def is_committing(self) -> bool:
        """Whether something outside has been changed, and not all of it yet."""
        return COMMITTING in os.listdir(self._folder)

    def commit(self, going: Sequence[str], places: Sequence[str]) -> None:
        """Remove the distributions ``going``, and move to DEST what the ``places`` hold.

        ``going`` are metadata folders in a site-packages. Raises VenvbootError where something is in the way, before
        anything is changed.
        """
        with self._system.umask(UMASK):
            self._refuse_obstacles(going, places)
            os.close(os.open(COMMITTING, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600, dir_fd=self._folder))
            for info in going:
                self._withdraw(info)
            self._remove(posixpath.join(self.path, REMOVED))
            for place in places:
                for part in (FILES, METADATA):
                    with self._open(posixpath.join(place, part)) as source, self._open(self._record.dest) as target:
                        _merge(source, target)
            self.clear()

    def sweep(self) -> None:
        """Remove what a killed run left half done."""
        if self.is_committing:
            for name in os.listdir(self._folder):
                self._remove(posixpath.join(self.path, name, *([] if name == REMOVED else [METADATA])))
        self.clear()

    def clear(self) -> None:
        """Empty the stage; what tells of a commit goes last."""
        for name in sorted(os.listdir(self._folder), key=lambda name: name == COMMITTING):
            if stat.S_ISDIR(os.stat(name, dir_fd=self._folder, follow_symlinks=False).st_mode):
                self._system.empty_directory(posixpath.join(self.path, name))
                os.rmdir(name, dir_fd=self._folder)
            else:
                os.unlink(name, dir_fd=self._folder)

    def _withdraw(self, info: str) -> None:
        """Take the metadata of a distribution out of its site-packages."""
        folder, name = posixpath.split(info)
        withdrawn = posixpath.join(self.path, REMOVED) + folder[len(self._record.dest) :]
        os.makedirs(withdrawn, exist_ok=True)
        with self._open(folder) as source, self._open(withdrawn) as target:
            os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)

    def _remove(self, tree: str) -> None:
        """Remove from DEST the files of the distributions whose metadata is in ``tree``."""
        found = [path for path, info in self._system.walk(tree) if path.endswith(INFO) and stat.S_ISDIR(info.st_mode)]
        going = [(path, self._record.dest + posixpath.dirname(path)[len(tree) :]) for path in found]
        if going:
            removal.remove(self._system, self._record, going)

    def _refuse_obstacles(self, going: Sequence[str], places: Sequence[str]) -> None:
        """Raise VenvbootError for a file where a folder belongs, or the other way about."""
        freed = removal.files(self._system, self._record, [(info, posixpath.dirname(info)) for info in going])
        for place in places:
            top = posixpath.join(place, FILES)
            for there, found, is_folder in self._meeting(top, self._record.dest):
                if is_folder != stat.S_ISDIR(found.st_mode) and there not in freed:
                    raise VenvbootError(_in_the_way(there, found))

    def _meeting(self, folder: str, there: str) -> Iterator[Tuple[str, os.stat_result, bool]]:
        """Give what stands where something of ``folder`` will be, and whether that is a folder."""
        for entry in os.scandir(folder):
            path, is_folder = posixpath.join(there, entry.name), entry.is_dir(follow_symlinks=False)
            found = self._system.status(path)
            if found:
                yield path, found, is_folder
                if is_folder and stat.S_ISDIR(found.st_mode):
                    yield from self._meeting(entry.path, path)

    @contextlib.contextmanager
    def _open(self, path: str) -> Iterator[int]:
        with open_directory(path, self._record.dest) as folder:
            yield folder


@contextlib.contextmanager
def opened(system: System, record: Record) -> Iterator[Stage]:
    """Give a new stage of an environment, and remove it afterwards, unless a commit didn't come to its end.

    Raises Refused where another run is at work, and NotWritten.
    """
    try:
        with open_directory(record.dest, record.dest) as dest:
            os.mkdir(NAME, 0o700, dir_fd=dest)
            with _below(NAME, dest) as folder:
                stage = Stage(system, record, folder)
                _hold(stage.path, folder)
                share(folder, CLOSED_MODE, record.group)
                try:
                    yield stage
                finally:
                    if not stage.is_committing:
                        stage.clear()
                        os.rmdir(NAME, dir_fd=dest)
    except FileExistsError:
        raise Refused(_at_work(posixpath.join(record.dest, NAME))) from None
    except OSError as error:
        raise NotWritten(str(error.filename or record.dest), error) from None


def sweep(system: System, record: Record) -> None:
    """Remove the stage that a killed run left, and from the environment what it left half done.

    Raises Refused where a run is at work, or where it was another user's, which root alone may see into.
    """
    try:
        with open_directory(record.dest, record.dest) as dest, _below(NAME, dest) as folder:
            stage = Stage(system, record, folder)
            owner = os.fstat(folder).st_uid
            if os.geteuid() not in (0, owner):
                raise Refused(_of_another(stage.path, owner))
            _hold(stage.path, folder)
            stage.sweep()
            os.rmdir(NAME, dir_fd=dest)
    except OSError as error:
        raise NotWritten(str(error.filename or record.dest), error) from None


def _hold(path: str, folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(_at_work(path)) from None


@contextlib.contextmanager
def _below(name: str, folder: int) -> Iterator[int]:
    descriptor = os.open(name, _OPEN, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _merge(source: int, target: int) -> None:
    """Move all that is in one open folder into another: a whole folder where there is none of that name."""
    for name in sorted(os.listdir(source)):
        try:
            os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)
        except OSError as error:
            if error.errno not in _THERE:
                raise
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o775, dir_fd=target)
            with _below(name, source) as inner, _below(name, target) as its_target:
                _merge(inner, its_target)


def _in_the_way(path: str, found: os.stat_result) -> Finding:
    kind = "folder" if stat.S_ISDIR(found.st_mode) else "link" if stat.S_ISLNK(found.st_mode) else "file"
    return Finding(
        "in-the-way",
        Severity.ERROR,
        path,
        f"a {kind} stands where a distribution of the lock brings something else: {path}",
        "no distribution that goes has brought it: it was made by hand or by another tool. Nothing was changed",
        f"look at it, and remove it: rm -r {path}",
    )


def _at_work(path: str) -> Finding:
    return Finding(
        "sync-running",
        Severity.ERROR,
        path,
        f"another sync is at work in {posixpath.dirname(path)}",
        f"it holds {path}",
        "wait for it: two at once would undo each other's work",
    )


def _of_another(path: str, uid: int) -> Finding:
    return Finding(
        "sync-unfinished",
        Severity.ERROR,
        path,
        f"a sync of user {uid} in {posixpath.dirname(path)} was interrupted",
        f"{path} is that user's, and tells what was left half done",
        f"run venvboot sync as user {uid}, or as root",
    )
