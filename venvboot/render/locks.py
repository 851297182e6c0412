"""What ``compile`` made of each lock, for people and as JSON."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from venvboot.model import CompiledLock
from venvboot.render import json, text


def summary(lock: CompiledLock) -> str:
    """Return the line of a build log."""
    made = lock.changes
    if not lock.differs:
        return f"{lock.path}: unchanged"
    return f"{lock.path}: {len(made.add)} added, {len(made.change)} changed, {len(made.remove)} removed"


def changes(locks: Sequence[CompiledLock]) -> str:
    """Return what a dry run prints: the pins of each lock, under its name where there are several."""
    parts = []
    for lock in locks:
        told = text.changes(lock.changes)
        if lock.differs and not lock.changes:
            told = "# the same pins, but hashes, comments or options would change\n"
        parts.append(f"# {lock.path}\n{told}" if len(locks) > 1 else told)
    return "".join(parts)


def as_json(lock: CompiledLock) -> Dict[str, Any]:
    """Return its path, whether its text is new, and what its pins change; ``text`` is that of one for stdout."""
    return {
        "path": lock.path,
        "differs": lock.differs,
        "changes": json.changes(lock.changes),
        "text": lock.text or None,
    }
