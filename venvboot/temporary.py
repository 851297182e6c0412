"""Private folders for the time of a run; those that killed runs left are removed by the next one.

In each is a file that its run holds locked, as long as any process of it lives. So what is nobody's can be told from
what is in use, and from what others have given such a name.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import tempfile
import time
from typing import Iterator, Optional

from venvboot import processes
from venvboot.descriptors import empty

PREFIX = "venvboot-"
LOCK = ".venvboot-run"
PATIENCE = 5.0  # seconds

_NAME = re.compile(rf"{PREFIX}[a-z0-9_]{{8}}\Z")  # as tempfile makes them
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def place() -> str:
    """Return the folder in which temporary ones are made."""
    return tempfile.gettempdir()


@contextlib.contextmanager
def private() -> Iterator[str]:
    """Give a folder (0700) in $TMPDIR that is removed at the end, also after a failure or an interruption.

    Raises OSError where there can be none.
    """
    with processes.uninterrupted():  # between the folder and who removes it
        _sweep(tempfile.gettempdir())
        folder = tempfile.TemporaryDirectory(prefix=PREFIX)
        try:
            lock = _locked(folder.name)
        except BaseException:
            folder.cleanup()
            raise
    try:
        yield folder.name
    finally:
        with processes.uninterrupted():
            _remove(folder)
            os.close(lock)


def _locked(folder: str) -> int:
    """Lock a new folder; it has its lock under the name that is looked for only when it is held."""
    path = os.path.join(folder, LOCK)
    descriptor = os.open(f"{path}.new", _NEW, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.rename(f"{path}.new", path)
    return descriptor


def _remove(folder: tempfile.TemporaryDirectory[str]) -> None:
    """Remove a temporary folder; what an interrupted run has started may write into it for a moment yet."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return folder.cleanup()
        except RecursionError:
            empty(folder.name)
        except OSError as error:
            if error.errno == errno.EMFILE:  # as deep as that
                empty(folder.name)
                continue
            if error.errno != errno.ENOTEMPTY or time.monotonic() > end:
                raise
            time.sleep(0.05)


def _sweep(place: str) -> None:
    """Remove what killed runs of this user have left in a folder, as far as it can be."""
    with contextlib.suppress(OSError), _opened(place, None, os.O_RDONLY | os.O_DIRECTORY) as folder:
        for name in os.listdir(folder):
            if _NAME.match(name):
                with contextlib.suppress(OSError):
                    _remove_left(name, folder)


def _remove_left(name: str, place: int) -> None:
    with _opened(name, place, os.O_RDONLY | os.O_DIRECTORY) as folder, _opened(LOCK, folder, os.O_RDWR) as lock:
        if os.fstat(folder).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            empty(".", folder, but=LOCK)  # which goes last: without it nobody would remove the rest
            os.unlink(LOCK, dir_fd=folder)
            os.rmdir(name, dir_fd=place)


@contextlib.contextmanager
def _opened(name: str, folder: Optional[int], flags: int) -> Iterator[int]:
    descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
