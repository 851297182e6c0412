"""Paths as package databases list them: every spelling of one file, and which kinds of files are asked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Collection, Dict, FrozenSet, Mapping, Pattern, Set, Tuple

from venvboot.system import System

# Folders that distributions have merged into another, leaving a link: a database lists a file under either name.
ALIASES = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr/sbin", "/usr/lib64")


@dataclass(frozen=True)
class Sought:
    """A kind of files: those whose path ``pattern`` is found in.

    ``words`` are there to pass over the rest quickly: the folder of each of these files, with a slash at its end and
    with or without one at its beginning, has one of them in it.
    """

    words: FrozenSet[bytes]
    pattern: Pattern[bytes]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, bytes) and self.pattern.search(path) is not None

    def __or__(self, other: Sought) -> Sought:
        either = b"(?:%s)|(?:%s)" % (self.pattern.pattern, other.pattern.pattern)
        return Sought(self.words | other.words, re.compile(either))


_PYTHON = rb"/lib(?:32|64|x32)?/(?:python|pypy)[^/]*/"

PYTHON_PACKAGES = Sought(frozenset((b"-packages/",)), re.compile(_PYTHON + rb"(?:dist|site)-packages/."))

# The standard library as well.
PYTHON_TREE = Sought(
    frozenset(lib + python for lib in (b"lib/", b"lib32/", b"lib64/", b"libx32/") for python in (b"python", b"pypy")),
    re.compile(_PYTHON + b"."),
)

COMMANDS = Sought(frozenset((b"bin/",)), re.compile(rb"\A/(?:usr/)?s?bin/[^/]+\Z"))


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
