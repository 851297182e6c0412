"""What a seal is refused for, and what it leaves alone."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import Iterable, Sequence, Tuple

from venvboot.activation import wrappers
from venvboot.errors import Refused
from venvboot.facts import pyvenv, stages
from venvboot.model import Entry, FileState, Finding, Record, Seal, Severity
from venvboot.policy import sealed
from venvboot.policy.amounts import some
from venvboot.system import System

SHOWN = 5
CONFIG_LIMIT = 64 << 10


def owner(system: System, record: Record) -> int:
    """Return the user who owns the environment."""
    info = system.status(record.dest)
    return info.st_uid if info else system.uid


def refuse(system: System, record: Record, uid: int) -> None:
    """Raise Refused for what can't be sealed, or not now, or not by this user."""
    why = None if record.seal is Seal.UNFINISHED else _why_not_offered(system, record)
    if why:
        raise Refused(sealed.not_offered(record.dest, *why))
    left = stages.left(system, record.dest)
    if left:
        raise Refused(
            Finding(
                "sync-unfinished",
                Severity.ERROR,
                record.dest,
                f"a sync of {record.dest} is at work or was interrupted, so it can't be sealed",
                f"there is {left}",
                "venvboot sync again: it removes what was left half done",
            )
        )
    if system.uid not in (0, uid):
        what = f"user {system.uid} can't seal {record.dest}, nor undo it"
        raise _only_as_root(
            record.dest, what, f"it belongs to user {uid}, and only its owner and root may change modes"
        )


def refuse_half_undone(system: System, record: Record) -> None:
    """Raise Refused where an undoing was killed while the environment's Python was made again."""
    python = posixpath.join(record.dest, "bin/python")
    if record.seal is Seal.UNFINISHED and not (pyvenv.at(system, record.dest) and system.is_file(python)):
        hint = f"`{sealed.undo(record)}` makes it again"
        raise Refused(replace(sealed.unfinished(record), evidence=f"{python}, or pyvenv.cfg, isn't whole", hint=hint))


def _why_not_offered(system: System, record: Record) -> Tuple[str, str] | None:
    """Return evidence and way out, None where it is offered."""
    make = "let `venvboot init /opt/venv` make an isolated environment, and seal that"
    if record.direct:
        return "it is a Python used directly: what was installed with it can't be told from what it needs", make
    if record.system_site_packages:
        return "it sees the distro's packages, and pip may be one of them", make
    text = system.read_text(posixpath.join(record.dest, pyvenv.FILE), CONFIG_LIMIT) or ""
    if "virtualenv" not in pyvenv.parse(text):
        return (
            "its pyvenv.cfg says that another program made it; images rely on what goes, s2i's on bin/activate",
            make,
        )
    return None


def refuse_unwritable(system: System, states: Iterable[FileState], *, wrappers_too: bool) -> None:
    """Raise Refused where this user may not remove what activates the environment elsewhere."""
    paths = [one.path for one in states if one.exists and not one.writable]
    if wrappers_too and not system.may_write(wrappers.FOLDER):
        paths.append(wrappers.FOLDER)
    if paths:
        what = f"user {system.uid} can't remove what activates the environment outside of it"
        raise _only_as_root(paths[0], what, f"it may not write {some(paths, SHOWN)}")


def refuse_others(system: System, wrong: Sequence[Entry]) -> None:
    """Raise Refused where something has the wrong access and belongs to another user than this one."""
    paths = [entry.path for entry in wrong if system.uid not in (0, entry.uid)]
    if paths:
        what = f"{some(paths, SHOWN)} can't be changed by user {system.uid}"
        raise _only_as_root(paths[0], what, "only root and who owns it may change its mode")


def _only_as_root(path: str, what: str, why: str) -> Refused:
    hint = "run the same as root (USER root in the Dockerfile, before this RUN)"
    return Refused(Finding("not-owner", Severity.ERROR, path, what, why, hint))


def taken(record: Record, names: Sequence[str]) -> Finding:
    return Finding(
        "sealed",
        Severity.ERROR,
        record.dest,
        f"{record.dest} was sealed without {', '.join(names)}, and a seal writes nothing new",
        "its record says so",
        f"`{sealed.undo(record)}`, then the same again",
    )
