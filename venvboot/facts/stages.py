"""What a sync that was killed left in an environment, and what was swept of it and isn't there again."""

from __future__ import annotations

import posixpath
from typing import Optional

from venvboot.policy import access
from venvboot.system import System

NAME = access.STAGE
# From the moment on where half of a commit was removed, until a sync has come to its end
SWEPT = ".venvboot-swept"


def is_unfinished(system: System, dest: str) -> bool:
    """Tell whether a sync is at work in the environment ``dest``, or was interrupted there."""
    return left(system, dest) is not None


def left(system: System, dest: str) -> Optional[str]:
    """Return the path that tells of it, None where no sync has anything to end."""
    paths = (posixpath.join(dest, name) for name in (NAME, SWEPT))
    return next((path for path in paths if system.status(path) is not None), None)
