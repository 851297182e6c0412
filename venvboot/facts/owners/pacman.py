"""pacman's local database: a folder NAME-VERSION-RELEASE for each package, with its ``files`` and ``mtree``.

Formats as in alpm-db-files(5) and ALPM-MTREE(5): paths have no leading slash, and folders a slash at the end.
"""

from __future__ import annotations

import io
import re
import zlib
from typing import Callable, Collection, Dict, Iterable, Iterator, Mapping, Match, Tuple

from venvboot.facts.owners.paths import Sought, wanted
from venvboot.facts.owners.reading import FILE_LIMIT, Listed, OwnedFiles, Reader, lines_with, stands, stanzas
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
    lines = {name[1:] + b"\n" for name in names}

    def among(section: bytes) -> Iterator[bytes]:
        return (line[:-1] for line in lines.intersection(io.BytesIO(section)))

    return reader.owners(names, _listed(reader, among, digests=True))


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that are ``sought``."""
    reader = Reader(system, NAME)

    def among(section: bytes) -> Iterator[bytes]:
        return (line for line in lines_with(section, sought.words) if b"/" + line in sought)

    return reader.files(sought, _listed(reader, among, digests=digests), digests=digests)


def _listed(reader: Reader, among: Callable[[bytes], Iterable[bytes]], *, digests: bool) -> Iterator[Listed]:
    """Give the files that are ``among`` the lines of each package."""
    for folder, package in _packages(reader):
        names = {line for line in among(_section(reader, folder)) if line and not line.endswith(b"/")}
        known = _digests(reader, folder, names) if digests and names else {}
        for name in names:
            yield Listed(b"/" + name, package, known.get(name))


def _packages(reader: Reader) -> Iterator[Tuple[str, SystemPackage]]:
    """Give each folder and its package; pacman as well takes name and version from the folder's name."""
    for folder in reader.names(FOLDER):
        if folder != NOT_A_PACKAGE:
            name, *version = folder.rsplit("-", 2)
            yield folder, SystemPackage(NAME, name, "-".join(version))


def _section(reader: Reader, folder: str) -> bytes:
    """Return the lines of a package's files, without a slash at their beginning."""
    path = f"{FOLDER}/{folder}/files"
    content = reader.whole_lines(path)
    section = next((part for part in stanzas(content) if part.startswith(SECTION)), b"")
    # A package that has no files has an empty list.
    if (content and not section) or reader.system.status(path) is None:
        reader.doubt(path, "no list of files")
    return section[len(SECTION) :] + b"\n"


def _digests(reader: Reader, folder: str, names: Collection[bytes]) -> Mapping[bytes, Tuple[str, str]]:
    path = f"{FOLDER}/{folder}/mtree"
    try:
        content = zlib.decompressobj(GZIP).decompress(reader.read(path), FILE_LIMIT)
    except zlib.error:
        reader.doubt(path, "not in gzip's format")
        return {}
    known: Dict[bytes, Tuple[str, str]] = {}
    for line in io.BytesIO(content):
        file, _, words = line.partition(b" ")
        name = _ESCAPE.sub(_unescaped, file)[len(b"./") :]
        found = _DIGEST.search(words) if name in names else None
        if found:
            known.setdefault(name, ("sha256", found[1].decode()))
    return known


def _unescaped(escape: Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8) & 0xFF])
