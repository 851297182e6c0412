"""Ask an interpreter about itself: one isolated process per real file, nothing written, nothing of its site run."""

from __future__ import annotations

import pkgutil
import posixpath
import re
import secrets
from dataclasses import replace
from typing import Any, Dict, Mapping, Optional, Tuple, Union

from venvboot.facts import libraries, literals, unstarted
from venvboot.model import Probe
from venvboot.system import Completed, System

TIMEOUT = 20.0  # GraalPy needs seconds, more so on a virtual machine
SCRIPT_TIMEOUT = 5.0

# The locale too: in another encoding than UTF-8 it would name its folders in other letters.
DROPPED_PREFIXES = ("PYTHON", "_PYTHON", "_CONDA_PYTHON", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "LC_", "LANG")

# Isolated from environment and working directory, no .pth line is run, no bytecode is written into the image.
OPTIONS = ("-I", "-S", "-B")
OPTIONS_2 = ("-E", "-s", "-S", "-B")

MAX_VERSION = 999
MAX_ITEMS = 100
MAX_REASON = 500

_PRERELEASE = re.compile(r"(?:(?:a|b|rc)[0-9]{1,3})?\Z")
_PYTHON_2 = re.compile(r"(?:python|pypy)2(?:\.[0-9]+)?\Z")


def probe(system: System, path: str) -> Union[Probe, str]:
    """Return what the interpreter at ``path`` says of itself, or why it could not be asked.

    Python 2.7 has no ``-I``. One that misses a shared library is started once more with the folders of its own tree
    in LD_LIBRARY_PATH, and then says which of them it needs. Of an unpacked image nothing is started: its files tell.
    """
    real = system.realpath(path)
    if system.root != "/":
        return unstarted.read(system, real, posixpath.basename(path))
    environ = {key: value for key, value in system.environ.items() if not key.startswith(DROPPED_PREFIXES)}
    beside = libraries.beside(system, real)
    needed = libraries.present(environ, beside) if libraries.is_collection(system, real) else ()
    told = _ask(system, path, environ)
    if isinstance(told, str) and libraries.missing(told) and beside:
        needed = beside
        told = _ask(system, path, libraries.added(environ, beside))
    return told if isinstance(told, str) else replace(told, library_path=":".join(needed))


def parse(text: str) -> Optional[Probe]:
    """Return the facts printed by the probe script, None when the text isn't what it prints."""
    try:
        told = literals.read(text)
        if not isinstance(told, dict):
            return None
        major, minor, micro = _integers(told["version"])
        texts: Dict[str, Any] = {key: literals.text(told[key]) for key in _TEXTS}
        lists: Dict[str, Any] = {key: _strings(told[key]) for key in _LISTS}
        if not _PRERELEASE.match(texts["prerelease"]):
            return None
        return Probe(version=(major, minor, micro), standalone=_flag(told["standalone"]), **texts, **lists)
    except (KeyError, TypeError, ValueError):
        return None


_TEXTS = (
    "prerelease",
    "implementation",
    "executable",
    "prefix",
    "base_prefix",
    "stdlib",
    "config_args",
    "build_prefix",
    "banner",
    "soabi",
)
_LISTS = ("site_packages", "schemes", "missing_modules")


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _strings(value: Any) -> Tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ITEMS:
        raise TypeError
    return tuple(literals.text(item) for item in value)


def _integers(value: Any) -> Tuple[int, ...]:
    if not isinstance(value, tuple) or not all(type(item) is int and 0 <= item <= MAX_VERSION for item in value):
        raise TypeError
    return value


def _ask(system: System, path: str, environ: Mapping[str, str]) -> Union[Probe, str]:
    source = pkgutil.get_data("venvboot.facts", "probe_target.py")
    assert source is not None  # noqa: S101  # it is part of the package
    words, cookie = ("-c", source.decode("ascii")), f"venvboot-{secrets.token_hex(8)}"
    timeout = SCRIPT_TIMEOUT if _is_script(system, path) else TIMEOUT
    options = OPTIONS_2 if _PYTHON_2.search(path) else OPTIONS
    done = system.run((path, *options, *words, cookie), env=environ, timeout=timeout)
    if done.code == 2 and "-I" in done.err:  # noqa: PLR2004  # Python 2.7 under another name: unknown option
        done = system.run((path, *OPTIONS_2, *words, cookie), env=environ, timeout=timeout)
    if done.code != 0:
        return _reason(done)
    parts = done.out.split(cookie)
    answer = parse(parts[1]) if len(parts) == 3 else None  # noqa: PLR2004  # what stands between two cookies
    return answer or "it did not answer like a Python"


def _is_script(system: System, path: str) -> bool:
    try:
        return system.read(path, 2) == b"#!"
    except OSError:
        return False


def _reason(done: Completed) -> str:
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    told = libraries.missing(done.err) or (lines[-1] if lines else "no message")
    state = f"exit status {done.code}" if done.code > 0 else f"ended by signal {-done.code}"
    return f"{state}: {told if len(told) <= MAX_REASON else told[:MAX_REASON] + '…'}"
