"""dpkg's database: ``info/*.list`` (one path per line), ``*.md5sums`` and ``status`` (deb-control format)."""

from __future__ import annotations

import os
import posixpath
import re
from typing import Collection, Dict, Iterator, Mapping, NamedTuple, Optional, Set, Tuple

from venvboot.model import Ownership, SystemPackage
from venvboot.system import System

NAME = "dpkg"
FOLDER = "/var/lib/dpkg"
INFO = f"{FOLDER}/info"

# With merged /usr these top folders are links, and dpkg lists a file under one of the two spellings only.
ALIASED = ("/bin/", "/sbin/", "/lib/", "/lib64/")

_PYTHON_FILE = re.compile(
    rb"^(?:/usr)?/lib(?:64)?/(?:python|pypy)[^/\n]*/(?:dist|site)-packages/[^\n]+$", re.MULTILINE
)


def present(system: System) -> bool:
    return system.is_file(f"{FOLDER}/status") and bool(system.list_directory(INFO))


def owners_of(system: System, paths: Collection[str]) -> Mapping[str, Ownership]:
    """Return the owners of ``paths``, with ``altered`` where the content isn't the package's (by its md5sum).

    A diverted file is the diverting package's or nobody's, never its old owner's.
    """
    wanted = {os.fsencode(name): path for path in paths for name in spellings(system, path)}
    diverting = {name: entry.package for entry in _diversions(system) for name in spellings(system, entry.path)}
    found: Dict[str, Tuple[str, str]] = {}
    for package, content in _lists(system):
        for line in wanted.keys() & set(content.split(b"\n")):
            listed = os.fsdecode(line)
            if diverting.get(listed, _bare(package)) == _bare(package):
                found.setdefault(wanted[line], (package, listed))
    versions = _versions(system, {package for package, _ in found.values()})
    return {
        path: Ownership(
            SystemPackage(NAME, _bare(package), versions.get(_bare(package), "")),
            listed,
            altered=_altered(system, package, listed, path),
        )
        for path, (package, listed) in found.items()
    }


def python_files(system: System) -> Mapping[str, SystemPackage]:
    """Return the files below ``/usr/lib/python*/dist-packages`` and ``site-packages``, each with its package."""
    files = {
        line.decode("utf-8", "replace"): package
        for package, content in _lists(system)
        for line in _PYTHON_FILE.findall(content)
    }
    versions = _versions(system, set(files.values()))
    packages = {name: SystemPackage(NAME, _bare(name), versions.get(_bare(name), "")) for name in set(files.values())}
    return {path: packages[name] for path, name in files.items()}


def spellings(system: System, path: str) -> Set[str]:
    """Return ``path`` and, where ``/bin`` and the like are links into ``/usr``, its other spelling."""
    names = {path}
    for alias in ALIASED:
        if system.is_link(alias.rstrip("/")):
            if path.startswith(alias):
                names.add("/usr" + path)
            elif path.startswith("/usr" + alias):
                names.add(path[len("/usr") :])
    return names


def diverted(system: System) -> Mapping[str, str]:
    """Return the local diversions: path -> where every package's version of it goes."""
    return {entry.path: entry.diverted_to for entry in _diversions(system) if not entry.package}


class _Diversion(NamedTuple):
    """``package`` is the one whose own file stays at ``path``; none for a local diversion."""

    path: str
    diverted_to: str
    package: str


def _diversions(system: System) -> Tuple[_Diversion, ...]:
    lines = (system.read_text(f"{FOLDER}/diversions") or "").split("\n")
    entries = zip(lines[::3], lines[1::3], lines[2::3])
    return tuple(_Diversion(path, away, "" if owner == ":" else owner) for path, away, owner in entries if owner)


def _lists(system: System) -> Iterator[Tuple[str, bytes]]:
    for name in system.list_directory(INFO):
        if name.endswith(".list"):
            try:
                yield name[: -len(".list")], system.read(posixpath.join(INFO, name))
            except OSError:
                continue


def _bare(package: str) -> str:
    return package.partition(":")[0]


def _versions(system: System, packages: Set[str]) -> Mapping[str, str]:
    wanted = {_bare(package) for package in packages}
    text = system.read_text(f"{FOLDER}/status") or ""
    versions = {}
    for stanza in text.split("\n\n"):
        name = _field(stanza, "Package")
        if name in wanted:
            versions[name] = _field(stanza, "Version") or ""
    return versions


def _field(stanza: str, name: str) -> Optional[str]:
    for line in stanza.split("\n"):
        if line.startswith(name + ": "):
            return line[len(name) + 2 :].strip()
    return None


def _altered(system: System, package: str, listed: str, path: str) -> bool:
    sums = system.read_text(f"{INFO}/{package}.md5sums")
    if sums is None:
        return False
    entry = re.search(rf"^([0-9a-f]{{32}})  {re.escape(listed[1:])}$", sums, re.MULTILINE)
    return entry is not None and system.digest(path, "md5") not in (None, entry.group(1))
