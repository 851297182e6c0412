"""rpm's database, in each of its three forms: every package's header, read in one pass and without rpm.

rpm is not asked. Micro images don't have it, in an unpacked one it can't be started, and a query by root writes into
the layer: 1.6 MB of ``__db.*`` beside a BerkeleyDB database, ``-shm`` and ``-wal`` beside an SQLite one.
"""

from __future__ import annotations

import posixpath
from typing import Any, Callable, Collection, FrozenSet, Iterable, Iterator, Mapping, Tuple

from venvboot.facts.owners import rpm_berkeley, rpm_ndb, rpm_sqlite
from venvboot.facts.owners.paths import Sought, wanted
from venvboot.facts.owners.reading import TOTAL_LIMIT, Listed, OwnedFiles, Reader, stands, text
from venvboot.facts.owners.rpm_header import CONFIG, GHOST, MISSING_OK, Header, Unreadable
from venvboot.model import Owners, SystemPackage
from venvboot.system import System

NAME = "rpm"
FOLDERS = ("/var/lib/rpm", "/usr/lib/sysimage/rpm")
PROTECTED = ("/etc/dnf/protected.d", "/etc/yum/protected.d")
PROTECTED_LIMIT = 1 << 16  # bytes of one file, which names a package or two

Form = Callable[[System, str], Iterator[bytes]]


def _sqlite(system: System, path: str) -> Iterator[bytes]:
    return rpm_sqlite.headers(system, path, TOTAL_LIMIT)


def _ndb(system: System, path: str) -> Iterator[bytes]:
    return rpm_ndb.headers(system.read_whole(path, TOTAL_LIMIT))


def _berkeley(system: System, path: str) -> Iterator[bytes]:
    return rpm_berkeley.headers(system.read_whole(path, TOTAL_LIMIT))


FORMS: Mapping[str, Form] = {"rpmdb.sqlite": _sqlite, "Packages.db": _ndb, "Packages": _berkeley}


def present(system: System) -> bool:
    return bool(_databases(system))


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owners of ``paths`` with their vendors, ``altered`` where the content isn't the package's.

    A file that a package lists and did not install, or lost to another one, isn't its own.
    """
    reader = Reader(system, NAME)
    names = wanted(system, paths)
    basenames = {posixpath.basename(name) for name in names}

    def sought(header: Header) -> Iterator[Listed]:
        if not basenames.isdisjoint(header.basenames):
            package = SystemPackage(NAME, header.name, header.version)
            for number, path in header.files():
                if path in names:
                    yield Listed(path, package, header.digest(number), header.vendor)

    return reader.owners(names, listed(reader, sought))


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that are ``sought``.

    With ``digests`` only those that have to be there, and no digest of what the administrator edits.
    """
    reader = Reader(system, NAME)

    def asked(header: Header) -> Iterator[Listed]:
        if any(word in folder for folder in header.directories for word in sought.words):
            package = SystemPackage(NAME, header.name, header.version)
            for number, path in header.files():
                if path in sought and not (digests and header.has_flag(number, GHOST | MISSING_OK)):
                    compared = digests and not header.has_flag(number, CONFIG)
                    yield Listed(path, package, header.digest(number) if compared else None)

    return reader.files(sought, listed(reader, asked), digests=digests)


def essential(system: System) -> FrozenSet[str]:
    """Return the packages that dnf and yum don't remove: ``protected_packages`` of dnf.conf(5), from its folders."""
    reader = Reader(system, NAME)
    files = [f"{folder}/{name}" for folder in PROTECTED for name in reader.names(folder) if name.endswith(".conf")]
    words = (
        line.partition(b"#")[0].strip() for file in files for line in reader.read(file, PROTECTED_LIMIT).split(b"\n")
    )
    return frozenset(text(word) for word in words if word)


def listed(reader: Reader, sought: Callable[[Header], Iterable[Any]]) -> Iterator[Any]:
    """Give what is ``sought`` of each package of each database; what can't be read becomes a doubt."""
    for path, headers in _databases(reader.system):
        try:
            for blob in headers(reader.system, path):
                try:
                    yield from sought(Header.parse(blob))
                except Unreadable as error:
                    reader.doubt(path, str(error))
        except Unreadable as error:
            reader.doubt(path, str(error))
        except OSError as error:
            reader.doubt(path, error.strerror or str(error))


def _databases(system: System) -> Tuple[Tuple[str, Form], ...]:
    """Return path and form of each database; in most images one of the folders is a link to the other."""
    folders = dict.fromkeys(system.realpath(folder) for folder in FOLDERS)
    files = ((posixpath.join(folder, name), form) for folder in folders for name, form in FORMS.items())
    return tuple((path, form) for path, form in files if stands(system, path))
