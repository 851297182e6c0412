"""What a sync that was killed left in an environment."""

from __future__ import annotations

import posixpath

from venvboot.policy import access
from venvboot.system import System

NAME = access.STAGE


def is_unfinished(system: System, dest: str) -> bool:
    """Tell whether a sync is at work in the environment ``dest``, or was interrupted there."""
    return system.status(posixpath.join(dest, NAME)) is not None
