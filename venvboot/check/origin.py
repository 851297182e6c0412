"""The base interpreter is still where and what it was when the environment was made from it."""

from __future__ import annotations

from typing import Sequence

from venvboot.facts import interpreters
from venvboot.model import Finding, Record, Seal, Severity
from venvboot.system import System


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return an error when the base is gone, doesn't start or has another minor version, a note for other bytes."""
    rebuild = f"build the environment anew: rm -rf {record.dest} && venvboot init {record.dest}"
    if system.status(record.base_path) is None:
        return [_moved(record, "nothing stands there any more", rebuild)]
    if system.digest(record.base_path) == record.base_sha256:
        return []
    facts = interpreters.one(system, record.base_path)
    if facts is None or facts.probe is None:
        return [_moved(record, facts.failure if facts else "it is no program", rebuild)]
    now = ".".join(map(str, facts.probe.version))
    if now.split(".")[:2] != record.base_version.split(".")[:2]:
        return [_moved(record, f"it was Python {record.base_version} and is Python {now}", rebuild)]
    return [
        Finding(
            "interpreter-replaced",
            Severity.NOTE,
            record.base_path,
            f"{record.base_path} has been replaced since {record.dest} was made; the environment goes on working",
            f"it was Python {record.base_version} and is {now}, with other bytes",
            f"`venvboot init {record.dest}` records it"
            if record.seal is Seal.OPEN
            else "build the image anew, or leave it: nothing of what is sealed is changed",
        )
    ]


def _moved(record: Record, evidence: str, hint: str) -> Finding:
    return Finding(
        "interpreter-moved",
        Severity.ERROR,
        record.base_path,
        f"{record.base_path}, the base interpreter of {record.dest}, is not what the environment was made from",
        evidence,
        hint,
    )
