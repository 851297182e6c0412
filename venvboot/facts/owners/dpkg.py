"""dpkg's database: ``info/*.list`` (one path per line), ``*.md5sums``, ``status`` and ``diversions``.

Formats as in deb-control(5), deb-md5sums(5) and dpkg's own ``doc/``; a diversion has three lines.
"""

from __future__ import annotations

import io
import os
import re
from typing import (
    Callable,
    Collection,
    Container,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Tuple,
)

from venvboot.facts.owners.paths import Sought, links, spellings, wanted
from venvboot.facts.owners.reading import Listed, OwnedFiles, Reader, lines_with, stands, stanzas, text
from venvboot.model import Owners, SystemPackage
from venvboot.system import System

NAME = "dpkg"
FOLDER = "/var/lib/dpkg"
INFO = f"{FOLDER}/info"
STATUS = f"{FOLDER}/status"
DIVERSIONS = f"{FOLDER}/diversions"
DISTROLESS = f"{FOLDER}/status.d"

STATUS_LIMIT = 32 << 20  # bytes; 750 packages take less than one MiB
DIVERSIONS_LIMIT = 1 << 20  # bytes; an image has some ten

# What ``status`` calls a package that has no files, or of which only configuration files are left.
WITHOUT_FILES = (b"not-installed", b"config-files")

_MD5 = re.compile(rb"(?P<digest>[0-9a-f]{32})  (?P<path>.*)")
_FIELD = re.compile(rb"^(Package|Status|Version):(.*)$", re.MULTILINE)
_ESSENTIAL = re.compile(rb"^(?:Essential|Protected):[ \t]*yes", re.MULTILINE | re.IGNORECASE)

_Among = Callable[[bytes], Iterable[bytes]]


def present(system: System) -> bool:
    """Tell whether it is there: a folder with anything in it had one; distroless's ``status.d`` is another."""
    return stands(system, INFO) or (stands(system, FOLDER) and not stands(system, DISTROLESS))


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owners of ``paths``, with ``altered`` where the content isn't the package's (by its md5sum).

    A diverted file is the diverting package's or nobody's, and what was moved away is still its old owner's. That a
    package is installed and lists nothing is a doubt: each has the root folder at least.
    """
    reader = Reader(system, NAME)
    names = wanted(system, paths)
    moved = _moved(reader)
    return reader.owners(names, _listed(reader, _exactly([*names, *moved]), names, moved, digests=True))


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that are ``sought`` where they lie, and the folders, which are listed like files."""
    reader = Reader(system, NAME)
    moved = _moved(reader)
    into = [listed for listed, to in moved.items() if listed not in sought and os.fsencode(to.diverted_to) in sought]
    exactly = _exactly(into)

    def among(content: bytes) -> Iterator[bytes]:
        yield from lines_with(content, sought.words)
        if into:
            yield from exactly(content)

    return reader.files(sought, _listed(reader, among, sought, moved, digests=digests), digests=digests)


def essential(system: System) -> FrozenSet[str]:
    """Return the packages that dpkg doesn't remove unless it is forced to: ``Essential`` or ``Protected``."""
    packages = stanzas(Reader(system, NAME).read(STATUS, STATUS_LIMIT))
    kept = [fields(stanza) for stanza in packages if _ESSENTIAL.search(stanza)]
    return frozenset(text(package[b"Package"]) for package in kept if _has_files(package))


def diverted(system: System) -> Mapping[str, str]:
    """Return the local diversions: path -> where every package's version of it goes."""
    return {entry.path: entry.diverted_to for entry in _diversions(Reader(system, NAME)) if not entry.package}


def fields(stanza: bytes) -> Mapping[bytes, bytes]:
    """Return the ``Package``, ``Status`` and ``Version`` of a stanza of deb-control(5), those that it has."""
    return {name: value.strip() for name, value in _FIELD.findall(stanza)}


def md5sums(reader: Reader, path: str) -> Iterator[Tuple[bytes, str]]:
    """Give each path that a md5sums file has, without a leading slash, and its digest; another line is a doubt."""
    for line in reader.lines(path):
        match = _MD5.match(line)
        if match:
            yield match["path"], match["digest"].decode()
        else:
            reader.doubt(path, "a line without a checksum")


class _Diversion(NamedTuple):
    """``package`` is the one whose own file stays at ``path``; none for a local diversion."""

    path: str
    diverted_to: str
    package: str


def _diversions(reader: Reader) -> Iterator[_Diversion]:
    lines = [os.fsdecode(line) for line in reader.read(DIVERSIONS, DIVERSIONS_LIMIT).split(b"\n")]
    for path, away, package in zip(lines[::3], lines[1::3], lines[2::3]):
        if package:
            yield _Diversion(path, away, "" if package == ":" else package)


def _moved(reader: Reader) -> Mapping[bytes, _Diversion]:
    among = links(reader.system)
    return {os.fsencode(name): entry for entry in _diversions(reader) for name in spellings(entry.path, among)}


def _exactly(names: Iterable[bytes]) -> _Among:
    lines = {name + b"\n" for name in names}
    return lambda content: (line[:-1] for line in lines.intersection(io.BytesIO(content)))


def _listed(
    reader: Reader, among: _Among, places: Container[bytes], moved: Mapping[bytes, _Diversion], *, digests: bool
) -> Iterator[Listed]:
    """Give the packages' files that lie in ``places``, of the lines that ``among`` gives of each list."""
    versions = _versions(reader)
    known = set()
    for package in _lists(reader):
        content = reader.whole_lines(f"{INFO}/{package}.list")
        if content.startswith(b"/"):
            known.add(_bare(package))
        found = {
            line: place for line in among(content) for place in [_place(line, package, moved)] if place in places
        }
        sums = _digests(reader, package, found) if digests and found else {}
        for line, place in found.items():
            yield Listed(place, _package(package, versions), sums.get(line))
    missing = sorted(versions.keys() - known)
    if missing:
        reader.doubt(INFO, f"no list of the files of {len(missing)} installed packages, the first {missing[0]}")
    if not known and not versions and present(reader.system):
        reader.doubt(FOLDER, "neither status nor info has a package")


def _place(listed: bytes, package: str, moved: Mapping[bytes, _Diversion]) -> bytes:
    """Return where a package's file lies: elsewhere when another package, or the administrator, diverts it."""
    diversion = moved.get(listed)
    if diversion is None or diversion.package == _bare(package):
        return listed
    return os.fsencode(diversion.diverted_to)


def _lists(reader: Reader) -> List[str]:
    return [name[: -len(".list")] for name in reader.names(INFO) if name.endswith(".list")]


def _versions(reader: Reader) -> Mapping[str, str]:
    """Return the version of each package that has files, as far as ``status`` tells."""
    packages = (fields(stanza) for stanza in stanzas(reader.read(STATUS, STATUS_LIMIT)))
    return {
        text(package[b"Package"]): text(package.get(b"Version", b"")) for package in packages if _has_files(package)
    }


def _has_files(package: Mapping[bytes, bytes]) -> bool:
    return b"Package" in package and not package.get(b"Status", b"").endswith(WITHOUT_FILES)


def _package(list_name: str, versions: Mapping[str, str]) -> SystemPackage:
    return SystemPackage(NAME, _bare(list_name), versions.get(_bare(list_name), ""))


def _bare(list_name: str) -> str:
    return list_name.partition(":")[0]


def _digests(reader: Reader, package: str, listed: Container[bytes]) -> Mapping[bytes, Tuple[str, str]]:
    known: Dict[bytes, Tuple[str, str]] = {}
    for path, digest in md5sums(reader, f"{INFO}/{package}.md5sums"):
        if b"/" + path in listed:
            known.setdefault(b"/" + path, ("md5", digest))
    return known
