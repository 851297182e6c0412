"""The words for an environment that is sealed, half so, or can't be."""

from __future__ import annotations

from dataclasses import replace
from typing import Sequence, Tuple

from venvboot.model import Finding, Record, Seal, Severity
from venvboot.policy.amounts import some


def undo(record: Record) -> str:
    return f"venvboot seal --undo --venv {record.dest}"


def refused(record: Record) -> Finding:
    """Return why nothing is installed, removed or repaired in an environment that is sealed, or half so."""
    if record.seal is Seal.UNFINISHED:
        return unfinished(record)
    return Finding(
        "sealed",
        Severity.ERROR,
        record.dest,
        f"{record.dest} is sealed: nothing in it is changed any more",
        "`venvboot seal` took its pip and its group's write access, as its record says",
        f"do it before the seal; or, as root or its owner, `{undo(record)}`, then this again, then `venvboot seal`",
    )


def as_it_is(record: Record) -> Finding:
    """Return the note of an ``init`` that has nothing to repair there."""
    return replace(
        refused(record),
        severity=Severity.NOTE,
        message=f"{record.dest} is sealed; nothing was written",
        hint=f"`venvboot check` proves it; `{undo(record)}` as root or its owner takes it back",
    )


def unfinished(record: Record) -> Finding:
    return Finding(
        "seal-unfinished",
        Severity.ERROR,
        record.dest,
        f"a seal of {record.dest}, or its undoing, was interrupted: it is neither sealed nor open",
        "its record says so; a part of its files, or of their modes, is as it was",
        f"`venvboot seal --venv {record.dest}` finishes it, `{undo(record)}` takes it back",
    )


def not_offered(dest: str, why: str, hint: str) -> Finding:
    return Finding("seal-not-offered", Severity.ERROR, dest, f"{dest} can't be sealed", why, hint)


def of_owner(dest: str, owner: int) -> Tuple[Finding, ...]:
    """Return a note where the owner is no root: a process of that user can write what it likes."""
    if owner == 0:
        return ()
    return (
        Finding(
            "seal-of-owner",
            Severity.NOTE,
            dest,
            f"user {owner}, who owns {dest}, can still write it",
            "an owner may give back any mode",
            "start the container as another user, or run init, sync and seal as root",
        ),
    )


def broken(record: Record, left: Sequence[str], shown: int = 5) -> Tuple[Finding, ...]:
    """Return an error for what no sealed environment has, and this one has again."""
    if not left:
        return ()
    return (
        Finding(
            "seal-broken",
            Severity.ERROR,
            left[0],
            f"{record.dest} is sealed, and has what only installing or a shell needs",
            f"there is {some(left, shown)}",
            f"`{again(record)}` removes it",
        ),
    )


def again(record: Record) -> str:
    return f"venvboot seal --venv {record.dest}"
