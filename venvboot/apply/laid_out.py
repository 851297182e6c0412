"""What became of a wheel where it was laid out, kept in the cache: the next time those files are copied.

It depends on the wheel, on where its files go, and on what lays it out. Bytecode, times, and the rows of RECORD that
tell of bytecode are made each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pkgutil
import posixpath
import sys
from enum import IntEnum
from typing import BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from venvboot import toolchain
from venvboot.apply import indexed
from venvboot.model import Scheme, Wheel
from venvboot.system import System

LARGEST = 256 << 20  # bytes of one wheel's files: what is larger isn't kept
FILE_MODE, PROGRAM_MODE = 0o664, 0o775  # under umask 002; the setgid bit is inherited

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MODULES = (
    ("apply", "laid_out"),
    ("apply", "layout"),
    ("apply", "placing"),
    ("apply", "wheel_source"),
    ("facts", "entry_points"),
    ("policy", "scripts"),
)

Rows = Dict[str, Tuple[str, str, str]]  # of RECORD, by path: that, digest, size
Content = Union[bytes, memoryview]


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


def program() -> str:
    """Return a digest of what lays wheels out: modules of venvboot, the library, and the Python that runs them."""
    digest = hashlib.sha256(json.dumps([toolchain.identity() or _library(), sys.version_info[:2]]).encode())
    for package, module in _MODULES:
        digest.update(pkgutil.get_data(f"venvboot.{package}", f"{module}.py") or b"")
    return digest.hexdigest()


def _library() -> str:
    from importlib.metadata import version  # noqa: PLC0415  # for an ordinary installation alone

    return version("installer")


def name(made_by: str, wheel: Wheel, scheme: Scheme, version: str, script: str) -> str:
    """Return the name of the file for ``wheel``; ``made_by`` is a ``program``, ``version`` the Python's (3.11.2)."""
    decisive = [made_by, wheel.sha256, wheel.name, version, script]
    decisive += [scheme.purelib, scheme.platlib, scheme.headers, scheme.scripts, scheme.data, scheme.python]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


class LaidOut:
    """Such a file, open; ``record`` is the path of RECORD, its ``rows`` have paths from the folder ``library`` on."""

    def __init__(self, file: BinaryIO, name: str, dest: str) -> None:
        """Raises ValueError for one that is damaged, is kept for another ``name``, or leads out of ``dest``."""
        self._reader = indexed.Reader(file)
        try:
            told = self._reader.index
            self.library, self.record = str(told["library"]), str(told["record"])
            self.rows: Rows = {str(path): (str(path), str(digest), str(size)) for path, digest, size in told["rows"]}
            self.files = tuple(_files(told["files"]))
            is_for_this = told["name"] == name
        except (LookupError, TypeError) as error:
            raise ValueError(str(error)) from None
        finals = {self.record, *(one.final for one in self.files)}
        known = {from_folder(self.library, final) for final in finals}
        if not (
            is_for_this
            and len(finals) == len(self.files) + 1
            and all(_is_below(dest, path) for path in (self.library, *finals))
            and known.issuperset(self.rows)
            and sum(one.length for one in self.files) == self._reader.size
        ):
            raise ValueError("it isn't what is kept here")

    def content(self, file: File) -> Iterator[memoryview]:
        return self._reader.parts(file.start, file.length)


@contextlib.contextmanager
def opened(system: System, path: Optional[str], dest: str) -> Iterator[Optional[LaidOut]]:
    """Give what is kept at ``path``, which ends with its name; None where there is nothing, or nothing whole."""
    with contextlib.ExitStack() as stack:
        found = None
        with contextlib.suppress(OSError, ValueError, RecursionError):
            if path:
                found = LaidOut(stack.enter_context(system.open_file(path)), posixpath.basename(path), dest)
        yield found


def _files(told: Sequence[Tuple[str, int, int, int]]) -> Iterator[File]:
    start = 0
    for final, mode, kind, length in told:
        if mode not in (FILE_MODE, PROGRAM_MODE) or not isinstance(length, int) or length < 0:
            raise ValueError(final)
        yield File(str(final), int(mode), Kind(kind), start, length)
        start += length


def _is_below(dest: str, path: str) -> bool:
    return path.startswith(f"{dest}/") and posixpath.normpath(path) == path and "\0" not in path


class Keeping:
    """Notes what is laid out in a new file at ``path``, called as what is kept; where that can't be, all goes on."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: Optional[BinaryIO] = None
        self._files: List[Tuple[str, int, int, int]] = []
        with contextlib.suppress(OSError):
            os.makedirs(posixpath.dirname(path), exist_ok=True)
            self._file = os.fdopen(os.open(path, _NEW, 0o644), "wb")
            self._writer = indexed.Writer(self._file)

    def add(self, content: Content) -> None:
        """Take the next part of a file."""
        if self._file:
            try:
                self._writer.add(content)
            except OSError:
                self._drop()

    def end(self, final: str, mode: int, kind: Kind, length: int) -> None:
        """Take the rest of what there is to say of it."""
        self._files.append((final, mode, int(kind), length))

    def finish(self, library: str, record: str, rows: Rows) -> None:
        """Tell what RECORD holds besides bytecode; paths are those from ``library`` on."""
        if self._file:
            try:
                told = {"library": library, "record": record, "rows": [*rows.values()], "files": self._files}
                self._writer.finish({**told, "name": posixpath.basename(self._path)})
                self._file.close()
            except OSError:
                self._drop()

    def _drop(self) -> None:
        """What has no end would be called damaged."""
        assert self._file  # noqa: S101  # only what was opened
        with contextlib.suppress(OSError):
            self._file.close()
        self._file = None
        with contextlib.suppress(OSError):
            os.unlink(self._path)


def from_folder(folder: str, path: str) -> str:
    """Return ``path`` as RECORD has it: from ``folder`` on."""
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else posixpath.relpath(path, folder)
