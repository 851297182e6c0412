"""The architecture of a package, as its package manager's database tells it."""

from __future__ import annotations

import re
from typing import Callable, Iterator, Mapping, Tuple

from venvboot.facts.owners import apk, dpkg, pacman, rpm
from venvboot.facts.owners.reading import Reader, stanzas, text
from venvboot.facts.owners.rpm_header import Header
from venvboot.model import SystemPackage
from venvboot.system import System

LONGEST = 40
_ARCHITECTURE = re.compile(rb"^Architecture:[ \t]*(\S+)", re.MULTILINE)
_OF_APK = re.compile(rb"^([PVA]):(.*)$", re.MULTILINE)
_OF_PACMAN = re.compile(rb"^%ARCH%\n(\S+)$", re.MULTILINE)


def of(system: System, package: SystemPackage) -> str:
    """Return the architecture, empty where it isn't told or there are several."""
    ask = DATABASES.get(package.manager)
    told = {text(one) for one in ask(Reader(system, package.manager), package)} if ask else set()
    found = told.pop() if len(told) == 1 else ""
    return found if found.isascii() and found.isprintable() and len(found) <= LONGEST else ""


def _dpkg(reader: Reader, package: SystemPackage) -> Iterator[bytes]:
    yield from _of_stanzas(reader.read(dpkg.STATUS, dpkg.STATUS_LIMIT), package)


def _distroless(reader: Reader, package: SystemPackage) -> Iterator[bytes]:
    for name in reader.names(dpkg.DISTROLESS):
        if not name.endswith(".md5sums"):
            yield from _of_stanzas(reader.read(f"{dpkg.DISTROLESS}/{name}", dpkg.STATUS_LIMIT), package)


def _of_stanzas(content: bytes, package: SystemPackage) -> Iterator[bytes]:
    for stanza in stanzas(content):
        fields = dpkg.fields(stanza)
        if (fields.get(b"Package"), fields.get(b"Version")) == _words(package):
            yield from _ARCHITECTURE.findall(stanza)


def _apk(reader: Reader, package: SystemPackage) -> Iterator[bytes]:
    for place in apk.PLACES:
        for stanza in stanzas(reader.read(place)):
            fields = dict(_OF_APK.findall(stanza))
            if (fields.get(b"P"), fields.get(b"V")) == _words(package):
                yield fields.get(b"A", b"")


def _pacman(reader: Reader, package: SystemPackage) -> Iterator[bytes]:
    content = reader.read(f"{pacman.FOLDER}/{package.package}-{package.version}/desc")
    yield from _OF_PACMAN.findall(content)


def _rpm(reader: Reader, package: SystemPackage) -> Iterator[bytes]:
    def asked(header: Header) -> Iterator[bytes]:
        if (header.name, header.version) == (package.package, package.version):
            yield header.architecture.encode()

    yield from rpm.listed(reader, asked)


def _words(package: SystemPackage) -> Tuple[bytes, bytes]:
    return package.package.encode(), package.version.encode()


Ask = Callable[[Reader, SystemPackage], Iterator[bytes]]
DATABASES: Mapping[str, Ask] = {
    "dpkg": _dpkg,
    "distroless": _distroless,
    "apk": _apk,
    "pacman": _pacman,
    "rpm": _rpm,
}
