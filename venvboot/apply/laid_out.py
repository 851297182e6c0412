"""What became of a wheel where it was laid out, kept in the cache: the next time those files are copied.

They depend on the wheel, on where its files go and on this program. What stands in them but bytecode, times, and the
rows of RECORD that tell of bytecode: these are made each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import posixpath
from enum import IntEnum
from typing import BinaryIO, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from venvboot import toolchain
from venvboot.apply import indexed
from venvboot.apply.indexed import CHUNK
from venvboot.model import Scheme, Wheel
from venvboot.system import System

FORMAT = 1  # another number where wheels become something else than before
LARGEST = 256 << 20  # bytes of one wheel's files: keeping takes that much room twice for a time
FILE_MODE, PROGRAM_MODE = 0o664, 0o775  # under umask 002; the setgid bit is inherited

Row = Tuple[str, str, str]  # of RECORD: path, digest, size


class Kind(IntEnum):
    """Whether a file has bytecode: ``REWRITTEN`` is a source that isn't what it was in the wheel."""

    DATA = 0
    SOURCE = 1
    REWRITTEN = 2


class File(NamedTuple):
    """A file to stand at ``final``; its content is ``length`` bytes from ``start`` on."""

    final: str
    mode: int
    kind: Kind
    start: int
    length: int


def name(wheel: Wheel, scheme: Scheme, version: str, script: str) -> str:
    """Return the name of the file for ``wheel``, from all that decides; ``version`` is the Python's (3.11.2)."""
    decisive = [FORMAT, toolchain.identity(), wheel.sha256, wheel.name, version, script]
    decisive += [scheme.purelib, scheme.platlib, scheme.headers, scheme.scripts, scheme.data, scheme.python]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


class LaidOut:
    """Such a file, open; ``info`` is the metadata folder, ``record`` the path of its RECORD."""

    def __init__(self, file: BinaryIO, dest: str) -> None:
        """Raises ValueError for one that is damaged, or has files for a place outside of ``dest``."""
        self._reader = indexed.Reader(file)
        try:
            told = self._reader.index
            self.library, self.record = str(told["library"]), str(told["record"])
            self.rows: List[Row] = [(str(path), str(digest), str(size)) for path, digest, size in told["rows"]]
            self.files = tuple(_files(told["files"]))
        except (LookupError, TypeError) as error:
            raise ValueError(str(error)) from None
        outside = [path for path in (self.record, *(one.final for one in self.files)) if not _is_below(dest, path)]
        if outside or sum(one.length for one in self.files) != self._reader.size:
            raise ValueError("it isn't what is kept here")

    def content(self, file: File) -> Iterator[bytes]:
        for start in range(file.start, file.start + file.length, CHUNK):
            yield self._reader.read(start, min(CHUNK, file.start + file.length - start))


@contextlib.contextmanager
def opened(system: System, path: Optional[str], dest: str) -> Iterator[Optional[LaidOut]]:
    """Give what is kept at ``path``, None where there is nothing, or nothing whole."""
    with contextlib.ExitStack() as stack:
        found = None
        with contextlib.suppress(OSError, ValueError):
            found = LaidOut(stack.enter_context(system.open_file(path)), dest) if path else None
        yield found


def _files(told: Sequence[Tuple[str, int, int, int]]) -> Iterator[File]:
    start = 0
    for final, mode, kind, length in told:
        if mode not in (FILE_MODE, PROGRAM_MODE) or length < 0:
            raise ValueError(final)
        yield File(str(final), mode, Kind(kind), start, length)
        start += length


def _is_below(dest: str, path: str) -> bool:
    return path.startswith(f"{dest}/") and posixpath.normpath(path) == path


class Keeping:
    """Notes what is laid out in a new file at ``path``; what can't be, or is too large, isn't kept; all goes on."""

    def __init__(self, path: Optional[str]) -> None:
        self._file: Optional[BinaryIO] = None
        self._files: List[Tuple[str, int, int, int]] = []
        self._size = 0
        if path:
            with contextlib.suppress(OSError):
                os.makedirs(posixpath.dirname(path), exist_ok=True)
                self._file = open(path, "xb")  # noqa: SIM115  # until ``close``
                self._writer = indexed.Writer(self._file)

    def add(self, content: bytes) -> None:
        """Take the next part of a file."""
        self._size += len(content)
        if self._size > LARGEST:
            self._drop()
        if self._file:
            try:
                self._writer.add(content)
            except OSError:
                self._drop()

    def end(self, final: str, mode: int, kind: Kind, length: int) -> None:
        """Take the rest of what there is to say of it."""
        self._files.append((final, mode, int(kind), length))

    def finish(self, library: str, record: str, rows: Sequence[Row]) -> None:
        """Tell what RECORD holds besides bytecode; paths are those from ``library`` on."""
        if self._file:
            try:
                self._writer.finish({"library": library, "record": record, "rows": rows, "files": self._files})
                self._file.close()
            except OSError:
                self._drop()

    def _drop(self) -> None:
        """What has no end would be called damaged."""
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
            os.unlink(self._file.name)
        self._file = None
