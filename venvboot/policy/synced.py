"""Whether an environment is still as a sync of the same locks left it, told without asking pip-tools again."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Mapping, Sequence

from venvboot.model import Changes, Finding, Lock, Record, Severity

# What a lock doesn't say itself, its digest doesn't tell: any option but a hash may lead elsewhere, and so may a
# variable, a path and an address.
_ELSEWHERE = re.compile(r"^[\s\ufeff]*(?:-(?!-hash\b)|[./])|\$\{|file:", re.MULTILINE)


def stands_alone(lock: str) -> bool:
    """Tell whether the text of a lock says all that decides."""
    return not _ELSEWHERE.search(lock)


def state(version: str, record: Record, locks: Sequence[Lock], present: Mapping[str, str]) -> str:
    """Return a digest (hexadecimal) of all that decides what a sync would do.

    That is the ``version`` of venvboot with its pip-tools, the Python that evaluates markers, the locks, and the
    distributions that are ``present``, name -> version. One that is at two paths says nothing more than at one.
    """
    parents = {lock.sha256 for lock in locks if lock.parent}
    contents = {(lock.sha256, lock.hashes) for lock in locks}
    decisive = [
        version,
        record.base_version,
        sorted([digest, hashes, digest in parents] for digest, hashes in contents),
        sorted(present.items()),
    ]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


def is_unchanged(version: str, record: Record, locks: Sequence[Lock], present: Mapping[str, str]) -> bool:
    """Tell whether nothing has changed since the last sync, so that there is nothing to do."""
    return record.synced == state(version, record, locks, present)


def renewed(version: str, record: Record, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the state to record where something else than a sync makes ``after`` of what was there ``before``.

    It is that of ``after`` where the last sync had left ``before``, or ``after`` already; else the recorded one.
    """
    new = state(version, record, record.locks, after)
    known = (new, state(version, record, record.locks, before))
    return new if record.synced in known else record.synced


def is_as_expected(before: Mapping[str, str], made: Changes, after: Mapping[str, str]) -> bool:
    """Tell whether nothing but the changes ``made`` distinguishes what is installed from what was."""
    changed = {*made.add, *made.remove, *made.change}
    left = [{name: version for name, version in state.items() if name not in changed} for state in (before, after)]
    return left[0] == left[1]


def removes_itself(dest: str, locks: Sequence[str]) -> Finding:
    files = " ".join(locks)
    return Finding(
        "removes-itself",
        Severity.ERROR,
        dest,
        f"this venvboot is installed in {dest} itself, and {', '.join(locks)} would remove it",
        "no lock names venvboot, and sync removes what no lock names",
        f"use one from elsewhere: the one file, or uvx venvboot sync --venv {dest} {files}; or add venvboot to it",
    )


def changed_meanwhile(dest: str) -> Finding:
    return Finding(
        "sync-running",
        Severity.ERROR,
        dest,
        f"something else has changed {dest} while this sync was at work",
        "what is installed there is no longer what was compared with the lock",
        "run it again when nothing else is at work there: two at once would undo each other's work",
    )
