"""Programs of the distro that start whatever PATH calls python3."""

from __future__ import annotations

import posixpath
import re
from typing import Dict, Mapping, Tuple

from venvboot.facts import owners
from venvboot.model import Ownership, SystemPackage
from venvboot.system import System

FOLDERS = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")
FIRST_LINE = 128
MOST = 100

_ENV_PYTHON = re.compile(rb"#! *(?:/usr)?/bin/env +(?:-S +)?python[23]?(?:\.[0-9]+)?[ \t\r\n]")


def read(system: System) -> Tuple[Tuple[str, SystemPackage], ...]:
    """Return a name of each and the package of its file, at most 100; one of no package is the image's own."""
    folders = dict.fromkeys(system.realpath(folder) for folder in FOLDERS)
    programs: Dict[str, str] = {}  # by the file they lead to
    for path in (path for folder in folders for path in _programs(system, folder)):
        programs.setdefault(system.realpath(path), path)
    files = list(programs)[:MOST]
    owned: Mapping[str, Ownership] = owners.owners_of(system, files).by_path if files else {}
    return tuple((programs[file], owned[file].package) for file in files if file in owned)


def _programs(system: System, folder: str) -> Tuple[str, ...]:
    paths = (posixpath.join(folder, name) for name in system.list_directory(folder))
    return tuple(path for path in paths if _starts_by_env(system, path))


def _starts_by_env(system: System, path: str) -> bool:
    try:
        return bool(_ENV_PYTHON.match(system.read(path, FIRST_LINE)))
    except OSError:
        return False
