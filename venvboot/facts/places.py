"""Signs of who made a tree: where it lies and what its maker leaves in it, read without starting anything."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Iterator, Mapping, Pattern, Tuple

from venvboot.model import Candidate, Mark, Weight
from venvboot.system import System


@dataclass(frozen=True)
class Place:
    """One maker's place. ``path`` matches the resolved interpreter, and its group ``root`` is the maker's tree.

    Where ``files`` names any, one of these patterns must match as well: below the root, or anywhere if absolute.
    """

    kind: str
    path: Pattern[str]
    files: Tuple[str, ...] = ()
    weight: Weight = Weight.STRONG


def _place(kind: str, root: str, *files: str, weight: Weight = Weight.STRONG) -> Place:
    return Place(kind, re.compile(rf"(?P<root>{root})/bin/[^/]+\Z"), files, weight)


# The order is that of the verdicts: a pixi environment is one of conda's as well, and pyenv may hold any of them.
PLACES = (
    _place("s2i", "/opt/app-root", "pyvenv.cfg", weight=Weight.HARD),
    _place("pixi", "/.+", "conda-meta/pixi", weight=Weight.HARD),
    # micromamba's images have an empty conda-meta without any Python: only the package's own file tells.
    _place("conda", "/.+", "conda-meta/python-[23]*.json", "conda-meta/pypy*.json", weight=Weight.HARD),
    _place("nix", "/nix/store/[0-9a-z]{32}-[^/]+", weight=Weight.HARD),
    _place("guix", "/gnu/store/[0-9a-z]{32}-[^/]+", weight=Weight.HARD),
    _place("homebrew", "/.+/Cellar/(?:python|pypy|graalpy)[^/]*/[^/]+", "INSTALL_RECEIPT.json", weight=Weight.HARD),
    _place("homebrew", "/.+/Cellar/(?:python|pypy|graalpy)[^/]*/[^/]+"),
    _place("scl", "/.+/root/usr", "../../enable", weight=Weight.HARD),
    _place("uv", "/.+/uv/python/[^/]+"),
    _place("uv", r"/.+/(?:cpython|pypy|graalpy)-\d+\.\d+\.\d+[^/]*-linux-[^/]+"),
    _place("bitnami", "/opt/bitnami/python"),
    _place("lambda", "/var/lang"),
    _place("manylinux", "/opt/_internal/[^/]+"),
    _place("oryx", r"/opt/python/\d+\.\d+[^/]*", "/etc/ld.so.conf.d/python.conf"),
    _place("devcontainers", r"/usr/local/python/\d+\.\d+[^/]*"),
    _place("tool-cache", "/.+/hostedtoolcache/(?:Python|PyPy|GraalPy)/[^/]+/[^/]+"),
    _place("buildpack", "/layers/[^/]+/[^/]*python[^/]*"),
    _place("activestate", "/opt/ActivePython-[^/]+"),
    _place("pyenv", r"/.*/?\.?pyenv/versions/[^/]+"),
    _place("asdf", "/.+/installs/python/[^/]+"),
)

# Variables that images of a maker set, by the kind of origin they speak of. Their values may be anything, and are
# not told.
HINTS = (
    ("docker-library", ("PYTHON_VERSION", "PYTHON_SHA256")),
    ("scl", ("X_SCLS",)),
    ("conda", ("CONDA_PREFIX", "MAMBA_ROOT_PREFIX", "MAMBA_EXE")),
    ("uv", ("UV_PYTHON_INSTALL_DIR",)),
    ("pyenv", ("PYENV_ROOT", "PYENV_VERSION")),
    ("bitnami", ("BITNAMI_APP_NAME",)),
    ("lambda", ("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR")),
    ("buildpack", ("CNB_STACK_ID", "CNB_APP_DIR")),
    ("s2i", ("STI_SCRIPTS_PATH", "APP_ROOT")),
)


def marks(system: System, candidate: Candidate) -> Tuple[Mark, ...]:
    """Return every maker's sign, in the order of ``PLACES``; an environment is looked at in its own folder."""
    venv = candidate.venv
    return tuple(_found(system, f"{system.realpath(venv.prefix)}/bin/python" if venv else candidate.real_path))


def _found(system: System, path: str) -> Iterator[Mark]:
    for place in PLACES:
        match = place.path.match(path)
        if not match:
            continue
        root = match.group("root")
        if not place.files:
            yield Mark(place.kind, root, f"it lies in {root}", place.weight)
            continue
        for pattern in place.files:
            found = system.glob(posixpath.normpath(posixpath.join(root, pattern)))
            if found:
                yield Mark(place.kind, root, f"{found[0]} stands there", place.weight)
                break


def hints(environ: Mapping[str, str]) -> Tuple[str, ...]:
    """Return what the environment suggests, as ``LAMBDA_TASK_ROOT is set (as with lambda)``."""
    return tuple(f"{name} is set (as with {kind})" for kind, names in HINTS for name in names if environ.get(name))


def unreachable(system: System, path: str) -> str:
    """Return the first folder above ``path`` that neither everybody nor group 0 may search, empty for none."""
    folders = path.split("/")[1:-1]
    for depth in range(1, len(folders) + 1):
        folder = "/" + "/".join(folders[:depth])
        info = system.status(folder)
        if info and not info.st_mode & 0o001 and not (info.st_gid == 0 and info.st_mode & 0o010):
            return folder
    return ""
