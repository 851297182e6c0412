"""pacman's local database: a folder NAME-VERSION-RELEASE for each package, with its ``files`` and ``mtree``.

Formats as in alpm-db-files(5) and ALPM-MTREE(5): paths have no leading slash, and folders a slash at the end.
"""

from __future__ import annotations

import io
import re
import zlib
from typing import Collection, Iterator, Mapping, Match, Optional, Tuple

from venvboot.facts.owners import reading
from venvboot.facts.owners.paths import PYTHON_FOLDER, wanted
from venvboot.facts.owners.reading import FILE_LIMIT, Listed, Reader, stands, stanzas
from venvboot.model import Owners, SystemPackage
from venvboot.system import System

NAME = "pacman"
FOLDER = "/var/lib/pacman/local"
NOT_A_PACKAGE = "ALPM_DB_VERSION"
GZIP = 16 + zlib.MAX_WBITS

SECTION = b"%FILES%\n"

_DIGEST = re.compile(rb"\bsha256digest=([0-9a-f]{64})\b")
_ESCAPE = re.compile(rb"\\([0-7]{3})")


def present(system: System) -> bool:
    return stands(system, FOLDER)


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owners of ``paths``; a package without a list of its files is a doubt."""
    reader = Reader(system, NAME)
    names = wanted(system, paths)
    return reader.owners(names, _listed(reader, names))


def python_files(system: System) -> Mapping[str, SystemPackage]:
    """Return the files below a site-packages folder, each with its package."""
    reader = Reader(system, NAME)
    return reading.python_files(
        Listed(b"/" + line[:-1], package)
        for folder, package in _packages(reader)
        for line in _lines(reader, folder)
        if PYTHON_FOLDER in line and not line.endswith(b"/\n")
    )


def _listed(reader: Reader, names: Collection[bytes]) -> Iterator[Listed]:
    sought = {name[1:] + b"\n" for name in names if not name.endswith(b"/")}
    for folder, package in _packages(reader):
        for line in sought.intersection(_lines(reader, folder)):
            yield Listed(b"/" + line[:-1], package, _digest(reader, folder, line[:-1]))


def _packages(reader: Reader) -> Iterator[Tuple[str, SystemPackage]]:
    """Give each folder and its package; pacman as well takes name and version from the folder's name."""
    for folder in reader.names(FOLDER):
        if folder != NOT_A_PACKAGE:
            name, *version = folder.rsplit("-", 2)
            yield folder, SystemPackage(NAME, name, "-".join(version))


def _lines(reader: Reader, folder: str) -> Iterator[bytes]:
    path = f"{FOLDER}/{folder}/files"
    content = reader.whole_lines(path)
    section = next((part for part in stanzas(content) if part.startswith(SECTION)), b"")
    # A package that has no files has an empty list.
    if (content and not section) or reader.system.status(path) is None:
        reader.doubt(path, "no list of files")
    return io.BytesIO(section[len(SECTION) :] + b"\n")


def _digest(reader: Reader, folder: str, name: bytes) -> Optional[Tuple[str, str]]:
    path = f"{FOLDER}/{folder}/mtree"
    try:
        content = zlib.decompressobj(GZIP).decompress(reader.read(path), FILE_LIMIT)
    except zlib.error:
        reader.doubt(path, "not in gzip's format")
        return None
    for line in io.BytesIO(content):
        file, _, words = line.partition(b" ")
        if _ESCAPE.sub(_unescaped, file) == b"./" + name:
            found = _DIGEST.search(words)
            return ("sha256", found[1].decode()) if found else None
    return None


def _unescaped(escape: Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8) & 0xFF])
