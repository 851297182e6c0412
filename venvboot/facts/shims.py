"""Resolve a pyenv or asdf shim, a script that stands on PATH for the interpreter it would start.

Resolved by reading the version files: starting a shim takes 0.1 s and fails for every version not selected.
"""

from __future__ import annotations

import posixpath
from typing import Optional, Tuple

from venvboot.system import System

LAYOUTS = ("versions/{version}/bin", "installs/python/{version}/bin")


def is_shim(system: System, path: str) -> bool:
    """Tell whether ``path`` is a script in a folder called ``shims``."""
    if posixpath.basename(posixpath.dirname(path)) != "shims":
        return False
    try:
        return system.read(path, 2) == b"#!"
    except OSError:
        return False


def target(system: System, path: str) -> Optional[str]:
    """Return the interpreter that the shim ``path`` starts, None when it isn't a shim or has none selected."""
    if not is_shim(system, path):
        return None
    root, name = posixpath.dirname(posixpath.dirname(path)), posixpath.basename(path)
    for version in _selected(system, root):
        for layout in LAYOUTS:
            program = posixpath.join(root, layout.format(version=version), name)
            if system.is_file(program):
                return program
    return None


def version_folder(path: str) -> str:
    """Return the pyenv or asdf version folder that ``path`` lies in, an empty string for none."""
    parts = path.split("/")
    for index, part in enumerate(parts[:-2]):
        if part == "versions" and "pyenv" in parts[index - 1]:
            return "/".join(parts[: index + 2])
        if part == "installs" and parts[index + 1] == "python":
            return "/".join(parts[: index + 3])
    return ""


def _selected(system: System, root: str) -> Tuple[str, ...]:
    chosen = system.environ.get("PYENV_VERSION", "").replace(":", " ")
    text = chosen or system.read_text(posixpath.join(root, "version"), 4096) or ""
    return tuple(word for word in text.split() if "/" not in word and word != "..")
