"""Exceptions for what belongs to the system, in a file of root's: an environment's record is the group's."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Optional, Sequence, Tuple

from venvboot.model import RecordedException
from venvboot.record import exception

SCHEMA = "venvboot-exceptions/1"
FOLDER = "/var/lib/venvboot"
PATH = f"{FOLDER}/exceptions.json"
SIZE_LIMIT = 1 << 20


def dump(exceptions: Sequence[RecordedException]) -> str:
    """Return the file's text: sorted, no times, so that equal exceptions are equal bytes."""
    ordered = sorted(exceptions, key=lambda one: (one.name, one.kind, one.version))
    told = {"schema": SCHEMA, "exceptions": [asdict(one) for one in ordered]}
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def load(text: str) -> Optional[Tuple[RecordedException, ...]]:
    """Return the exceptions in ``text``, None where it isn't one this version can read."""
    try:
        told = json.loads(text)
        return tuple(exception(one) for one in told["exceptions"]) if told["schema"] == SCHEMA else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
