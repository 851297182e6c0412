"""What the dynamic linker of the image knows, and what folders of libraries would change for it."""

from __future__ import annotations

import posixpath
import re
from typing import FrozenSet, Iterable

from venvboot.facts import trust
from venvboot.model import LinkerFacts
from venvboot.system import System

PROGRAMS = ("/sbin/ldconfig", "/usr/sbin/ldconfig")
CONFIGURATION = "/etc/ld.so.conf.d"
# The linker's own folders on multiarch and on lib64 distros; others come from its configuration.
SYSTEM_FOLDERS = ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib/*-linux-gnu*", "/usr/lib/*-linux-gnu*")
LIMIT = 64 << 10

_LIBRARY = re.compile(r".+\.so(?:\..+)?\Z")


def ldconfig(system: System) -> str:
    """Return the path of ldconfig, empty where there is none (musl has no cache)."""
    return next((path for path in PROGRAMS if system.is_file(path)), "")


def read(system: System, library_path: str) -> LinkerFacts:
    """Return whether ``library_path`` can be added to the linker's cache, and what speaks against it."""
    folders = library_path.split(":")
    offered = _libraries(system, folders)
    known = _libraries(system, (folder for folder in _searched(system) if folder not in folders))
    return LinkerFacts(
        has_ldconfig=bool(ldconfig(system)) and system.is_directory(CONFIGURATION),
        hidden=tuple(sorted(offered & known)),
        exposed=next(filter(None, (trust.exposure(system, path) for path in _named(system, folders))), ""),
    )


def _named(system: System, folders: Iterable[str]) -> Iterable[str]:
    """Give the folders, then what a library in them may be a link to."""
    for folder in folders:
        yield folder
        yield from (posixpath.join(folder, name) for name in sorted(_libraries(system, [folder])))


def _searched(system: System) -> Iterable[str]:
    for pattern in SYSTEM_FOLDERS:
        yield from system.glob(pattern)
    for path in system.glob(f"{CONFIGURATION}/*.conf"):
        for line in (system.read_text(path, LIMIT) or "").splitlines():
            folder = line.partition("#")[0].strip()
            if folder.startswith("/"):
                yield posixpath.normpath(folder)


def _libraries(system: System, folders: Iterable[str]) -> FrozenSet[str]:
    return frozenset(name for folder in folders for name in system.list_directory(folder) if _LIBRARY.match(name))
