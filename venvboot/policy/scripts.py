"""The commands that pip makes of entry points, by their names and first lines."""

from __future__ import annotations

import posixpath
import re
from typing import Collection, Tuple

LONGEST_SHEBANG = 127  # bytes with "#!" and the end of the line (Linux)

# pip names its own command after the Python that it is for, whatever a wheel of it says.
_VERSIONED = re.compile(r"(pip|easy_install)-?\d+(?:\.\d+)?")


def names(name: str, version: str, made: Collection[str]) -> Tuple[str, ...]:
    """Return the names of the commands for one entry point.

    ``version`` is that of the Python (``3.11.2``), ``made`` what has been made already.
    """
    major, minor = version.split(".")[:2]
    if name == "pip":
        return "pip", f"pip{major}", f"pip{major}.{minor}"
    if name == "easy_install":
        return "easy_install", f"easy_install-{major}.{minor}"
    versioned = _VERSIONED.fullmatch(name)
    return (versioned[1],) if versioned and versioned[1] in made else (name,)


def entry_point_of(script: str) -> str:
    """Return the entry point that a script of a wheel would be made for: setuptools once put those into wheels."""
    name = posixpath.basename(script)
    lower = name.lower()
    return next((name[: -len(end)] for end in (".exe", "-script.py", ".pya") if lower.endswith(end)), name)


def shebang(python: str) -> bytes:
    """Return the first line of a command; where the kernel would not take it, a shell finds the Python."""
    line = f"#!{python}\n"
    if len(line.encode()) <= LONGEST_SHEBANG:
        return line.encode()
    return f"#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''\n".encode()
