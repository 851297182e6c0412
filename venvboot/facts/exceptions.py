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
    info = system.status(system_exceptions.PATH)
    if info is None or not stat.S_ISREG(info.st_mode) or info.st_uid != 0 or info.st_mode & OTHERS_WRITE:
        return ()
    return system_exceptions.load(
        system.read_text(system_exceptions.PATH, system_exceptions.SIZE_LIMIT) or "",
    )
