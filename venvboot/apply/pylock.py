"""Locks as PEP 751 describes them, made into what pip and pip-tools read: requirements with hashes."""

from __future__ import annotations

import posixpath
from typing import Sequence, Tuple, Type

from venvboot.apply import lock
from venvboot.apply.kept import Kept
from venvboot.errors import Refused, Unsupported, VenvbootError
from venvboot.model import LockFile, Record
from venvboot.policy.pylock import findings, is_pylock
from venvboot.report import Reporter
from venvboot.system import System


def as_requirements(
    system: System, report: Reporter, record: Record, paths: Sequence[str], kept: Kept
) -> Tuple[LockFile, ...]:
    """Return the locks at ``paths`` as requirements files; those that are none yet come into the folder of the run.

    The environment's own interpreter tells what of a lock applies. Raises Unsupported where it is too old to, and for
    a lock for others, Refused for one of anything but releases with sha256, and VenvbootError for what is no lock.
    """
    if any(map(is_pylock, paths)):
        lock.refuse_unsupported(record, paths)
    return tuple(
        LockFile(path, _translated(system, report, record, path, number, kept) if is_pylock(path) else path)
        for number, path in enumerate(paths)
    )


def _translated(system: System, report: Reporter, record: Record, path: str, number: int, kept: Kept) -> str:
    report.detail(f"+ {record.python} (packaging: what of {path} applies?)")
    told = kept.tools.ask("pylock_target.py", {"path": path}, f"reading {path}")
    speaking = findings(path, record, told)
    if speaking:
        kind: Type[VenvbootError] = Refused
        if "invalid" in told or "not_for" in told:
            kind = VenvbootError if "invalid" in told else Unsupported
        raise kind(*speaking)
    if told["newer"]:
        report.say(f"{path} is of lock-version {told['newer']}: what that adds to 1.0 is passed over")
    # Not the name itself: pip would take it for such a lock
    requirements = posixpath.join(kept.folder, f"{number}-{posixpath.basename(path)}.txt")
    system.write(requirements, str(told["text"]).encode(), 0o600)
    return requirements
