"""What syncs keep in the cache: wheels by their digest, which was chosen for a pin, what they became, compiled code.

It is read where it lies, and believed only as far as digests go: a wheel has to be the one that the lock names. What
is new is gathered in the folder of the run, and copied into the cache when all has gone well.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import posixpath
import re
import time
from typing import Collection, Iterator, List, Optional, Tuple

from venvboot.apply.cache import Cache, trusted
from venvboot.descriptors import open_directory, tree
from venvboot.model import Pin, Wheel
from venvboot.report import Reporter
from venvboot.system import System

PART = "sync"
WHEELS, CHOICES, LAID_OUT, BYTECODE, TOOLS = "wheels", "choices", "laid-out", "bytecode", "tools"
CHOICE_LIMIT = 1 << 16  # bytes
PATIENCE = 5.0  # seconds: as long as it takes to remove what is too much

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Store:
    """The store for one run; ``own`` is a new folder in that of the run. ``shared``: None where nothing is kept."""

    def __init__(self, system: System, report: Reporter, cache: Optional[str], own: str) -> None:
        self.shared = trusted(system, report, cache, PART)
        self._system = system
        self._report = report
        self._own = own
        self._used: List[str] = []
        self._held: Optional[int] = None

    # -- at the same time ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep other runs from removing anything from the cache, for the time of the block."""
        self._held = self._opened()
        try:
            if self._held is not None:
                _lock(self._held, fcntl.LOCK_SH)
            yield
        finally:
            if self._held is not None:
                os.close(self._held)
            self._held = None

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Tell whether no other run has the cache in use, and keep it so for the time of the block."""
        held = self._opened() if self._held is None else self._held
        try:
            yield held is not None and _lock(held, fcntl.LOCK_EX, patience=0)
        finally:
            if held is not None and held != self._held:
                os.close(held)

    def _opened(self) -> Optional[int]:
        with contextlib.suppress(OSError):
            if self.shared is not None:
                return os.open(self.shared, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return None

    # -- wheels ----------------------------------------------------------------------------------------------

    def find(self, pin: Pin, tags: str, options: str) -> Optional[Wheel]:
        """Return the wheel that was chosen for a pin before, whole or not; None where there is none.

        ``tags`` is the digest of what the Python can use, ``options`` what else decides.
        """
        if self.shared is None:
            return None
        path = posixpath.join(self.shared, CHOICES, _key(pin, tags, options))
        try:
            told = json.loads(self._system.read(path, CHOICE_LIMIT))
            sha256, file, built = str(told["sha256"]), str(told["file"]), told["built"] is True
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        wheel = posixpath.join(self.shared, WHEELS, sha256, file)
        info = self._system.status(wheel)
        if not _SHA256.match(sha256) or "/" in file or not file.endswith(".whl") or info is None:
            return None
        if not built and sha256 not in pin.hashes:  # what was built here has a digest that no lock knows
            return None
        self.used(path, wheel)
        return Wheel(pin.name, pin.version, wheel, sha256, info.st_size, built)

    def of_digests(self, wanted: Collection[str]) -> List[Wheel]:
        """Return the wheels of the cache with digests among those ``wanted``, whole or not."""
        if self.shared is None:
            return []
        top = posixpath.join(self.shared, WHEELS)
        paths = [
            (sha256, posixpath.join(top, sha256, file))
            for sha256 in self._system.list_directory(top)
            if sha256 in wanted
            for file in self._system.list_directory(posixpath.join(top, sha256))
        ]
        known = [(sha256, path, self._system.status(path)) for sha256, path in paths]
        return [Wheel("", "", path, sha256, info.st_size, False) for sha256, path, info in known if info]

    def take(self, pin: Pin, tags: str, options: str, path: str) -> Wheel:
        """Return a wheel that was fetched to ``path``, which becomes one of the store's."""
        size = os.stat(path).st_size
        sha256 = self._system.digest(path, limit=size)
        assert sha256 is not None  # noqa: S101  # it was written in this run
        built = sha256 not in pin.hashes
        file = posixpath.basename(path)
        kept = posixpath.join(self._own, WHEELS, sha256, file)
        os.makedirs(posixpath.dirname(kept), exist_ok=True)
        os.rename(path, kept)
        choice = posixpath.join(self._own, CHOICES, _key(pin, tags, options))
        os.makedirs(posixpath.dirname(choice), exist_ok=True)
        told = json.dumps({"sha256": sha256, "file": file, "built": built})
        self._system.write(choice, told.encode(), 0o644)
        return Wheel(pin.name, pin.version, kept, sha256, size, built)

    # -- what wheels became ----------------------------------------------------------------------------------

    def laid_out(self, name: str) -> Optional[str]:
        """Return the path of what a wheel became in an earlier run, whole or not."""
        return self._found(LAID_OUT, name, self.shared)

    def new_laid_out(self, name: str) -> Optional[str]:
        """Return the path for a new one, None where nothing is kept."""
        return posixpath.join(self._own, LAID_OUT, name) if self.shared else None

    def room(self) -> int:
        """Return how many bytes there is room for both in the folder of the run and in the cache."""
        return min(self._system.free(folder) for folder in (self._own, self.shared) if folder)

    def bytecode(self, name: str) -> Optional[str]:
        """Return the path of compiled code of that name, of this run or of an earlier one."""
        return self._found(BYTECODE, name, self._own, self.shared)

    def has(self, path: str) -> bool:
        """Tell whether that is the path of a file of the cache, and not of one of this run."""
        return self.shared is not None and path.startswith(f"{self.shared}/")

    def new_bytecode(self, name: str) -> str:
        return posixpath.join(self._own, BYTECODE, name)

    def _found(self, part: str, name: str, *folders: Optional[str]) -> Optional[str]:
        paths = (posixpath.join(folder, part, name) for folder in folders if folder)
        return next((path for path in paths if self._system.is_file(path)), None)

    # -- venvboot's own libraries ----------------------------------------------------------------------------

    def tools(self, key: str) -> Tuple[str, ...]:
        """Return the archives of that key."""
        return self._system.glob(posixpath.join(self.shared, TOOLS, f"{key}-*.zip")) if self.shared else ()

    def drop(self, path: str) -> None:
        """Remove what of the cache isn't as it was written; where that can't be, it is looked at again."""
        assert self.shared is not None  # noqa: S101  # it was found there
        folder, name = posixpath.split(path)
        with contextlib.suppress(OSError), open_directory(folder, self.shared) as directory:
            tree(name, dir_fd=directory)

    def new_tools(self, name: str) -> str:
        """Return the path for a new archive, in a folder that is there."""
        path = posixpath.join(self._own, TOOLS, name)
        os.makedirs(posixpath.dirname(path), exist_ok=True)
        return path

    # -- keeping ---------------------------------------------------------------------------------------------

    def used(self, *paths: str) -> None:
        """Take note that files of the cache were of use in this run."""
        self._used.extend(paths)

    def keep(self) -> None:
        """Copy what is new into the cache; what was of use there has the time of that."""
        if self.shared is None:
            return
        Cache(self._report, self._own, self.shared).keep()
        now = time.time()
        for path in self._used:
            folder, name = posixpath.split(path)
            # What is of no use without its wheel is the first to go
            moment = now - 1 if posixpath.basename(folder) == LAID_OUT else now
            with contextlib.suppress(OSError), open_directory(folder, self.shared) as directory:
                os.utime(name, (moment, moment), dir_fd=directory, follow_symlinks=False)

    def entries(self) -> Iterator[Tuple[str, os.stat_result]]:
        """Give the files of the cache with their status."""
        if self.shared is not None:
            for path, info in self._system.walk(self.shared):
                if not self._system.is_directory(path):
                    yield path, info


def _lock(descriptor: int, how: int, patience: float = PATIENCE) -> bool:
    """Lock an open folder, and tell whether that could be; whoever may read it could hold it for ever."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
        except OSError:  # a file system without locks
            return False
        else:
            return True


def _key(pin: Pin, tags: str, options: str) -> str:
    decisive = [pin.name, pin.version, list(pin.hashes), tags, options]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()
