"""The files of installed distributions, as their RECORD tells them ("Recording installed projects", PyPA)."""

from __future__ import annotations

import csv
import posixpath
from dataclasses import dataclass
from typing import FrozenSet, Optional, Tuple

from venvboot.facts.wheel_archive import INFO, RECORD_LIMIT
from venvboot.system import System

RECORD = "RECORD"
LONGEST_PATH = 4096  # bytes; characters are no more than those (Linux, PATH_MAX)


@dataclass(frozen=True)
class Recorded:
    """The content of a RECORD, the name of the metadata folder that it is of, and the site-packages of that."""

    folder: str
    library: str
    content: bytes

    def paths(self, dest: str, cache_tag: str) -> FrozenSet[str]:
        """Return the paths below ``dest`` that it lists, its own metadata excepted; none if it is no table.

        With each source goes the bytecode that an import leaves beside it. What leads out of ``dest``, or no file
        can be called, is left out: any member of the group can write a RECORD.
        """
        try:
            rows = [row[0] for row in csv.reader(self.content.decode("utf-8").splitlines()) if row]
        except (ValueError, csv.Error):
            return frozenset()
        metadata = f"{self.library}/{self.folder}/"
        found = {posixpath.normpath(posixpath.join(self.library, row)) for row in rows}
        found.update([cached(path, cache_tag) for path in found if path.endswith(".py")])
        below = (path for path in found if path.startswith(f"{dest}/") and not path.startswith(metadata))
        return frozenset(path for path in below if "\0" not in path and len(path) < LONGEST_PATH)


def metadata_of(system: System, library: str) -> Tuple[str, ...]:
    """Return the metadata folders in a folder of site-packages."""
    return tuple(posixpath.join(library, name) for name in system.list_directory(library) if name.endswith(INFO))


def read(system: System, info: str) -> Optional[Recorded]:
    """Return what the RECORD in the metadata folder ``info`` has, None where there is none to be read."""
    library, folder = posixpath.split(info)
    try:
        return Recorded(folder, library, system.read_whole(posixpath.join(info, RECORD), RECORD_LIMIT))
    except OSError:
        return None


def cached(source: str, cache_tag: str) -> str:
    """Return the path of the bytecode of the module at ``source`` (PEP 3147)."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "__pycache__", f"{name[:-3]}.{cache_tag}.pyc")
