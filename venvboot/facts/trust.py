"""Whether anybody but root could change what a path leads to."""

from __future__ import annotations

import os
import stat

from venvboot.system import System

OTHERS = stat.S_IWGRP | stat.S_IWOTH


def exposure(system: System, path: str, *, sticky: bool = False) -> str:
    """Return why others than root could change what ``path`` leads to, empty where nobody could.

    Each folder and each link on the way counts: who may write a folder may replace what is in it. In a ``sticky`` one
    that is accepted nobody can replace what is another's, though anybody can add to it.
    """
    for step in system.passed(path):
        info = system.status(step)
        if info is None:
            return f"{step} can't be seen"
        if info.st_uid:
            return f"{step} belongs to user {info.st_uid}"
        kept = sticky and stat.S_ISDIR(info.st_mode) and info.st_mode & stat.S_ISVTX
        if info.st_mode & OTHERS and not stat.S_ISLNK(info.st_mode) and not kept:
            return f"{step} may be written by {_writers(info)}"
    return ""


def _writers(info: os.stat_result) -> str:
    return "everybody" if info.st_mode & stat.S_IWOTH else f"group {info.st_gid}"
