"""Exceptions to a refusal: one kind for one name, each with its reason; nothing else opens the front door.

There is no wildcard and no variable: what is let in stands with its reason in the Dockerfile, or in a file.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from typing import Iterator, List, Sequence, Tuple

from venvboot.errors import UsageError
from venvboot.model import Allowance, Conflict, Finding, RecordedException, Severity, canonical
from venvboot.policy.conflicts import NEVER, WEIGHTS
from venvboot.redact import one_line

# What `check` finds on the real tree can be excused as well.
KINDS = (*(kind for kind in WEIGHTS if kind not in NEVER), "damaged", "second-pip")
# These are excused as they stand: what is broken later was not seen by who allowed it.
AS_IT_STANDS = ("damaged",)
FORM = "NAME:KIND or NAME==VERSION:KIND, for example chardet:hide-command"
LONGEST_REASON = 500  # characters

_ALLOW = re.compile(
    # What `check` finds may be a file or a module of no distribution.
    r"(?P<name>[A-Za-z0-9_.+@~](?:[A-Za-z0-9._/+@~-]*[A-Za-z0-9_+@~-])?)(?:==(?P<version>[A-Za-z0-9.!+_-]+))?:(?P<kind>[a-z-]+)"
)


@dataclass(frozen=True)
class Verdict:
    """What is left of the conflicts: ``findings`` to show, whether one of them refuses, and the exceptions used.

    Those are told (``told``) where what they let in is there, or comes in.
    """

    findings: Tuple[Finding, ...]
    used: Tuple[RecordedException, ...]

    @property
    def refused(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def parse(allowed: Sequence[str], reasons: Sequence[str]) -> Tuple[Allowance, ...]:
    """Return the exceptions of a command line: one reason for all of them, or one for each, in their order.

    Raises UsageError for a missing or empty reason, an unknown kind, a wildcard.
    """
    if len(reasons) not in ((0,) if not allowed else (1, len(allowed))):
        raise UsageError(
            f"{len(allowed)} --allow and {len(reasons)} --because",
            "give one reason for all, or a reason for each, in the same order",
        )
    every = list(reasons) * (len(allowed) if len(reasons) == 1 else 1)
    return tuple(_allowance(word, reason, "--allow") for word, reason in zip(allowed, every))


def parse_file(text: str, path: str) -> Tuple[Allowance, ...]:
    """Return the exceptions of a reviewed file: a line each, first the exception and then its reason.

    ``#`` begins a comment. Raises UsageError that names the line.
    """
    return tuple(_lines(text, path))


def _lines(text: str, path: str) -> Iterator[Allowance]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(None, 1)
        if words and not words[0].startswith("#"):
            yield _allowance(words[0], words[1] if len(words) > 1 else "", f"{path} line {number}")


def _allowance(word: str, reason: str, where: str) -> Allowance:
    match = _ALLOW.fullmatch(word)
    if not match:
        raise UsageError(f"{where}: {word!r} is no exception", FORM)
    if match["kind"] not in KINDS:
        raise UsageError(f"{where}: there is no kind {match['kind']}", f"kinds: {', '.join(KINDS)}")
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise UsageError(
            f"{where}: {word} has no reason" if not reason else f"{where}: the reason of {word} is no line of text",
            "say why, for whoever reads the image later: --because 'our own scripts call the environment's'",
        )
    return Allowance(canonical(match["name"]), match["kind"], reason, match["version"] or "")


def judge(
    conflicts: Sequence[Conflict],
    allowed: Sequence[Allowance],
    recorded: Sequence[RecordedException] = (),
    option: str = "--allow",
) -> Verdict:
    """Return what the exceptions leave of ``conflicts``. A recorded one covers its version alone.

    ``option`` is how the way out begins that lets a conflict be.
    """
    left: List[Finding] = []
    used: List[RecordedException] = []
    made_use_of = set()
    known = {(one.name, one.version, one.kind): one for one in recorded if one.kind in KINDS}
    for conflict in conflicts:
        matching = [one for one in allowed if _covers(one, conflict)]
        made_use_of.update(matching)
        before = known.get((conflict.name, conflict.version, conflict.kind))
        if before and conflict.kind in AS_IT_STANDS and before.evidence != one_line(conflict.finding.evidence):
            before = None
        if matching:
            used.append(
                RecordedException(
                    conflict.name,
                    conflict.version,
                    conflict.kind,
                    one_line(matching[0].reason),
                    one_line(conflict.finding.evidence),
                )
            )
        elif before:
            used.append(before)
        else:
            left.append(with_override(conflict, option))
    left += [_unused(one) for one in allowed if one not in made_use_of]
    return Verdict(tuple(left), tuple(used))


def _covers(allowance: Allowance, conflict: Conflict) -> bool:
    names = (allowance.name, allowance.kind) == (canonical(conflict.name), conflict.kind)
    return names and allowance.version in ("", conflict.version)


def with_override(conflict: Conflict, option: str) -> Finding:
    """Return the finding with the words that would let this one thing in."""
    found = conflict.finding
    if found.severity is not Severity.ERROR or conflict.kind not in KINDS:
        return found
    word = f"{conflict.name}:{conflict.kind}"
    if not _ALLOW.fullmatch(word):  # a file may have a name that no command line gives well
        return found
    override = f"{option} {shlex.quote(word)} --because 'WHY'"
    return replace(found, hint=f"{found.hint}; or let it in, on the record: {override}")


def told(exception: RecordedException) -> Finding:
    """Return the note of an exception that is made use of."""
    return Finding(
        "exception-recorded",
        Severity.NOTE,
        exception.name,
        f"{f'{exception.name} {exception.version}'.strip()} is let in although: {exception.kind}",
        exception.reason,
    )


def not_obeyed(path: str, why: str, severity: Severity) -> Finding:
    """Return the finding for a file of exceptions that can't be taken for root's word."""
    return Finding(
        "exceptions-not-obeyed",
        severity,
        path,
        f"the exceptions in {path} are not obeyed, and none is recorded beside them",
        why,
        f"look at it, then rm {path}; what is to be excused is recorded again: venvboot guard --allow",
    )


def _unused(allowance: Allowance) -> Finding:
    return Finding(
        "exception-unused",
        Severity.WARNING,
        allowance.name,
        f"the exception {allowance} matched nothing",
        "nothing of that name, version and kind speaks against this run",
        "remove it, or correct its name, version or kind",
    )
