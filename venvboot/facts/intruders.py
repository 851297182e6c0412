"""What stands in a folder that comes before the distro's on a Python's path: distributions, and modules of nobody."""

from __future__ import annotations

import csv
import posixpath
from typing import Collection, Iterator, List, Set, Tuple

from venvboot.facts import owners
from venvboot.facts.distributions import import_roots, installed, parse
from venvboot.model import Distribution, IncomingDistribution, OwnedPython
from venvboot.system import System

RECORD_LIMIT = 16 << 20  # bytes
MOST_DEPTH = 4  # folders without an __init__ on the way to a module
MOST_FILES = 20_000
STARTUP = ("sitecustomize", "usercustomize")
BYTECODE = (".pyc", ".pyo")


def standing(system: System, folder: str) -> Tuple[IncomingDistribution, ...]:
    """Return the distributions in ``folder`` with their import roots, then what no distribution accounts for."""
    there = set(_modules(system, folder))
    hooks = {name for name in system.list_directory(folder) if _is_hook(name)}
    found: List[IncomingDistribution] = []
    for distribution in installed(system, [folder]).values():
        files = _recorded(system, distribution)
        roots = there.intersection(import_roots(files) or _named(distribution))
        own = hooks.intersection(files)
        there -= roots
        hooks -= own
        found.append(_distribution(distribution.name, distribution.version, roots, own))
    found += [_distribution(root, "", {root}, set()) for root in sorted(there)]
    found += [_distribution(name, "", set(), {name}) for name in sorted(hooks)]
    return tuple(found)


def beside(system: System, owned: OwnedPython) -> Tuple[Distribution, ...]:
    """Return what in the packages' own folders says to be a distribution of theirs, and no package owns it."""
    folders = {posixpath.dirname(one.location) for one, _ in owned.distributions.values()}
    paths = (posixpath.join(folder, name) for folder in sorted(folders) for name in system.list_directory(folder))
    claims = [one for one in map(parse, paths) if one and _is_another(one, owned)]
    proofs = {path: one.location for one in claims for path in _metadata(one)}
    known = owners.owners_of(system, proofs).by_path if proofs else {}
    rightful = {proofs[path] for path in known}
    return tuple(one for one in claims if one.location not in rightful)


def within(system: System, folder: str, packaged: Collection[str]) -> Tuple[IncomingDistribution, ...]:
    """Return the modules and start-up files at the top of a folder of the packages' own that none of them brought.

    ``packaged`` are the files of packages and the folders that lead to them. Metadata is looked at by ``beside``.
    """
    names = [name for name in system.list_directory(folder) if posixpath.join(folder, name) not in packaged]
    # Python 2 has bytecode beside its source, made when the package is installed.
    beside = {name for name in names if name.endswith(BYTECODE) and posixpath.join(folder, name[:-1]) in packaged}
    found = (_stranger(system, folder, name) for name in sorted(set(names) - beside))
    return tuple(one for one in found if one.import_roots or one.startup_files)


def _is_another(one: Distribution, owned: OwnedPython) -> bool:
    return one.name in owned.distributions and owned.distributions[one.name][0].location != one.location


def _metadata(one: Distribution) -> Tuple[str, ...]:
    """A database may list the files of a folder and not the folder, and an egg-info may be a file."""
    return (one.location, *(posixpath.join(one.location, name) for name in ("METADATA", "PKG-INFO")))


def _distribution(name: str, version: str, roots: Set[str], hooks: Set[str]) -> IncomingDistribution:
    return IncomingDistribution(
        name, version, requested=True, import_roots=tuple(sorted(roots)), startup_files=tuple(sorted(hooks))
    )


def _stranger(system: System, folder: str, name: str) -> IncomingDistribution:
    inside = system.list_directory(posixpath.join(folder, name))
    files = [f"{name}/{module}" for module in inside if module.startswith("__init__.")] or [name]
    hooks = {name} if _is_hook(name) else set()
    return _distribution(name, "", set(import_roots(files)), hooks)


def _is_hook(name: str) -> bool:
    return name.endswith(".pth") or name.partition(".")[0] in STARTUP


def _named(distribution: Distribution) -> Tuple[str, ...]:
    """An egg-info has no list of files that can be relied on; mostly its module has its name."""
    return (distribution.name.replace("-", "_"),)


def _recorded(system: System, distribution: Distribution) -> Tuple[str, ...]:
    text = system.read_text(posixpath.join(distribution.location, "RECORD"), RECORD_LIMIT) or ""
    try:
        return tuple(row[0] for row in csv.reader(text.splitlines()) if row)
    except csv.Error:
        return ()


def _modules(system: System, folder: str) -> Iterator[str]:
    """Give the import roots below ``folder``."""
    files: List[str] = []
    waiting = [("", 0)]
    while waiting and len(files) < MOST_FILES:
        place, depth = waiting.pop()
        for name in system.list_directory(posixpath.join(folder, place)):
            path = f"{place}/{name}" if place else name
            whole = posixpath.join(folder, path)
            if not system.is_directory(whole):
                files.append(path)
            elif system.exists(posixpath.join(whole, "__init__.py")):
                files.append(f"{path}/__init__.py")
            elif depth < MOST_DEPTH and not name.endswith((".dist-info", ".egg-info")) and name != "__pycache__":
                waiting.append((path, depth + 1))
    yield from import_roots(files)
