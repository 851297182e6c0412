"""The files of installed distributions, as their RECORD tells them ("Recording installed projects", PyPA)."""

from __future__ import annotations

import csv
import posixpath
from typing import FrozenSet, Iterable, Iterator, Optional, Tuple

from venvboot.system import System

INFO = ".dist-info"
RECORD_LIMIT = 64 << 20  # bytes


def metadata_of(system: System, library: str) -> Tuple[str, ...]:
    """Return the metadata folders in a folder of site-packages."""
    return tuple(posixpath.join(library, name) for name in system.list_directory(library) if name.endswith(INFO))


def files(system: System, info: str, library: str, dest: str, cache_tag: str) -> Optional[FrozenSet[str]]:
    """Return the paths below ``dest`` that the RECORD in ``info`` lists, its own metadata excepted.

    ``library`` is the folder that its paths begin from, wherever ``info`` lies by now. With each source goes the
    bytecode that an import leaves beside it. None where there is no RECORD, or one that is no table. What leads out
    of ``dest`` is left out: any member of the group can write it.
    """
    try:
        text = system.read_whole(posixpath.join(info, "RECORD"), RECORD_LIMIT).decode("utf-8")
        rows = [row[0] for row in csv.reader(text.splitlines()) if row]
    except (OSError, ValueError, csv.Error):
        return None
    metadata = posixpath.join(library, posixpath.basename(info)) + "/"
    paths = {posixpath.normpath(posixpath.join(library, row)) for row in rows}
    paths.update(_bytecode(paths, cache_tag))
    return frozenset(path for path in paths if path.startswith(f"{dest}/") and not path.startswith(metadata))


def _bytecode(paths: Iterable[str], cache_tag: str) -> Iterator[str]:
    for path in list(paths):
        if path.endswith(".py"):
            folder, name = posixpath.split(path)
            yield posixpath.join(folder, "__pycache__", f"{name[:-3]}.{cache_tag}.pyc")
