"""Find every file of the image that should be a Python interpreter, without starting one."""

from __future__ import annotations

import posixpath
import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from venvboot.facts import pyvenv, shims
from venvboot.model import Candidate, VenvConfig
from venvboot.system import System

NAME = re.compile(r"(?:python|pypy|graalpy)(?:[23](?:\.[0-9]{1,2})?)?t?\Z")

FOLDERS = (
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/libexec",
    "/opt/*/bin",
    "/opt/python/*/bin",
    "/opt/*/*/root/usr/bin",
    "/opt/pyenv/versions/*/bin",
    "/usr/local/pyenv/versions/*/bin",
    "/usr/local/python/*/bin",
    "/opt/hostedtoolcache/Python/*/*/bin",
    "/root/.pyenv/versions/*/bin",
    "/root/.local/share/uv/python/*/bin",
    "/var/lang/bin",
)
FOLDERS_OF_VARIABLES = (
    ("PYENV_ROOT", "versions/*/bin"),
    ("VIRTUAL_ENV", "bin"),
    ("CONDA_PREFIX", "bin"),
    ("MAMBA_ROOT_PREFIX", "envs/*/bin"),
    ("UV_PYTHON_INSTALL_DIR", "*/bin"),
    ("APP_ROOT", "bin"),
    ("HOME", ".pyenv/versions/*/bin"),
    ("HOME", ".local/share/uv/python/*/bin"),
)


class _Key(NamedTuple):
    """What makes two names one interpreter: the same file, in the same environment or in none."""

    environment: str
    device: int
    inode: int


def find(system: System) -> Tuple[Candidate, ...]:
    """Return the interpreters of the image: those on PATH first, in PATH order, then those elsewhere.

    Names that end at the same file are one candidate; a virtual environment's are its own, although its links
    end at the base. ``first_on_path`` marks what ``python3`` (``python`` where there is none) means.
    """
    names: Dict[_Key, List[str]] = {}
    configs: Dict[_Key, Optional[VenvConfig]] = {}
    first: Dict[str, _Key] = {}
    for path, on_path in _paths(system):
        target = shims.target(system, path) or path
        key_and_config = _identify(system, target)
        if key_and_config is None:
            continue
        key, configs_of_key = key_and_config
        configs[key] = configs_of_key
        for name in (path, target) if on_path else (target,):
            if name not in names.setdefault(key, []):
                names[key].append(name)
        if on_path:
            first.setdefault(posixpath.basename(path), key)
    chosen = first.get("python3") or first.get("python")
    return tuple(_candidate(system, found, configs[key], first_on_path=key == chosen) for key, found in names.items())


def examine(system: System, path: str) -> Optional[Candidate]:
    """Return the interpreter at one given path, None when no executable program stands there."""
    target = shims.target(system, path) or path
    key_and_config = _identify(system, target)
    if key_and_config is None:
        return None
    return _candidate(system, [path], key_and_config[1], first_on_path=False, target=target)


def search_path(system: System) -> Tuple[str, ...]:
    """Return the folders of PATH; relative ones are left out, they'd be the working directory's."""
    folders = system.environ.get("PATH", "").split(":")
    return tuple(dict.fromkeys(posixpath.normpath(folder) for folder in folders if folder.startswith("/")))


def _paths(system: System) -> Iterator[Tuple[str, bool]]:
    for folder in search_path(system):
        for path in _interpreters_in(system, folder):
            yield path, True
    patterns = list(FOLDERS)
    for variable, below in FOLDERS_OF_VARIABLES:
        value = system.environ.get(variable, "")
        if value.startswith("/"):
            patterns.append(posixpath.join(value, below))
    for pattern in patterns:
        for folder in system.glob(pattern) if "*" in pattern else (pattern,):
            for path in _interpreters_in(system, folder):
                yield path, False
    # RHEL 8's own name for the interpreter of its tools.
    for path in system.glob("/usr/libexec/platform-python*"):
        yield path, False


def _interpreters_in(system: System, folder: str) -> Iterator[str]:
    for name in system.list_directory(folder):
        if NAME.match(name):
            yield posixpath.join(folder, name)


def _identify(system: System, path: str) -> Optional[Tuple[_Key, Optional[VenvConfig]]]:
    real = system.realpath(path)
    info = system.status(real)
    if info is None or not info.st_mode & 0o111 or not _is_program(system, real):
        return None
    config = pyvenv.of_executable(system, path)
    return _Key(config.prefix if config else "", info.st_dev, info.st_ino), config


def _is_program(system: System, path: str) -> bool:
    """ELF only: a console script or an exec wrapper may bear an interpreter's name and isn't one."""
    try:
        return system.read(path, 4) == b"\x7fELF"
    except OSError:
        return False


def _candidate(
    system: System, names: List[str], config: Optional[VenvConfig], *, first_on_path: bool, target: str = ""
) -> Candidate:
    real = system.realpath(target or next((name for name in names if not shims.is_shim(system, name)), names[0]))
    return Candidate(names[0], real, tuple(names), first_on_path, config)
