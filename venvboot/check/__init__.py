"""The promises of ``init``, verified on the real tree: one module per promise."""

from __future__ import annotations

from typing import Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from venvboot.check import activation, environment, guard, origin, sharing
from venvboot.model import Finding, Promise, Record, Severity
from venvboot.system import System

Check = Callable[[System, Record], Optional[Sequence[Finding]]]

PROMISES: Mapping[str, Check] = {
    "origin": origin.check,
    "environment": environment.check,
    "sharing": sharing.check,
    "activation": activation.check,
    "guard": guard.check,
}


def verify(
    system: System, dest: str, record: Optional[Record], names: Sequence[str]
) -> Tuple[Dict[str, Promise], Tuple[Finding, ...]]:
    """Return the state of every promise and all findings.

    Without a record nothing else can be compared: that is one finding of the promise ``environment``.
    """
    states = dict.fromkeys(PROMISES, Promise.NOT_CHECKED)
    if record is None or record.dest != dest:
        states["environment"] = Promise.BROKEN
        return states, (environment.without_record(system, dest, record),)
    findings: List[Finding] = []
    for name in PROMISES:
        if name in names:
            found = PROMISES[name](system, record)
            if found is None:
                continue
            faulty = any(finding.severity is Severity.ERROR for finding in found)
            states[name] = Promise.BROKEN if faulty else Promise.KEPT
            findings.extend(found)
    return states, tuple(findings)
