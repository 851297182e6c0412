"""Lay a wheel out as pip does it, file by file: commands, ``#!python`` lines, RECORD.

The PyPA library ``installer`` reads the wheel and decides what goes where; this is the destination it writes to.
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import Any, Collection, Dict, Iterable, Iterator, Optional, Set, Tuple

from venvboot.apply.bytecode import Compiled
from venvboot.apply.indexed import CHUNK
from venvboot.apply.laid_out import FILE_MODE, PROGRAM_MODE, Keeping, Kind, Rows, from_folder
from venvboot.apply.placing import Layout, Placing
from venvboot.apply.wheel_source import Verified, opened, written
from venvboot.errors import WheelNotValid
from venvboot.facts.wheels import FAULTS
from venvboot.model import Wheel
from venvboot.policy import scripts

ADDED = {"INSTALLER": b"venvboot\n", "REQUESTED": b""}


class Destination:
    """Where ``installer`` writes one wheel to (its protocol ``WheelDestination``). Raises WheelNotValid.

    ``commands`` are names of entry points.
    """

    def __init__(self, wheel: Wheel, layout: Layout, placing: Placing, commands: Collection[str]) -> None:
        from installer.records import Hash, RecordEntry  # noqa: PLC0415  # once it is on the path
        from installer.utils import fix_shebang  # noqa: PLC0415

        self._entry, self._hash, self._fix_shebang = RecordEntry, Hash, fix_shebang
        self._layout, self._placing, self._commands = layout, placing, commands
        self._places = {
            "purelib": layout.scheme.purelib,
            "platlib": layout.scheme.platlib,
            "headers": posixpath.join(layout.scheme.headers, wheel.name),
            "scripts": layout.scheme.scripts,
            "data": layout.scheme.data,
        }
        self._scripts: Dict[str, Any] = {}
        self._replaced: Set[str] = set()

    def write_command(self, name: str, module: str, attribute: str) -> None:
        """Write the commands of one entry point."""
        first = attribute.split(".", maxsplit=1)[0]
        text = self._layout.script % {"module": module, "import_name": first, "func": attribute}
        content = scripts.shebang(self._layout.scheme.python) + text.encode()
        for one in scripts.names(name, self._layout.version, self._scripts):
            if one not in self._scripts:
                self._placing.put(posixpath.join(self._places["scripts"], one), [content], PROGRAM_MODE)
                self._scripts[one] = self._row(one, content)

    # -- what installer calls --------------------------------------------------------------------------------

    def write_file(self, scheme: str, path: str, stream: Any, is_executable: bool) -> Any:
        """Write one file and return its row; data that an entry point makes a command of is left out."""
        mode = PROGRAM_MODE if is_executable else FILE_MODE
        final = posixpath.join(self._places[scheme], path)
        if not isinstance(stream, Verified):  # what installer writes by itself
            content = stream.read()
            self._placing.put(final, [content], mode)
            return self._row(path, content)
        if scheme != "scripts":
            return self._verified(final, path, stream, mode)
        if scripts.entry_point_of(path) in self._commands:
            self._replaced.add(path)
            return self._entry(path, None, None)
        own: Any = stream
        with self._fix_shebang(own, self._layout.scheme.python) as told:
            fixed: Any = told
            if fixed is stream:
                return self._verified(final, path, stream, mode)
            stream.verify()
            content = fixed.read()
            self._placing.put(final, [content], mode, Kind.REWRITTEN)
            return self._row(path, content)

    def finalize_installation(self, scheme: str, record_file_path: str, records: Iterable[Tuple[str, Any]]) -> None:
        """Write RECORD: paths from site-packages on, as pip does it."""
        library = self._places[scheme]
        brought = [one for one in records if one[0] != "scripts" or one[1].path not in self._replaced]
        made = [("scripts", row) for row in self._scripts.values()]
        rows: Rows = {}
        for its_scheme, row in (*brought, *made):
            path = from_folder(library, f"{self._places[its_scheme]}/{row.path}")
            rows[path] = (path, *row.to_row()[1:])
        self._placing.finish(library, posixpath.join(library, record_file_path), rows)

    # -- how it is done --------------------------------------------------------------------------------------

    def _row(self, path: str, content: bytes) -> Any:
        return self._entry(path, self._hash("sha256", written(hashlib.sha256(content).digest())), len(content))

    def _verified(self, final: str, path: str, stream: Verified, mode: int) -> Any:
        self._placing.put(final, _verified(stream), mode, Kind.SOURCE if final.endswith(".py") else Kind.DATA)
        _, digest, size = stream.row
        return self._entry(path, self._hash.parse(digest) if digest else None, int(size) if size else None)


def lay_out(
    wheel: Wheel, place: str, layout: Layout, code: Optional[Compiled], keeping: Optional[Keeping] = None
) -> Placing:
    """Write ``wheel`` to ``place``, a new folder of the stage; return what has counted it.

    Raises WheelNotValid for one that isn't what it says, OSError where there is no room.
    """
    from installer import install  # noqa: PLC0415  # once it is on the path
    from installer.exceptions import InstallerError  # noqa: PLC0415
    from installer.records import InvalidRecordEntry  # noqa: PLC0415

    try:
        with opened(wheel) as source:
            commands = source.commands()
            placing = Placing(wheel, place, layout, source.dist_info_dir, code, keeping)
            destination = Destination(wheel, layout, placing, commands)
            for name, (module, attribute) in commands.items():
                destination.write_command(name, module, attribute)
            given: Any = destination  # the protocol of one release isn't that of the next
            install(source, given, ADDED)
    except OSError:
        raise
    except (*FAULTS, InstallerError, InvalidRecordEntry, AssertionError, LookupError) as error:
        raise WheelNotValid(wheel.path, f"it can't be laid out: {str(error) or type(error).__name__}") from None
    return placing


def _verified(stream: Verified) -> Iterator[bytes]:
    """Give a file's parts, and at its end, before it counts as written, compare it with RECORD."""
    while True:
        chunk = stream.read(CHUNK)
        yield chunk
        if len(chunk) < CHUNK:
            break
    stream.verify()
