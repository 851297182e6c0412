"""The folder in an environment where a sync prepares what it will move into place, and how it does that.

``DEST/.venvboot-sync`` is closed to the others of the group (2700), and held open: whoever may write DEST can give
another folder its name, and nothing is written or read by that name. In it are trees as they will be below DEST:

- ``<number>-<name>/files`` and ``<number>-<name>/metadata``, a distribution to come,
- ``removed``, the RECORD of each distribution that goes,
- ``incoming``, the names of what pip is about to bring, where that installs,
- ``committing``, from the moment on where something outside is changed.

A distribution's metadata is moved last. So whatever is killed at whatever moment: what isn't whole has its RECORD in
here, or its name, and the next run removes it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import posixpath
import stat
from typing import Callable, Collection, Dict, Iterator, List, Sequence, Tuple

from venvboot.apply import removal
from venvboot.apply.sharing import CLOSED_MODE, UMASK
from venvboot.descriptors import open_directory, share, tree
from venvboot.errors import NotWritten, Refused, VenvbootError
from venvboot.facts import installed_files
from venvboot.facts.distributions import libraries, parse
from venvboot.facts.installed_files import RECORD, Recorded
from venvboot.facts.stages import NAME, SWEPT
from venvboot.facts.wheel_archive import DEEPEST, INFO, RECORD_LIMIT
from venvboot.model import Finding, Record, Severity
from venvboot.system import System

FILES, METADATA, REMOVED, INCOMING, COMMITTING = "files", "metadata", "removed", "incoming", "committing"
PUT_ASIDE = "~"  # how pip begins the names of what it puts aside; no module can be called that
FOLDER_MODE, FILE_MODE, SWEPT_MODE = 0o775, 0o600, 0o664
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# There is a folder of that name, or one that overlayfs can't replace
_THERE = (errno.EEXIST, errno.ENOTEMPTY, errno.EXDEV)


class Stage:
    """A stage, open as ``folder`` and held against other runs."""

    def __init__(self, system: System, record: Record, folder: int) -> None:
        self.path = posixpath.join(record.dest, NAME)
        self.folder = folder
        self._system = system
        self._record = record

    @property
    def is_committing(self) -> bool:
        """Whether something outside has been changed, and not all of it yet."""
        return COMMITTING in os.listdir(self.folder)

    def commit(self, going: Sequence[str], places: Sequence[str], first: Callable[[], None] = lambda: None) -> None:
        """Remove the distributions ``going``, and move to DEST what the ``places`` (names of folders in here) hold.

        ``going`` are metadata folders in a site-packages. Raises VenvbootError where something is in the way, before
        anything is changed. ``first`` is the first change; where it raises, there is no other.
        """
        with self._system.umask(UMASK):
            recorded = [one for info in going for one in [installed_files.read(self._system, info)] if one]
            self._refuse_obstacles(recorded, places)
            for one in recorded:
                self._note(one)
            first()
            self._write(COMMITTING, b"")
            self._remove(REMOVED)
            for place in places:
                for part in (FILES, METADATA):
                    with _below(f"{place}/{part}", self.folder) as source, self._dest() as target:
                        _merge(source, target)
            self.clear()

    def give_over(self, going: Sequence[str], incoming: Collection[str]) -> None:
        """Note that pip begins to remove the distributions ``going`` (metadata folders) and to bring ``incoming``."""
        with self._system.umask(UMASK):
            for one in filter(None, (installed_files.read(self._system, info) for info in going)):
                self._note(one)
            self._write(INCOMING, "\n".join(incoming).encode())
            self._write(COMMITTING, b"")

    def sweep(self) -> None:
        """Remove what a killed run left half done. That this may be missed is noted outside, where it stays."""
        if self.is_committing:
            swept = posixpath.join(self._record.dest, SWEPT)
            if self._system.is_absent(swept):
                self._system.write(swept, b"", SWEPT_MODE, trusted=self._record.dest)
            for name in os.listdir(self.folder):
                self._remove(name if name == REMOVED else f"{name}/{METADATA}")
            self._remove_brought()
        self.clear()

    def clear(self) -> None:
        """Empty the stage; what tells of a commit goes last."""
        for name in sorted(os.listdir(self.folder), key=lambda name: name == COMMITTING):
            tree(name, dir_fd=self.folder)

    def _note(self, going: Recorded) -> None:
        """Note what a distribution that goes has installed. Its folder can't be moved: overlayfs refuses that."""
        place = f"{REMOVED}{going.library[len(self._record.dest) :]}/{going.folder}"
        make_folders(place, self.folder)
        self._write(f"{place}/{RECORD}", going.content)

    def _write(self, name: str, content: bytes) -> None:
        with os.fdopen(os.open(name, _NEW, FILE_MODE, dir_fd=self.folder), "wb") as file:
            file.write(content)

    def _remove_brought(self) -> None:
        """Remove from DEST what pip was about to bring, and the folders that it had put aside."""
        try:
            with os.fdopen(os.open(INCOMING, _READ, dir_fd=self.folder), "rb") as file:
                names = file.read(RECORD_LIMIT).decode("utf-8", "replace").split("\n")
        except FileNotFoundError:
            return
        for library in libraries(self._system, self._record):
            found = [parse(path) for path in installed_files.metadata_of(self._system, library)]
            brought = [one.location for one in found if one and one.name in names]
            whole = [installed_files.read(self._system, info) for info in brought]
            going = [one or Recorded(posixpath.basename(info), library, b"") for one, info in zip(whole, brought)]
            removal.remove(self._system, self._record, going)
            with open_directory(library, self._record.dest) as folder:
                for name in os.listdir(folder):
                    if name.startswith(PUT_ASIDE):
                        tree(name, dir_fd=folder)

    def _remove(self, top: str) -> None:
        """Remove from DEST the files of the distributions whose metadata is in a tree of the stage."""
        found: List[Recorded] = []
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for path, folders, names, folder in os.fwalk(top, dir_fd=self.folder):
                if path.count("/") > DEEPEST:  # no sync has made that
                    folders.clear()
                library, name = posixpath.split(self._record.dest + path[len(top) :])
                if name.endswith(INFO) and RECORD in names:
                    with os.fdopen(os.open(RECORD, _READ, dir_fd=folder), "rb") as file:
                        found.append(Recorded(name, library, file.read(RECORD_LIMIT)))
        if found:
            removal.remove(self._system, self._record, found)

    def _refuse_obstacles(self, going: Sequence[Recorded], places: Sequence[str]) -> None:
        """Raise VenvbootError for a file where a folder belongs, or the other way about."""
        for clash in self._clashes(places, ""):
            raise VenvbootError(clash)
        freed = removal.files(self._system, self._record, going)
        for part in (f"{place}/{part}" for place in places for part in (FILES, METADATA)):
            with _below(part, self.folder) as source, self._dest() as target:
                for path, found in _different(source, target, self._record.dest):
                    if not removal.is_all(self._system, path, freed):
                        raise VenvbootError(_in_the_way(path, found))

    def _clashes(self, places: Sequence[str], path: str) -> Iterator[Finding]:
        """Give a finding for each path that is a file in one of the ``places`` and a folder in another."""
        found: Dict[str, Tuple[List[str], List[str]]] = {}
        for place in places:
            with _below(f"{place}/{FILES}{path}", self.folder) as folder, os.scandir(folder) as entries:
                for entry in entries:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    found.setdefault(entry.name, ([], []))[is_folder].append(place)
        for name, (files, folders) in sorted(found.items()):
            if files and folders:
                yield _two_kinds(f"{self._record.dest}{path}/{name}", files[0], folders[0])
            elif len(folders) > 1:
                yield from self._clashes(folders, f"{path}/{name}")

    @contextlib.contextmanager
    def _dest(self) -> Iterator[int]:
        with open_directory(self._record.dest, self._record.dest) as folder:
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
        raise _not_written(record.dest, error) from None


def sweep(system: System, record: Record) -> None:
    """Remove the stage that a killed run left, if any, and from the environment what it left half done.

    What that takes away is missed until a sync has come to its end, which calls ``finish``. What bears its name and
    is no folder is removed too. Raises Refused where a run is at work, or where it was another user's, which root
    alone may see into.
    """
    if system.is_absent(posixpath.join(record.dest, NAME)):
        return
    try:
        with open_directory(record.dest, record.dest) as dest:
            info = os.stat(NAME, dir_fd=dest, follow_symlinks=False)
            if not stat.S_ISDIR(info.st_mode):
                os.unlink(NAME, dir_fd=dest)
                return
            if os.geteuid() not in (0, info.st_uid):
                raise Refused(_of_another(posixpath.join(record.dest, NAME), info.st_uid))
            with _below(NAME, dest) as folder:
                stage = Stage(system, record, folder)
                _hold(stage.path, folder)
                stage.sweep()
                os.rmdir(NAME, dir_fd=dest)
    except OSError as error:
        raise _not_written(record.dest, error) from None


def finish(system: System, record: Record) -> None:
    """Note that a sync has come to its end, after which nothing is missed of what was swept. Raises NotWritten."""
    swept = posixpath.join(record.dest, SWEPT)
    if not system.is_absent(swept):
        try:
            with open_directory(record.dest, record.dest) as dest:
                tree(SWEPT, dir_fd=dest)
        except OSError as error:
            raise NotWritten(swept, error) from None


def make_folders(path: str, folder: int) -> None:
    """Make a folder below an open one, and those above it; they inherit its group, and the setgid bit."""
    with contextlib.suppress(FileExistsError):
        try:
            os.mkdir(path, FOLDER_MODE, dir_fd=folder)
        except FileNotFoundError:
            make_folders(posixpath.dirname(path), folder)
            os.mkdir(path, FOLDER_MODE, dir_fd=folder)


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
                os.mkdir(name, FOLDER_MODE, dir_fd=target)
            with _below(name, source) as inner, _below(name, target) as its_target:
                _merge(inner, its_target)


def _different(source: int, target: int, path: str) -> Iterator[Tuple[str, os.stat_result]]:
    """Give what in one open folder isn't of the kind (folder or not) that it is in the other, and its status."""
    for name in os.listdir(source):
        try:
            found = os.stat(name, dir_fd=target, follow_symlinks=False)
        except FileNotFoundError:
            continue
        its_path = posixpath.join(path, name)
        is_folder = stat.S_ISDIR(os.stat(name, dir_fd=source, follow_symlinks=False).st_mode)
        if is_folder != stat.S_ISDIR(found.st_mode):
            yield its_path, found
        elif is_folder:
            with _below(name, source) as inner, _below(name, target) as its_target:
                yield from _different(inner, its_target, its_path)


def _not_written(dest: str, error: OSError) -> NotWritten:
    """Most names are those in a folder that was open, and tell a person nothing."""
    name = str(error.filename or "")
    return NotWritten(name if name.startswith("/") else dest, error)


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


def _two_kinds(path: str, file: str, folder: str) -> Finding:
    one, other = (place.partition("-")[2] for place in (file, folder))
    return Finding(
        "in-the-way",
        Severity.ERROR,
        path,
        f"two distributions of the lock can't be installed beside each other: {one} and {other}",
        f"{path} would be a file of {one} and a folder of {other}. Nothing was changed",
        "lock without one of them, or another version",
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
