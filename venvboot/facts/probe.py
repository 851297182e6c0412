"""Ask an interpreter about itself: one isolated process per real file, nothing written, nothing of its site run."""

from __future__ import annotations

import ast
import pkgutil
import secrets
from typing import Any, Mapping, Optional, Tuple, Union

from venvboot.model import Probe
from venvboot.system import Completed, System

TIMEOUT = 20.0
DROPPED_PREFIXES = ("PYTHON", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


def probe(system: System, path: str) -> Union[Probe, str]:
    """Return what the interpreter at ``path`` says of itself, or why it could not be asked.

    Started as ``-I -S -B``: isolated from environment and working directory, no .pth line is run, no bytecode is
    written into the image. Python 2.7 has no ``-I`` and gets ``-E -s -S -B``.
    """
    source = pkgutil.get_data("venvboot.facts", "probe_target.py")
    assert source is not None  # noqa: S101  # it is part of the package
    code, cookie = source.decode("ascii"), f"venvboot-{secrets.token_hex(8)}"
    environ = {key: value for key, value in system.environ.items() if not key.startswith(DROPPED_PREFIXES)}
    done = _run(system, (path, "-I", "-S", "-B", "-c", code, cookie), environ)
    if done.code == 2 and "-I" in done.err:  # noqa: PLR2004  # Python 2.7: unknown option
        done = _run(system, (path, "-E", "-s", "-S", "-B", "-c", code, cookie), environ)
    if done.code != 0:
        return _reason(done)
    parts = done.out.split(cookie)
    if len(parts) != 3:  # noqa: PLR2004  # what stands between two cookies
        return "it did not answer like a Python"
    return parse(parts[1]) or "it did not answer like a Python"


def parse(text: str) -> Optional[Probe]:
    """Return the facts printed by the probe script, None when the text isn't what it prints."""
    try:
        told: Any = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if not isinstance(told, dict):
        return None
    try:
        major, minor, micro = _integers(told["version"])
        return Probe(
            version=(major, minor, micro),
            site_packages=_strings(told["site_packages"]),
            schemes=_strings(told["schemes"]),
            missing_modules=_strings(told["missing_modules"]),
            **{key: _string(told, key) for key in _TEXTS},
        )
    except (KeyError, TypeError, ValueError):
        return None


_TEXTS = ("implementation", "executable", "prefix", "base_prefix", "stdlib", "config_args", "build_prefix")


def _string(told: Mapping[str, Any], key: str) -> str:
    value = told[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _strings(value: Any) -> Tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise TypeError
    return tuple(value)


def _integers(value: Any) -> Tuple[int, ...]:
    if not isinstance(value, tuple) or not all(isinstance(item, int) for item in value):
        raise TypeError
    return value


def _run(system: System, argv: Tuple[str, ...], environ: Mapping[str, str]) -> Completed:
    return system.run(argv, env=environ, timeout=TIMEOUT)


def _reason(done: Completed) -> str:
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    return f"exit status {done.code}: {lines[-1] if lines else 'no message'}"
