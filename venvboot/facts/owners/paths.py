"""Paths as package databases list them: every spelling of one file, and which lie in a folder of Python packages."""

from __future__ import annotations

import os
import re
from typing import Collection, Dict, Mapping, Set, Tuple

from venvboot.system import System

# Folders that distributions have merged into another, leaving a link: a database lists a file under either name.
ALIASES = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr/sbin", "/usr/lib64")

# Every path that PYTHON_FILE matches has this in it, and few others have.
PYTHON_FOLDER = b"-packages/"
PYTHON_FILE = re.compile(rb"/lib(?:32|64)?/(?:python|pypy)[^/]*/(?:dist|site)-packages/.")


def links(system: System) -> Tuple[Tuple[str, str], ...]:
    """Return those of ``ALIASES`` that are links, each with the folder it leads to."""
    return tuple((alias, system.realpath(alias).rstrip("/")) for alias in ALIASES if system.is_link(alias))


def spellings(path: str, among: Tuple[Tuple[str, str], ...]) -> Set[str]:
    """Return ``path`` and its other names through these ``links``."""
    names = {path}
    for alias, target in among:
        if path.startswith(alias + "/"):
            names.add(target + path[len(alias) :])
    for alias, target in among:
        names.update([alias + name[len(target) :] for name in names if name.startswith(target + "/")])
    return names


def wanted(system: System, paths: Collection[str]) -> Mapping[bytes, Tuple[str, ...]]:
    """Return each spelling of ``paths``, in the bytes of the file system, with those of them that it stands for."""
    among = links(system)
    found: Dict[bytes, Tuple[str, ...]] = {}
    for path in paths:
        for name in spellings(path, among):
            key = os.fsencode(name)
            found[key] = (*found.get(key, ()), path)
    return found
