"""The base interpreter is still where and what it was when the environment was made from it."""

from __future__ import annotations

from typing import Sequence

from venvboot.facts import recorded_base
from venvboot.model import Finding, Record
from venvboot.policy.recorded_base import is_of_another_minor, moved, of_version, replaced
from venvboot.system import System


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return an error when the base is gone, doesn't start or has another minor version, a note for other bytes."""
    now = recorded_base.changed(system, record)
    if now is None:
        return []
    if now.failure:
        return [moved(record, now.failure, now.other)]
    return [(of_version if is_of_another_minor(record, now.version) else replaced)(record, now.version)]
