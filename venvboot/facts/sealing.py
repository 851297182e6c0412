"""What an environment holds that only installing needs: told by names and by metadata, nothing is imported."""

from __future__ import annotations

import glob
import posixpath
import re
import stat
from typing import Dict, Iterator, List, Set, Tuple

from venvboot import hook
from venvboot.facts import installed_files
from venvboot.facts.distributions import libraries, listed
from venvboot.model import Distribution, Record, SealFacts, canonical
from venvboot.model.sealing import INSTALLERS, PIP
from venvboot.policy import access, requirement
from venvboot.system import System

METADATA_LIMIT = 4 << 20  # bytes; a long description stands below the headers
# The second is virtualenv's own, for what old versions of distutils do at an installation.
HOOKS = (*hook.NAMES, "_virtualenv.pth", "_virtualenv.py")
# Python 2 has bytecode beside the source, and imports it without one.
BESIDE = ("", "c", "o")

# virtualenv's, for backups; and what is being written (system.write)
CACHE_TAG = "CACHEDIR.TAG"
PART = ".venvboot.part"

# pip, pip3, pip3.11, pip-3.11; not pip-compile
_PIP = re.compile(r"pip-?[0-9.]*\Z")
_ACTIVATOR = re.compile(r"(?:de)?activate(?:\.[a-z0-9]+|_this\.py)?\Z", re.IGNORECASE)
_REQUIRES = re.compile(r"^Requires-Dist:[ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_OF_AN_EXTRA = re.compile(r";.*\bextra\b")


def read(system: System, record: Record) -> SealFacts:
    """Return what is there of it."""
    library_folders = libraries(system, record)
    distributions = list(listed(system, library_folders))
    installers = tuple(one for one in distributions if one.name in INSTALLERS)
    folder = posixpath.join(record.dest, "bin")
    programs = [posixpath.join(folder, name) for name in system.list_directory(folder)]
    files = [path for path in programs if not _is_folder(system, path)]
    return SealFacts(
        installers=installers,
        without_record=tuple(one.name for one in installers if installed_files.read(system, one.location) is None),
        needed_by=_needed_by(system, distributions),
        pip=(
            *(path for path in files if _PIP.match(posixpath.basename(path))),
            *(path for library in library_folders for path in _of_pip(system, library)),
        ),
        hooks=tuple(path for library in library_folders for path in _hooks(system, library)),
        activators=tuple(path for path in files if _ACTIVATOR.match(posixpath.basename(path))),
        signs=tuple(_signs(system, record)),
    )


def _is_folder(system: System, path: str) -> bool:
    info = system.status(path)
    return info is None or stat.S_ISDIR(info.st_mode)


def _of_pip(system: System, library: str) -> Iterator[str]:
    """Give pip's package, which bytecode of other kinds would outlive, and virtualenv's note that it put it there."""
    for name in system.list_directory(library):
        if name == PIP or (name.startswith(f"{PIP}-") and name.endswith(".virtualenv")):
            yield posixpath.join(library, name)


def _hooks(system: System, library: str) -> Iterator[str]:
    for path in (posixpath.join(library, f"{name}{end}") for name in HOOKS for end in BESIDE):
        if system.status(path) is not None:
            yield path
    folder = posixpath.join(library, "__pycache__")
    modules = tuple(f"{name[:-3]}." for name in HOOKS if name.endswith(".py"))
    yield from (posixpath.join(folder, name) for name in system.list_directory(folder) if name.startswith(modules))


def _signs(system: System, record: Record) -> Iterator[str]:
    path = posixpath.join(record.dest, access.UV_LOCK)
    info = system.status(path)
    if info is not None and stat.S_ISREG(info.st_mode) and access.is_uv_lock(path, info.st_size):
        yield path
    tag = posixpath.join(record.dest, CACHE_TAG)
    if system.status(tag) is not None:
        yield tag
    for folder in (record.dest, posixpath.join(record.dest, "bin"), record.site_packages):
        yield from system.glob(f"{glob.escape(folder)}/.*{PART}")


def _needed_by(system: System, distributions: List[Distribution]) -> Dict[str, Tuple[str, ...]]:
    """Return who else requires the installers; markers are passed over, but that of an extra for pip.

    What they require of each other is for building. What stays for nothing does no harm, and what is removed wrongly
    breaks a program. pip goes in any case.
    """
    found: Dict[str, Set[str]] = {}
    for one in distributions:
        for wanted in _requirements(system, one.location) if one.name not in INSTALLERS else ():
            name = canonical(requirement.name(wanted) or "-")
            if name in INSTALLERS and not (name == PIP and _OF_AN_EXTRA.search(wanted)):
                found.setdefault(name, set()).add(one.name)
    return {name: tuple(sorted(who)) for name, who in found.items()}


def _requirements(system: System, metadata: str) -> Iterator[str]:
    """Give the requirements as METADATA, or the requires.txt of setuptools, has them."""
    headers = (system.read_text(posixpath.join(metadata, "METADATA"), METADATA_LIMIT) or "").partition("\n\n")[0]
    yield from _REQUIRES.findall(headers)
    for line in (system.read_text(posixpath.join(metadata, "requires.txt"), METADATA_LIMIT) or "").splitlines():
        if line.strip() and not line.startswith("["):
            yield line.strip()
