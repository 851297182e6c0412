"""dpkg's packages without dpkg: ``status.d/PACKAGE`` is a package's stanza, ``PACKAGE.md5sums`` lists its files.

As Google's distroless images have them (their PACKAGE_METADATA.md). Links, which have no checksum, are not listed.
"""

from __future__ import annotations

import os
from typing import Collection, Iterator

from venvboot.facts.owners.dpkg import DISTROLESS, fields, md5sums
from venvboot.facts.owners.paths import Sought, wanted
from venvboot.facts.owners.reading import Listed, OwnedFiles, Reader, stands, text
from venvboot.model import Owners, SystemPackage
from venvboot.system import System

NAME = "distroless"
SUMS = ".md5sums"


def present(system: System) -> bool:
    return stands(system, DISTROLESS)


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owners of ``paths``; a package without a list of its files is a doubt."""
    reader = Reader(system, NAME)
    return reader.owners(wanted(system, paths), _listed(reader))


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that are ``sought``, links not among them."""
    reader = Reader(system, NAME)
    return reader.files(sought, _listed(reader), digests=digests)


def _listed(reader: Reader) -> Iterator[Listed]:
    names = reader.names(DISTROLESS)
    lists = [name[: -len(SUMS)] for name in names if name.endswith(SUMS)]
    for name in lists:
        package = _package(reader, name)
        for path, digest in md5sums(reader, f"{DISTROLESS}/{name}{SUMS}"):
            yield Listed(b"/" + path, package, ("md5", digest))
    without = sorted({name for name in names if not name.endswith(SUMS)}.difference(lists))
    if without:
        reader.doubt(DISTROLESS, f"no list of the files of {len(without)} packages, the first {without[0]}")


def _package(reader: Reader, name: str) -> SystemPackage:
    found = fields(reader.read(f"{DISTROLESS}/{name}"))
    return SystemPackage(NAME, text(found.get(b"Package", os.fsencode(name))), text(found.get(b"Version", b"")))
