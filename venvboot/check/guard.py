"""The system's interpreters still refuse pip, and nothing went round the guard."""

from __future__ import annotations

from typing import Optional, Sequence

from venvboot.check import shadows
from venvboot.facts import guards, interpreters
from venvboot.model import Finding, Record, Seal, Severity
from venvboot.policy import guard_layers
from venvboot.policy.judge import judge
from venvboot.system import System

# The environment that a way out names where there is none yet
SUGGESTED = "/opt/venv"
AGAIN = "`venvboot guard` as root puts it back"


def check(system: System, record: Record) -> Optional[Sequence[Finding]]:
    """Return the faults, None where the environment was made without a guard."""
    if not record.guarded:
        return None
    base_path = record.base_path if record.origin.managed else ""
    return verify(
        system,
        base_path,
        "" if record.direct else record.dest,
        AGAIN if record.seal is Seal.SEALED else f"`venvboot init {record.dest}` as root writes it again",
    )


def verify(system: System, base_path: str = "", dest: str = "", hint: str = AGAIN) -> Optional[Sequence[Finding]]:
    """Return the faults of this image's guard, None where it has nothing to guard; no record is needed."""
    every = tuple(judge(facts) for facts in interpreters.all_of(system))
    found = guards.read(system, every, base_path, dest)
    if not found:
        return None
    return (
        *guard_layers.findings(guard_layers.guards(found), hint),
        *(one for one in guard_layers.not_sealed(found) if one.severity is Severity.WARNING),
        *shadows.findings(system, guard_layers.guarded(every, base_path), dest or SUGGESTED),
    )
