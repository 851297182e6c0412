"""What a run tells: findings, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Mapping, Tuple


class Status(Enum):
    """How a run ended; the value is the exit status of the process."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    BROKEN = 4
    UNSUPPORTED = 5
    BUG = 70
    INTERRUPTED = 130


class Severity(str, Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing worth telling: what (``message``), why (``evidence``) and the way out (``hint``).

    ``code`` is stable and documented in the README; ``subject`` is the path or the distribution it is about.
    """

    code: str
    severity: Severity
    subject: str
    message: str
    evidence: str = ""
    hint: str = ""


class Promise(str, Enum):
    KEPT = "kept"
    BROKEN = "broken"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Outcome:
    """What a verb returns: ``product`` goes to stdout as text, ``data`` beside the envelope as JSON.

    ``trees`` are the folders that it may have written into, whatever it wrote outside of them.
    """

    status: Status
    findings: Tuple[Finding, ...] = ()
    product: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    trees: Tuple[str, ...] = ()
