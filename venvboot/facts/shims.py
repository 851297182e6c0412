"""Resolve the shim of a version manager (pyenv, asdf, mise): what stands on PATH for the interpreter it would start.

Resolved by reading the files that select a version: starting a shim takes 0.1 s, fails for every version that is not
selected, and may fetch one.
"""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, Optional, Tuple

from venvboot.facts.folders import NAME
from venvboot.system import System

LIMIT = 16 << 10

VERSIONS = ("versions", "installs/python")
VARIABLES = ("PYENV_VERSION", "ASDF_PYTHON_VERSION", "MISE_PYTHON_VERSION")

# Files that select versions, and where in them: below the manager's root, then where all users' programs look.
_TOOL_VERSIONS = re.compile(r"^python[ \t]+(.+)$", re.MULTILINE)
FILES = (
    ("{root}/version", re.compile(r"(.+)", re.DOTALL)),
    ("{home}/.tool-versions", _TOOL_VERSIONS),
    ("{root}/../.tool-versions", _TOOL_VERSIONS),
    ("/.tool-versions", _TOOL_VERSIONS),
    ("{home}/.config/mise/config.toml", re.compile(r'^python *= *\[?"([^"\n]+)"', re.MULTILINE)),
)


def is_shim(system: System, path: str) -> bool:
    """Tell whether ``path``, in a folder called ``shims``, is a script or a name for another program."""
    if posixpath.basename(posixpath.dirname(path)) != "shims":
        return False
    try:
        head = system.read(path, 2)
    except OSError:
        return False
    return head == b"#!" or not NAME.match(posixpath.basename(system.realpath(path)))


def target(system: System, path: str) -> Optional[str]:
    """Return the interpreter that the shim ``path`` starts, None when it isn't a shim or has none selected."""
    if not is_shim(system, path):
        return None
    root, name = posixpath.dirname(posixpath.dirname(path)), posixpath.basename(path)
    for version in _selected(system, root):
        for folder in VERSIONS:
            installed = _installed(system, posixpath.join(root, folder), version)
            program = posixpath.join(root, folder, installed, "bin", name)
            if installed and system.is_file(program):
                return program
    return None


def _selected(system: System, root: str) -> Tuple[str, ...]:
    return next((tuple(text.replace(":", " ").split()) for text in _selections(system, root) if text.strip()), ())


def _selections(system: System, root: str) -> Iterator[str]:
    yield from (system.environ.get(variable, "") for variable in VARIABLES)
    for file, pattern in FILES:
        path = posixpath.normpath(file.format(root=root, home=system.environ.get("HOME", "/root")))
        found = pattern.search(system.read_text(path, LIMIT) or "")
        yield found.group(1) if found else ""


def _installed(system: System, versions: str, wanted: str) -> str:
    """Return the folder of a version, empty for none; ``3.12`` is the newest 3.12 where no folder is called so."""
    names = system.list_directory(versions)
    if wanted in names:
        return wanted
    return max((name for name in names if name.startswith(f"{wanted}.")), key=_numbers, default="")


def _numbers(version: str) -> Tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"[0-9]{1,9}", version))
