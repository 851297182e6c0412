"""Lay a wheel out: each file written once, with its final mode and time, and with its bytecode beside it.

The PyPA library ``installer`` reads the wheel and decides what goes where; this is the destination it writes to. What
it makes is what pip makes, file by file: commands, ``#!python`` lines, RECORD.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import posixpath
from dataclasses import dataclass
from typing import Any, Collection, Dict, Iterable, List, Optional, Set, Tuple

from venvboot.apply.bytecode import Compiled, header
from venvboot.apply.stage import FILES, METADATA, make_folders
from venvboot.apply.wheel_source import Verified, opened, written
from venvboot.errors import WheelNotValid
from venvboot.facts.installed_files import cached
from venvboot.facts.wheels import FAULTS
from venvboot.model import Bytecode, Scheme, Wheel
from venvboot.policy import scripts

ADDED = {"INSTALLER": b"venvboot\n", "REQUESTED": b""}
CHUNK = 1 << 20
FILE_MODE, PROGRAM_MODE = 0o664, 0o775  # under umask 002; the setgid bit is inherited
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


class Destination:
    """Where ``installer`` writes one wheel to (its protocol ``WheelDestination``). Raises WheelNotValid.

    ``place`` is a new folder of the stage, in which ``files`` and ``metadata`` (the folder ``info``) get what belongs
    below DEST. ``commands`` are names of entry points.
    """

    def __init__(
        self, wheel: Wheel, place: str, layout: Layout, info: str, commands: Collection[str], code: Optional[Compiled]
    ) -> None:
        from installer.records import Hash, RecordEntry  # noqa: PLC0415  # once it is on the path
        from installer.utils import fix_shebang  # noqa: PLC0415

        self.files = 0
        self.size = 0
        self._entry, self._hash, self._fix_shebang = RecordEntry, Hash, fix_shebang
        self._wheel, self._place, self._layout, self._code = wheel, place, layout, code
        self._commands = commands
        self._metadata = tuple(f"{library}/{info}/" for library in (layout.scheme.purelib, layout.scheme.platlib))
        self._places = {
            "purelib": layout.scheme.purelib,
            "platlib": layout.scheme.platlib,
            "headers": posixpath.join(layout.scheme.headers, wheel.name),
            "scripts": layout.scheme.scripts,
            "data": layout.scheme.data,
        }
        self._scripts: Dict[str, Any] = {}
        self._replaced: Set[str] = set()
        self._bytecode: List[str] = []
        self._folders: Set[str] = set()

    def write_command(self, name: str, module: str, attribute: str) -> None:
        """Write the commands of one entry point."""
        first = attribute.split(".", maxsplit=1)[0]
        text = self._layout.script % {"module": module, "import_name": first, "func": attribute}
        content = scripts.shebang(self._layout.scheme.python) + text.encode()
        for one in scripts.names(name, self._layout.version, self._scripts):
            if one not in self._scripts:
                self._put(posixpath.join(self._places["scripts"], one), content, PROGRAM_MODE)
                self._scripts[one] = self._row(one, content)

    # -- what installer calls --------------------------------------------------------------------------------

    def write_file(self, scheme: str, path: str, stream: Any, is_executable: bool) -> Any:
        """Write one file and return its row; data that an entry point makes a command of is left out."""
        mode = PROGRAM_MODE if is_executable else FILE_MODE
        final = posixpath.join(self._places[scheme], path)
        if not isinstance(stream, Verified):  # what installer writes by itself
            content = stream.read()
            self._put(final, content, mode)
            return self._row(path, content)
        if scheme != "scripts":
            self._put_verified(final, stream, mode)
            return self._recorded(path, stream)
        if scripts.entry_point_of(path) in self._commands:
            self._replaced.add(path)
            return self._entry(path, None, None)
        own: Any = stream
        with self._fix_shebang(own, self._layout.scheme.python) as told:
            fixed: Any = told
            if fixed is stream:
                self._put_verified(final, stream, mode)
                return self._recorded(path, stream)
            stream.verify()
            content = fixed.read()
            self._put(final, content, mode)
            if self._layout.bytecode is Bytecode.TIMESTAMP:  # the hash is that of the source as it was
                self._put_bytecode(final, len(content))
            return self._row(path, content)

    def finalize_installation(self, scheme: str, record_file_path: str, records: Iterable[Tuple[str, Any]]) -> None:
        """Write RECORD: paths from site-packages on, bytecode without a digest, as pip does it."""
        library = self._places[scheme]
        brought = [one for one in records if one[0] != "scripts" or one[1].path not in self._replaced]
        made = [("scripts", row) for row in self._scripts.values()]
        rows = {}
        for its_scheme, row in (*brought, *made):
            path = _from(library, f"{self._places[its_scheme]}/{row.path}")
            rows[path] = (path, *row.to_row()[1:])
        for final in self._bytecode:
            path = _from(library, final)
            rows[path] = (path, "", "")
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(sorted(rows.values()))
        self._put(posixpath.join(library, record_file_path), text.getvalue().encode(), FILE_MODE)

    # -- how it is done --------------------------------------------------------------------------------------

    def _row(self, path: str, content: bytes) -> Any:
        return self._entry(path, self._hash("sha256", written(hashlib.sha256(content).digest())), len(content))

    def _recorded(self, path: str, stream: Verified) -> Any:
        _, digest, size = stream.row
        return self._entry(path, self._hash.parse(digest) if digest else None, int(size) if size else None)

    def _put_verified(self, final: str, stream: Verified, mode: int) -> None:
        descriptor = self._new(final, mode)
        size = 0
        try:
            while True:
                chunk = stream.read(CHUNK)
                size += _write(descriptor, chunk)
                if len(chunk) < CHUNK:
                    break
            stream.verify()
            self._done(descriptor, size)
        finally:
            os.close(descriptor)
        if final.endswith(".py"):
            self._put_bytecode(final, size)

    def _put_bytecode(self, final: str, size: int) -> None:
        code = self._code.code(final) if self._code else None
        if code is not None:
            path = cached(final, self._layout.cache_tag)
            head = header(self._layout.bytecode, self._layout.magic, self._layout.moment, size, code.source_hash)
            self._put(path, head + code.marshalled, FILE_MODE)
            self._bytecode.append(path)

    def _put(self, final: str, content: bytes, mode: int) -> None:
        descriptor = self._new(final, mode)
        try:
            self._done(descriptor, _write(descriptor, content))
        finally:
            os.close(descriptor)

    def _new(self, final: str, mode: int) -> int:
        """Return a new file for what belongs at ``final``, open for writing below the stage."""
        part = METADATA if final.startswith(self._metadata) else FILES
        staged = posixpath.join(self._place, part) + final[len(self._layout.dest) :]
        folder = posixpath.dirname(staged)
        if folder not in self._folders:
            make_folders(folder, self._layout.stage)
            self._folders.add(folder)
        try:
            return os.open(staged, _NEW, mode, dir_fd=self._layout.stage)
        except FileExistsError:
            raise WheelNotValid(self._wheel.path, f"two files of it have one place: {final}") from None

    def _done(self, descriptor: int, size: int) -> None:
        os.utime(descriptor, (self._layout.moment, self._layout.moment))
        self.files += 1
        self.size += size


def lay_out(wheel: Wheel, place: str, layout: Layout, code: Optional[Compiled]) -> Tuple[int, int]:
    """Write ``wheel`` to ``place``, a new folder of the stage; return how many files, and how many bytes.

    Raises WheelNotValid for one that isn't what it says, OSError where there is no room.
    """
    from installer import install  # noqa: PLC0415  # once it is on the path
    from installer.exceptions import InstallerError  # noqa: PLC0415
    from installer.records import InvalidRecordEntry  # noqa: PLC0415

    for part in (FILES, METADATA):
        make_folders(posixpath.join(place, part), layout.stage)
    try:
        with opened(wheel) as source:
            commands = source.commands()
            destination = Destination(wheel, place, layout, source.dist_info_dir, commands, code)
            for name, (module, attribute) in commands.items():
                destination.write_command(name, module, attribute)
            given: Any = destination  # the protocol of one release isn't that of the next
            install(source, given, ADDED)
    except OSError:
        raise
    except (*FAULTS, InstallerError, InvalidRecordEntry, AssertionError, LookupError) as error:
        raise WheelNotValid(wheel.path, f"it can't be laid out: {str(error) or type(error).__name__}") from None
    return destination.files, destination.size


def _from(folder: str, path: str) -> str:
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else posixpath.relpath(path, folder)


def _write(descriptor: int, content: bytes) -> int:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    return len(content)
