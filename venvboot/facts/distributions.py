"""Installed distributions, read from the names of their metadata folders; nothing is imported."""

from __future__ import annotations

import posixpath
import re
from typing import Dict, Iterable, Iterator, List, Optional, Tuple

from venvboot.model import Distribution, Record, canonical
from venvboot.system import System

# jinja2-3.1.4.dist-info, Jinja2-3.1.2.egg-info, foo-1.0-py3.11.egg-info
_METADATA = re.compile(r"(?P<name>[^-]+(?:-[^-]+)*?)-(?P<version>\d[^-]*)(?:-py\d+(?:\.\d+)?)?\.(?:dist|egg)-info\Z")


def parse(path: str) -> Optional[Distribution]:
    """Return the distribution whose metadata folder or file is ``path``, None for any other name."""
    match = _METADATA.match(posixpath.basename(path))
    return Distribution(canonical(match["name"]), match["version"], path) if match else None


def installed(system: System, folders: Iterable[str]) -> Dict[str, Distribution]:
    """Return the distributions in site-packages ``folders`` by canonical name; the first folder wins."""
    found: Dict[str, Distribution] = {}
    for one in listed(system, folders):
        found.setdefault(one.name, one)
    return found


def listed(system: System, folders: Iterable[str]) -> Iterator[Distribution]:
    """Give what has metadata in site-packages ``folders``, folder by folder."""
    for folder in folders:
        yield from filter(None, (parse(posixpath.join(folder, name)) for name in system.list_directory(folder)))


def libraries(system: System, record: Record) -> Tuple[str, ...]:
    """Return the folders of site-packages of an environment: Fedora's Python has one more, for compiled modules.

    https://docs.fedoraproject.org/en-US/packaging-guidelines/Python/ (platlib); a link to the other is none.
    """
    purelib = record.site_packages
    platlib = f"{record.dest}/lib64{purelib[len(f'{record.dest}/lib') :]}"
    if not purelib.startswith(f"{record.dest}/lib/") or not system.is_directory(platlib):
        return (purelib,)
    return (purelib,) if system.realpath(platlib) == system.realpath(purelib) else (purelib, platlib)


def present(system: System, record: Record) -> Dict[str, str]:
    """Return the versions of what is installed in an environment, by canonical name; of some more than one."""
    return {name: ", ".join(one.version for one in found) for name, found in _each(system, record).items()}


def doubled(system: System, record: Record) -> Dict[str, Tuple[str, ...]]:
    """Return the metadata folders of what has more than one in an environment, by canonical name.

    Two tools that know nothing of each other, or folders that were copied over one another, leave that.
    """
    found = _each(system, record)
    return {name: tuple(one.location for one in several) for name, several in found.items() if len(several) > 1}


def _each(system: System, record: Record) -> Dict[str, List[Distribution]]:
    found: Dict[str, List[Distribution]] = {}
    for one in listed(system, libraries(system, record)):
        found.setdefault(one.name, []).append(one)
    return found


def import_roots(paths: Iterable[str]) -> Tuple[str, ...]:
    """Return the import roots of files given relative to a site-packages folder, sorted.

    The way down goes on while a folder has no ``__init__``: of a namespace such as ``google`` only the packages
    below it count, or every second ``google-*`` distribution would collide with another.
    """
    files = [path.split("/") for path in paths]
    packages = {"/".join(parts[:-1]) for parts in files if _module(parts[-1]) == "__init__"}
    roots = {root for parts in files for root in [_root(parts, packages)] if root}
    return tuple(sorted(roots))


def _root(parts: list[str], packages: set[str]) -> str:
    if any(part.endswith((".dist-info", ".egg-info")) or part == "__pycache__" for part in parts):
        return ""
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        if folder in packages:
            return folder
    module = _module(parts[-1])
    return "/".join([*parts[:-1], module]) if module else ""


def _module(name: str) -> str:
    return name.partition(".")[0] if name.endswith((".py", ".so", ".pyc")) else ""
