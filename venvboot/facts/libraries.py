"""The folders of shared libraries that an interpreter needs and the dynamic linker doesn't look into by itself."""

from __future__ import annotations

import posixpath
import re
from typing import Mapping, Tuple

from venvboot.system import System

VARIABLE = "LD_LIBRARY_PATH"
FOLDERS = ("lib64", "lib")

# glibc's words and musl's.
_MISSING = re.compile(r"error while loading shared libraries: \S+|Error loading shared library \S+")
_COLLECTION = re.compile(r"(/.+)/root/usr/bin/[^/]+\Z")
_LIBRARY = re.compile(r"lib.+\.so(?:\..+)?\Z")


def missing(output: str) -> str:
    """Return the line of a failed start that names a missing library, empty where that isn't the reason."""
    return next((line.strip() for line in output.splitlines() if _MISSING.search(line)), "")


def beside(system: System, real_path: str) -> Tuple[str, ...]:
    """Return the folders with shared libraries in the tree of the interpreter ``real_path``: lib64, then lib."""
    prefix = posixpath.dirname(posixpath.dirname(real_path))
    folders = (posixpath.join(prefix, name) for name in FOLDERS)
    return tuple(folder for folder in folders if any(_LIBRARY.match(name) for name in system.list_directory(folder)))


def is_collection(system: System, real_path: str) -> bool:
    """Tell whether the interpreter lies in a Software Collection, whose ``enable`` script sets the library path."""
    match = _COLLECTION.match(real_path)
    return match is not None and system.is_file(posixpath.join(match.group(1), "enable"))


def present(environ: Mapping[str, str], folders: Tuple[str, ...]) -> Tuple[str, ...]:
    """Return those of ``folders`` that LD_LIBRARY_PATH has already."""
    given = [posixpath.normpath(folder) for folder in environ.get(VARIABLE, "").split(":") if folder]
    return tuple(folder for folder in folders if folder in given)


def added(environ: Mapping[str, str], folders: Tuple[str, ...]) -> Mapping[str, str]:
    """Return ``environ`` with ``folders`` first in LD_LIBRARY_PATH; an empty entry would be the working directory."""
    kept = [folder for folder in environ.get(VARIABLE, "").split(":") if folder]
    return {**environ, VARIABLE: ":".join((*folders, *kept))}
