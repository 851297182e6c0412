"""The promises of ``init``, verified on the real tree: one module per promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Collection, List, Mapping, Optional, Sequence, Tuple

from venvboot.activation import wrappers
from venvboot.check import activation, environment, guard, origin, sharing, starts
from venvboot.facts import commands
from venvboot.facts.distributions import present
from venvboot.model import Finding, Promise, Record, Seal, Severity
from venvboot.policy import exceptions, sealed, ways
from venvboot.policy.ways import Start
from venvboot.system import System

Check = Callable[[System, Record], Optional[Sequence[Finding]]]

PROMISES: Mapping[str, Check] = {
    "origin": origin.check,
    "environment": environment.check,
    "sharing": sharing.check,
    "activation": activation.check,
    "guard": guard.check,
}


def _told(record: Record, found: Sequence[Finding]) -> Collection[str]:
    """Return the activations whose file was told to be gone or changed: that their starts miss is the same fault."""
    subjects = {finding.subject for finding in found}
    return {file.purpose for file in record.files if file.path in subjects}


def _unserved(system: System, record: Record) -> Collection[str]:
    """Return the wrappers where somebody else's program has the name of Python."""
    facts = commands.read(system, record.dest, record.base_path)
    return {wrappers.NAME} if "python3" in (*facts.taken, *facts.elsewhere) else ()


@dataclass(frozen=True)
class Verified:
    """The state of every promise, all findings, and what came of each way of starting a process."""

    states: Mapping[str, Promise]
    findings: Tuple[Finding, ...]
    starts: Tuple[Start, ...] = ()


def verify(system: System, dest: str, record: Optional[Record], names: Sequence[str]) -> Verified:
    """Return what holds of the promises ``names``.

    Without a record, or where a seal was interrupted, nothing else can be compared: that is one finding of the
    promise ``environment``. The guard needs no record, and is verified where nothing else is asked for.
    """
    states = dict.fromkeys(PROMISES, Promise.NOT_CHECKED)
    if record is None and set(names) == {"guard"}:
        told = guard.verify(system)
        if told is not None:
            states["guard"] = _state(told)
        return Verified(states, tuple(told or ()))
    if record is None or record.dest != dest:
        states["environment"] = Promise.BROKEN
        return Verified(states, (environment.without_record(system, dest, record),))
    if record.seal is Seal.UNFINISHED:
        states["environment"] = Promise.BROKEN
        return Verified(states, (sealed.unfinished(record),))
    findings: List[Finding] = []
    begun = starts.try_all(system, record) if "activation" in names else ()
    for name in PROMISES:
        if name in names:
            found = PROMISES[name](system, record)
            if found is None:
                continue
            if name == "activation":
                found = (
                    *found,
                    *ways.findings(begun, record, told=_told(record, found), unserved=_unserved(system, record)),
                )
            states[name] = _state(found)
            findings.extend(found)
    if {"environment", "guard"} & set(names):
        there = present(system, record)
        findings.extend(exceptions.told(one) for one in record.exceptions if one.name in there)
    return Verified(states, tuple(findings), begun)


def _state(found: Sequence[Finding]) -> Promise:
    return Promise.BROKEN if any(finding.severity is Severity.ERROR for finding in found) else Promise.KEPT
