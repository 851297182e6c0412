"""Portage's database: a folder CATEGORY/PACKAGE-VERSION for each package (portage(5)), with ``CONTENTS``.

A line of it is ``obj PATH MD5 TIME``, ``sym PATH -> TARGET TIME`` or, of what is no file, ``dir``, ``fif`` or ``dev``
and the path; paths may hold spaces. Names and versions as in the Package Manager Specification, chapter 3.
"""

from __future__ import annotations

import io
import re
from typing import Callable, Collection, Iterable, Iterator, Tuple

from venvboot.facts.owners.paths import Sought, wanted
from venvboot.facts.owners.reading import Listed, OwnedFiles, Reader, lines_with, stands, text
from venvboot.model import Owners, SystemPackage
from venvboot.system import System

NAME = "portage"
FOLDER = "/var/db/pkg"
NO_PACKAGE = (".", "-")  # locks and half-made folders begin so

KINDS = (b"obj ", b"sym ", b"dir ", b"fif ", b"dev ")

_ENTRY = re.compile(rb"(?:obj (?P<file>.+) (?P<md5>[0-9a-f]{32}) \d+|sym (?P<link>.+) -> .+|(?:dir|fif|dev) .+)")
_VERSION = re.compile(r"-(?P<version>\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?)\Z")


def present(system: System) -> bool:
    return stands(system, FOLDER)


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owners of ``paths``."""
    reader = Reader(system, NAME)
    names = wanted(system, paths)

    def among(content: bytes) -> Iterator[bytes]:
        if any(name in content for name in names):
            yield from (line[:-1] for line in io.BytesIO(content))

    return reader.owners(names, _listed(reader, among))


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that are ``sought``."""
    reader = Reader(system, NAME)
    return reader.files(sought, _listed(reader, lambda content: lines_with(content, sought.words)), digests=digests)


def _listed(reader: Reader, among: Callable[[bytes], Iterable[bytes]]) -> Iterator[Listed]:
    """Give the files on the lines that are ``among`` those of each package."""
    for folder, package in _packages(reader):
        path = f"{folder}/CONTENTS"
        content = reader.whole_lines(path)
        if content and not content.startswith(KINDS):
            reader.doubt(path, "no list of files")
        for line in among(content):
            entry = _ENTRY.fullmatch(line)
            if entry is None:
                reader.doubt(path, "a line that is no entry")
            elif entry["file"]:
                yield Listed(entry["file"], package, ("md5", text(entry["md5"])))
            elif entry["link"]:
                yield Listed(entry["link"], package)


def _packages(reader: Reader) -> Iterator[Tuple[str, SystemPackage]]:
    """Give the folder of each package and what is in it, the package's name with its category."""
    for category in _names(reader, FOLDER):
        for folder in _names(reader, f"{FOLDER}/{category}"):
            version = _VERSION.search(folder)
            name = folder[: version.start()] if version else folder
            package = SystemPackage(NAME, f"{category}/{name}", version["version"] if version else "")
            yield f"{FOLDER}/{category}/{folder}", package


def _names(reader: Reader, folder: str) -> Iterator[str]:
    return (name for name in reader.names(folder) if not name.startswith(NO_PACKAGE))
