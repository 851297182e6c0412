"""What the dynamic linker of the image knows, and what folders of libraries would change for it."""

from __future__ import annotations

import posixpath
import re
from typing import FrozenSet, Iterable, Tuple

from venvboot.facts import trust
from venvboot.model import LinkerFacts
from venvboot.policy import libraries
from venvboot.system import System

PROGRAMS = ("/sbin/ldconfig", "/usr/sbin/ldconfig")
CONFIGURATION = "/etc/ld.so.conf.d"
# The linker's own folders on multiarch and on lib64 distros; others come from its configuration.
SYSTEM_FOLDERS = ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib/*-linux-gnu*", "/usr/lib/*-linux-gnu*")
LIMIT = 64 << 10
TIMEOUT = 20.0

_LIBRARY = re.compile(r".+\.so(?:\..+)?\Z")


def ldconfig(system: System) -> str:
    """Return the path of ldconfig, empty where there is none (musl has no cache)."""
    return next((path for path in PROGRAMS if system.is_file(path)), "")


def read(system: System, library_path: str, base_path: str = "") -> LinkerFacts:
    """Return whether ``library_path`` can be added to the linker's cache, and what speaks against it.

    Where it would hide libraries of the system's, ``base_path`` is started with the others alone.
    """
    folders, links = library_path.split(":"), libraries.links_folder(library_path)
    offered = _libraries(system, folders)
    known = _libraries(system, (folder for folder in _searched(system) if folder not in (*folders, links)))
    hidden = tuple(sorted(offered & known))
    lacking = tuple((name, _first(system, folders, name)) for name in sorted(offered - known)) if hidden else ()
    linked = bool(lacking) and all(
        system.realpath(posixpath.join(links, name)) == system.realpath(path) for name, path in lacking
    )
    if base_path and not linked and lacking and not _starts(system, base_path, lacking):
        lacking = ()
    return LinkerFacts(
        has_ldconfig=bool(ldconfig(system)) and system.is_directory(CONFIGURATION),
        hidden=hidden,
        lacking=lacking,
        linked=linked,
        exposed=next(filter(None, (trust.exposure(system, path) for path in _named(system, folders))), ""),
    )


def _first(system: System, folders: Iterable[str], name: str) -> str:
    return next(path for path in (posixpath.join(one, name) for one in folders) if system.status(path))


def _starts(system: System, base_path: str, lacking: Iterable[Tuple[str, str]]) -> bool:
    """Tell whether the interpreter starts when it finds these libraries of its tree and no others."""
    with system.temporary_directory() as folder:
        for name, path in lacking:
            system.link(posixpath.join(folder, name), path)
        # Options that each Python has
        argv = [base_path, "-E", "-S", "-B", "-c", "import sys"]
        return system.run(argv, env={"LD_LIBRARY_PATH": folder}, timeout=TIMEOUT).code == 0


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
