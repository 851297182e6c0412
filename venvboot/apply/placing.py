"""Put the files of one distribution into the stage: each written once, with final mode and time, and its bytecode."""

from __future__ import annotations

import csv
import io
import os
import posixpath
from dataclasses import dataclass
from typing import Iterable, Iterator, List, Optional, Set

from venvboot.apply.bytecode import Compiled, header
from venvboot.apply.laid_out import FILE_MODE, Content, Keeping, Kind, LaidOut, Rows, from_folder
from venvboot.apply.stage import FILES, METADATA, make_folders
from venvboot.errors import WheelNotValid
from venvboot.facts.installed_files import cached
from venvboot.model import Bytecode, Scheme, Wheel

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Layout:
    """How wheels are laid out for the environment ``dest``, in its open ``stage``.

    ``script`` is the text of a command with ``%(module)s``, ``%(import_name)s`` and ``%(func)s``; ``version`` is that
    of the Python (``3.11.2``), ``moment`` the time of all files (seconds since 1970).
    """

    dest: str
    stage: int
    scheme: Scheme
    version: str
    script: str
    bytecode: Bytecode
    cache_tag: str
    magic: bytes
    moment: int


class Placing:
    """Writes to ``place``, a new folder of the stage; ``files`` and ``size`` tell how much has been.

    In it ``files`` and ``metadata`` (the folder ``info``) get what belongs below DEST. What is written but bytecode
    and RECORD is noted in ``keeping``, where that is.
    """

    def __init__(
        self,
        wheel: Wheel,
        place: str,
        layout: Layout,
        info: str,
        code: Optional[Compiled],
        keeping: Optional[Keeping] = None,
    ) -> None:
        self.files = 0
        self.size = 0
        self._wheel, self._layout, self._code = wheel, layout, code
        self._keeping = keeping
        self._metadata = tuple(f"{library}/{info}/" for library in (layout.scheme.purelib, layout.scheme.platlib))
        self._bytecode: List[str] = []
        self._folders: Set[str] = set()
        self._staged_files, self._staged_metadata = (f"{place}/{part}" for part in (FILES, METADATA))
        for folder in (self._staged_files, self._staged_metadata):
            make_folders(folder, layout.stage)

    def put(self, final: str, content: Iterable[Content], mode: int, kind: Kind = Kind.DATA) -> None:
        """Write what belongs at ``final``, and its bytecode. Raises WheelNotValid where there is a file already."""
        size = self._write(final, _noted(content, self._keeping) if self._keeping else content, mode)
        if self._keeping:
            self._keeping.end(final, mode, kind, size)
        # A hash is that of the source as it was in the wheel
        if kind is Kind.SOURCE or (kind is Kind.REWRITTEN and self._layout.bytecode is Bytecode.TIMESTAMP):
            self._put_bytecode(final, size)

    def finish(self, library: str, record: str, rows: Rows) -> None:
        """Write RECORD at the path ``record``: ``rows`` by path from ``library`` on, bytecode without a digest."""
        if self._keeping:
            self._keeping.finish(library, record, rows)
        made = {path: (path, "", "") for path in (from_folder(library, final) for final in self._bytecode)}
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(sorted({**rows, **made}.values()))
        self._write(record, [text.getvalue().encode()], FILE_MODE)

    def _put_bytecode(self, final: str, size: int) -> None:
        code = self._code.code(final) if self._code else None
        if code is not None:
            path = cached(final, self._layout.cache_tag)
            head = header(self._layout.bytecode, self._layout.magic, self._layout.moment, size, code.source_hash)
            self._write(path, [head + code.marshalled], FILE_MODE)
            self._bytecode.append(path)

    def _write(self, final: str, content: Iterable[Content], mode: int) -> int:
        descriptor = self._new(final, mode)
        size = 0
        try:
            for chunk in content:
                size += _written(descriptor, chunk)
            os.utime(descriptor, (self._layout.moment, self._layout.moment))
        finally:
            os.close(descriptor)
        self.files += 1
        self.size += size
        return size

    def _new(self, final: str, mode: int) -> int:
        """Return a new file for what belongs at ``final``, open for writing below the stage."""
        top = self._staged_metadata if final.startswith(self._metadata) else self._staged_files
        staged = top + final[len(self._layout.dest) :]
        folder = staged.rpartition("/")[0]  # of ten thousand files: dirname takes three times as long
        if folder not in self._folders:
            make_folders(folder, self._layout.stage)
            self._folders.add(folder)
        try:
            return os.open(staged, _NEW, mode, dir_fd=self._layout.stage)
        except FileExistsError:
            raise WheelNotValid(self._wheel.path, f"two files of it have one place: {final}") from None


def copy(kept: LaidOut, wheel: Wheel, place: str, layout: Layout, code: Optional[Compiled]) -> Placing:
    """Write to ``place`` what the wheel became before; return what has counted it."""
    info = posixpath.basename(posixpath.dirname(kept.record))
    placing = Placing(wheel, place, layout, info, code)
    for file in kept.files:
        placing.put(file.final, kept.content(file), file.mode, file.kind)
    placing.finish(kept.library, kept.record, kept.rows)
    return placing


def _noted(content: Iterable[Content], keeping: Keeping) -> Iterator[Content]:
    for chunk in content:
        keeping.add(chunk)
        yield chunk


def _written(descriptor: int, content: Content) -> int:
    done = os.write(descriptor, content)
    while done < len(content):
        done += os.write(descriptor, memoryview(content)[done:])
    return done
