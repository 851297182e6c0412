"""Find every file of the image that should be a Python interpreter, without starting one."""

from __future__ import annotations

import glob
import os
import posixpath
import re
import stat
from dataclasses import replace
from typing import Dict, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from venvboot.facts import folders, pyvenv, shims, wrappers
from venvboot.model import Candidate, VenvConfig
from venvboot.system import System

ELF = b"\x7fELF"
SCRIPT = b"#!"


class _Key(NamedTuple):
    """What makes two names one interpreter: the same file, in the same environment or in none."""

    environment: str
    device: int
    inode: int


class _Program(NamedTuple):
    """What a name stands for; ``path`` is the name itself, or what a shim or wrapper of that name starts."""

    key: _Key
    path: str
    real_path: str
    venv: Optional[VenvConfig]
    script: bool


def find(system: System) -> Tuple[Candidate, ...]:
    """Return the interpreters of the image: those on PATH first, in PATH order, then those elsewhere."""
    return tuple(_search(system).values())


def examine(system: System, path: str) -> Optional[Candidate]:
    """Return the interpreter at one given path, None when no executable program stands there.

    It is the one that ``find`` returns, with all its names, if it is among those: the name that was typed comes first
    and tells nothing else.
    """
    program = _resolve(system, path)
    if program is None:
        return None
    known = _search(system).get(program.key)
    if known is None:
        return _candidate(program, (path,), first_on_path=False)
    return replace(known, path=path, names=tuple(dict.fromkeys((path, *known.names))))


def _search(system: System) -> Mapping[_Key, Candidate]:
    """Return what is found by what makes it one.

    Names that end at the same file are one candidate; a virtual environment's are its own, although its links
    end at the base. The base is found with it, wherever that lies. ``first_on_path`` marks what ``python3``
    (``python`` where there is none) means.
    """
    programs: Dict[_Key, _Program] = {}
    names: Dict[_Key, Dict[str, None]] = {}
    first: Dict[str, _Key] = {}
    for path, on_path in _paths(system).items():
        program = _resolve(system, path)
        if program is None:
            continue
        programs.setdefault(program.key, program)
        names.setdefault(program.key, {}).update({path: None, program.path: None})
        if on_path:
            first.setdefault(posixpath.basename(path), program.key)
    bases = {key: base for key, base in ((one.key, _base(system, one)) for one in programs.values()) if base}
    for base in bases.values():
        programs.setdefault(base.key, base)
        names.setdefault(base.key, {base.path: None})
    chosen = first.get("python3") or first.get("python")
    return {
        key: replace(
            _candidate(program, tuple(names[key]), first_on_path=key == chosen),
            base=bases[key].real_path if key in bases else "",
        )
        for key, program in programs.items()
    }


def merge(
    system: System, candidates: Sequence[Candidate], executables: Mapping[Candidate, str]
) -> Tuple[Candidate, ...]:
    """Return ``candidates`` with each wrapper folded into the interpreter that it starts.

    ``executables`` has what a started one named as its sys.executable. Where that is another file, the names move to
    the candidate of that file, ``first_on_path`` with them; it takes the place of whichever was found first.
    """
    merged: Dict[_Key, Candidate] = {}
    for candidate in candidates:
        key, actual = _actual(system, candidate, executables.get(candidate, ""))
        known = merged.get(key)
        if known:
            # What was found itself knows more of it than what was told by a wrapper.
            actual = replace(
                actual if actual == candidate else known,
                path=known.path,
                names=tuple(dict.fromkeys((*known.names, *actual.names))),
                first_on_path=known.first_on_path or actual.first_on_path,
            )
        merged[key] = actual
    return tuple(merged.values())


def startable(candidate: Candidate) -> str:
    """Return the path to start: the real file, unless the interpreter acts by the name or place it is started under.

    A relocated tree finds its standard library only from its resolved folder, a copied environment only from its own;
    a wrapper as Gentoo's python-exec goes by its name. A linked environment is not started: its base tells the same.
    """
    if candidate.venv and candidate.real_path.startswith(candidate.venv.prefix + "/"):
        return next(
            (name for name in candidate.names if name.startswith(candidate.venv.prefix + "/")), candidate.path
        )
    by_name = candidate.script or not folders.NAME.match(posixpath.basename(candidate.real_path))
    return candidate.path if by_name else candidate.real_path


def search_path(system: System) -> Tuple[str, ...]:
    """Return the folders of PATH; relative ones are left out, they'd be the working directory's."""
    entries = system.environ.get("PATH", "").split(":")
    return tuple(dict.fromkeys(posixpath.normpath(entry) for entry in entries if entry.startswith("/")))


def is_on_path(system: System, candidate: Candidate) -> bool:
    folders_of_path = search_path(system)
    return any(posixpath.dirname(name) in folders_of_path for name in candidate.names)


def _paths(system: System) -> Dict[str, bool]:
    """Return every path with an interpreter's name, and whether it is on PATH, in the order of the search."""
    found = {path: True for folder in search_path(system) for path in _interpreters_in(system, folder)}
    for folder in _folders(system):
        for path in _interpreters_in(system, folder):
            found.setdefault(path, False)
    return found


def _folders(system: System) -> Iterator[str]:
    for pattern in _patterns(system):
        yield from system.glob(pattern)[: folders.MOST_FOLDERS]


def _patterns(system: System) -> Iterator[str]:
    yield from folders.FOLDERS
    for root, below in folders.ROOTS:
        yield from (posixpath.join(root, pattern) for pattern in below)
    for variable, below in folders.VARIABLES:
        root = system.environ.get(variable, "")
        if root.startswith("/"):
            yield from (posixpath.join(glob.escape(root), pattern) for pattern in below)
    for path in system.glob(folders.COLLECTIONS):
        root = (system.read_text(path, folders.COLLECTIONS_LIMIT) or "").strip()
        if root.startswith("/"):
            yield posixpath.join(glob.escape(root), posixpath.basename(path), "root/usr/bin")


def _interpreters_in(system: System, folder: str) -> Iterator[str]:
    for name in system.list_directory(folder):
        if folders.NAME.match(name):
            yield posixpath.join(folder, name)


def _resolve(system: System, path: str) -> Optional[_Program]:
    """Return the program at ``path``, or the one that a shim or wrapper there starts where reading tells which."""
    if shims.is_shim(system, path):
        selected = shims.target(system, path)
        return _program(system, selected) if selected else None
    program = _program(system, path)
    if program is None or not program.script:
        return program
    target = wrappers.target(system, program.real_path)
    behind = _program(system, target) if target else None
    return behind if behind and not behind.script else program


def _base(system: System, program: _Program) -> Optional[_Program]:
    """Return what the environment of ``program`` was made from, as its configuration or its link tells."""
    if program.venv is None:
        return None
    name = posixpath.basename(program.real_path)
    # A copy may be called python, which in the base's folder is that of another version.
    path = pyvenv.base(system, program.venv, name if re.search(r"\d\.\d", name) else "") or program.real_path
    base = _resolve(system, path) if folders.NAME.match(posixpath.basename(path)) else None
    return base if base and base.venv is None else None


def _program(system: System, path: str) -> Optional[_Program]:
    real = system.realpath(path)
    info = system.status(real)
    if info is None or not stat.S_ISREG(info.st_mode) or not info.st_mode & 0o111:
        return None
    try:
        head = system.read(real, len(ELF))
    except OSError:
        return None
    if head != ELF and not head.startswith(SCRIPT):
        return None
    config = pyvenv.of_executable(system, path)
    return _Program(_key(system, config, info), path, real, config, head != ELF)


def _key(system: System, config: Optional[VenvConfig], info: os.stat_result) -> _Key:
    return _Key(system.realpath(config.prefix) if config else "", info.st_dev, info.st_ino)


def _candidate(program: _Program, names: Tuple[str, ...], *, first_on_path: bool) -> Candidate:
    return Candidate(names[0], program.real_path, names, first_on_path, program.venv, program.script)


def _actual(system: System, candidate: Candidate, executable: str) -> Tuple[_Key, Candidate]:
    """Return the interpreter that ``candidate`` turned out to be with its key; itself where it is no wrapper."""
    info = system.status(candidate.real_path)
    own = _key(system, candidate.venv, info) if info else _Key(candidate.real_path, 0, 0)
    behind = _program(system, executable) if executable.startswith("/") else None
    linked = candidate.venv and not candidate.script
    if behind is None or behind.script or behind.key == own or linked:
        return own, candidate
    return behind.key, _candidate(behind, (*candidate.names, executable), first_on_path=candidate.first_on_path)
