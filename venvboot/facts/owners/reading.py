"""Reading a package database within bounds, and the answer that is made from what it lists.

A database is whatever stands in the image: it may be cut off, made up or endless.
"""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass, field
from typing import Collection, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from venvboot.facts.owners.paths import Sought
from venvboot.model import Owners, Ownership, SystemPackage
from venvboot.system import NAMES_LIMIT, System

FILE_LIMIT = 64 << 20  # bytes; a list of 100,000 files has about 10 MiB
TOTAL_LIMIT = 256 << 20  # bytes of one database; 750 packages list their files in 8 to 50 MiB
DOUBTS_LIMIT = 10
PATH_MAX = 4096


class Listed(NamedTuple):
    """A file of a package: where it lies, and what the database has of its digest and of the package's vendor.

    ``digest`` is the name of the algorithm and the hex digest of the content that the package installed, or the first
    part of it.
    """

    path: bytes
    package: SystemPackage
    digest: Optional[Tuple[str, str]] = None
    vendor: str = ""


@dataclass(frozen=True)
class OwnedFiles:
    """Files of one kind, path -> package, and of those that have one their digests as in ``Listed``.

    ``doubts`` and ``no_database`` as in Owners.
    """

    packages: Mapping[str, SystemPackage] = field(default_factory=dict)
    digests: Mapping[str, Tuple[str, str]] = field(default_factory=dict)
    doubts: Tuple[str, ...] = ()
    no_database: bool = False


class Reader:
    """Reads the files of one database of ``manager``: each whole or not at all, and all of them within bounds.

    What stands there and can't be read becomes a doubt; the first ten of them are kept.
    """

    def __init__(self, system: System, manager: str) -> None:
        self.system = system
        self._manager = manager
        self._left = TOTAL_LIMIT
        self._doubts: List[str] = []

    def doubt(self, path: str, why: str) -> None:
        if len(self._doubts) < DOUBTS_LIMIT:
            self._doubts.append(f"{self._manager} ({path}): {why}")

    def names(self, folder: str) -> Tuple[str, ...]:
        """Return the sorted names in a folder, none when there is no such folder or it can't be read."""
        try:
            names = self.system.names(folder)
        except OSError as error:
            self._failed(folder, error)
            return ()
        if len(names) == NAMES_LIMIT:
            self.doubt(folder, f"{NAMES_LIMIT} entries or more")
        return names

    def read(self, path: str, limit: int = FILE_LIMIT) -> bytes:
        """Return a file's content, nothing when there is no such file or it can't be read whole within ``limit``."""
        try:
            content = self.system.read_whole(path, min(limit, self._left))
        except OSError as error:
            self._failed(path, error)
            return b""
        self._left -= len(content)
        return content

    def whole_lines(self, path: str) -> bytes:
        """Return a file's content to the end of its last line; what stands behind that was cut off: a doubt."""
        content = self.read(path)
        if content and not content.endswith(b"\n"):
            self.doubt(path, "ends within a line")
            content = content[: content.rfind(b"\n") + 1]
        return content

    def lines(self, path: str) -> Iterator[bytes]:
        """Give the whole lines of a file with their ends."""
        # Not split(): millions of short lines would take ten times the memory of the file.
        return io.BytesIO(self.whole_lines(path))

    def owners(self, wanted: Mapping[bytes, Tuple[str, ...]], listed: Iterable[Listed]) -> Owners:
        """Return the owners of the ``wanted`` paths (see ``paths.wanted``); who lists a path first owns it."""
        found: Dict[str, Ownership] = {}
        for entry in listed:
            for path in wanted.get(entry.path, ()):
                if path not in found:
                    altered = self._altered(path, entry.digest)
                    found[path] = Ownership(entry.package, os.fsdecode(entry.path), altered, entry.vendor)
        return Owners(found, tuple(self._doubts))

    def files(self, sought: Sought, listed: Iterable[Listed], *, digests: bool, below: str = "") -> OwnedFiles:
        """Return those of the ``listed`` files that are ``sought``; who lists a path first owns it.

        ``below`` is the folder that the listed paths are relative to, when it isn't the root.
        """
        packages: Dict[str, SystemPackage] = {}
        found: Dict[str, Tuple[str, str]] = {}
        for entry in listed:
            path = below + os.fsdecode(entry.path)
            if entry.path in sought and path not in packages and len(path) <= PATH_MAX:
                packages[path] = entry.package
                if digests and entry.digest:
                    found[path] = entry.digest
        return OwnedFiles(packages, found, tuple(self._doubts))

    def _altered(self, path: str, digest: Optional[Tuple[str, str]]) -> bool:
        if digest is None:
            return False
        actual = self.system.digest(path, digest[0])
        return actual is not None and not actual.startswith(digest[1])

    def _failed(self, path: str, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError) or self.system.status(path) is not None:
            self.doubt(path, error.strerror or str(error))


def stands(system: System, path: str) -> bool:
    """Tell whether there is, or may be, anything at ``path`` but an empty file or an empty folder."""
    if system.is_absent(path):
        return False
    info = system.status(path)
    if info and stat.S_ISREG(info.st_mode):
        return info.st_size > 0
    try:
        return bool(system.names(path))
    except OSError:
        return True


def stanzas(content: bytes) -> Iterator[bytes]:
    """Give the parts of a file that empty lines set apart."""
    start = 0
    while start < len(content):
        end = content.find(b"\n\n", start)
        end = len(content) if end < 0 else end
        yield content[start:end]
        start = end + 2


def lines_with(content: bytes, words: Collection[bytes]) -> Iterator[bytes]:
    """Give the lines that have any of ``words`` in them, without their ends; one that has two may be given twice."""
    for word in words:
        found = content.find(word)
        while found >= 0:
            end = content.find(b"\n", found)
            end = len(content) if end < 0 else end
            yield content[content.rfind(b"\n", 0, found) + 1 : end]
            found = content.find(word, end + 1)


def text(name: bytes) -> str:
    """Return a name or path of the database for printing; the file system has none that is longer."""
    return name[:PATH_MAX].decode("utf-8", "replace")
