"""The ways of starting a process as a table: which Python each gets, and what mends the ones that miss."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from venvboot.model import Record
from venvboot.policy import ways
from venvboot.policy.ways import Start
from venvboot.redact import one_line

HEAD = "way of starting"
TOLD = {ways.REACHED: "", ways.MISSED: "missed: ", ways.UNREACHABLE: "out of reach: "}


def table(starts: Sequence[Start], record: Record) -> str:
    """Return a line for each way: its name, the prefix of the Python that it gives, and what mends it."""
    rows = [(start.way.name, _python(start), _remark(start, record)) for start in starts]
    first = max(len(HEAD), *(len(row[0]) for row in rows)) if rows else 0
    second = max((len(row[1]) for row in rows), default=0)
    lines = [f"{HEAD:<{first}}  its python"]
    lines += [f"{name:<{first}}  {python:<{second}}  {remark}".rstrip() for name, python, remark in rows]
    return "".join(f"{line}\n" for line in lines)


def as_json(starts: Sequence[Start], record: Record) -> List[Dict[str, Any]]:
    return [
        {
            "way": start.way.name,
            "python": start.prefix or None,
            "state": ways.state(start, record),
            "why": start.failure,
            "mend": ways.mend(start, record),
        }
        for start in starts
    ]


def _python(start: Start) -> str:
    return one_line(start.prefix) if start.prefix else "-"


def _remark(start: Start, record: Record) -> str:
    state = ways.state(start, record)
    if state == ways.NOT_TRIED:
        return f"not tried: {start.failure}"
    return TOLD[state] + ways.mend(start, record) if state != ways.REACHED else ""
