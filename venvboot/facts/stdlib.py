"""The modules of an interpreter's standard library."""

from __future__ import annotations

import posixpath
from typing import AbstractSet, FrozenSet, Iterable, Iterator, Optional

from venvboot.system import System

DYNAMIC = "lib-dynload"
# Folders in it that hold no modules of the library, and the one that its own manual leaves out
NO_MODULES = ("site-packages", "dist-packages", "__pycache__", "config", "ensurepip", "test")


def modules(system: System, folder: str, builtin: AbstractSet[str], told: Optional[Iterable[str]]) -> FrozenSet[str]:
    """Return what Python has ``told``, and what is built in; of one too old to know them what ``folder`` has."""
    return listed(system, folder, builtin) if told is None else frozenset(builtin).union(told)


def listed(system: System, folder: str, builtin: AbstractSet[str] = frozenset()) -> FrozenSet[str]:
    """Return the names of the modules in ``folder``; Python itself knows them only from 3.10 on."""
    return frozenset(builtin).union(_names(system, folder), _names(system, posixpath.join(folder, DYNAMIC)))


def _names(system: System, folder: str) -> Iterator[str]:
    for name in system.list_directory(folder):
        module, _, kind = name.partition(".")
        is_package = not kind and system.exists(posixpath.join(folder, name, "__init__.py"))
        if module and module not in NO_MODULES and (is_package or kind.endswith(("py", "so"))):
            yield module
