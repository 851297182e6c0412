"""Exceptions that were recorded for what belongs to the system."""

from __future__ import annotations

import stat
from typing import Tuple

from venvboot import system_exceptions
from venvboot.model import RecordedException
from venvboot.system import System

OTHERS_WRITE = 0o022


def recorded(system: System) -> Tuple[RecordedException, ...]:
    """Return the exceptions in root's file; from one that others could have written, none."""
    return _read(system)[0]


def problem(system: System) -> str:
    """Return why root's file is not obeyed, empty where it is, or there is none."""
    return _read(system)[1]


def _read(system: System) -> Tuple[Tuple[RecordedException, ...], str]:
    info = system.status(system_exceptions.PATH)
    if info is None:
        return (), ""
    if not stat.S_ISREG(info.st_mode) or info.st_uid != 0 or info.st_mode & OTHERS_WRITE:
        return (), "it is no ordinary file that root alone may write"
    text = system.read_text(system_exceptions.PATH, system_exceptions.SIZE_LIMIT)
    found = None if text is None else system_exceptions.load(text)
    return ((), "it does not hold what venvboot writes there") if found is None else (found, "")
