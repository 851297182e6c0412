"""What a person reads. Every line stands alone in a build log; colour only on a terminal."""

from __future__ import annotations

import os
import textwrap
from typing import Iterator, Mapping, Sequence, TextIO

from venvboot.actions import Plan
from venvboot.model import Changes, Finding, Interpreter, Promise, Severity
from venvboot.redact import one_line

WIDTH = 100
LABEL_ROOM = 20
COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}


def colour_wanted(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def finding(found: Finding, *, colour: bool = False) -> str:
    """Return the message with its reason and the way out, a line each, the code in brackets."""
    head = found.severity.value
    if colour:
        head = f"\033[{COLOURS[found.severity]}m{head}\033[0m"
    lines = [f"{head}: {one_line(found.message)} [{found.code}]"]
    if found.evidence:
        lines.append(f"  because: {one_line(found.evidence)}")
    if found.hint:
        lines.append(f"  hint: {one_line(found.hint)}")
    return "\n".join(lines) + "\n"


def interpreters(found: Sequence[Interpreter], *, verbose: bool) -> str:
    """Return one line per interpreter: name, version, origin, strategy; evidence indented when ``verbose``.

    A star marks what ``python3`` means on PATH.
    """
    rows = [(one, _version(one)) for one in found]
    name_width = max(len(one.path) for one, _ in rows)
    version_width = max(len(version) for _, version in rows)
    lines = []
    for one, version in rows:
        star = "*" if one.facts.candidate.first_on_path else " "
        line = f"{star} {one.path:<{name_width}}  {version:<{version_width}}  {one.strategy.value:<6}  "
        room = max(WIDTH - len(line), LABEL_ROOM)
        label = one.origin.label
        lines.append(line + (label if len(label) <= room else label[: room - 1] + "…"))
        if one.refusal and not verbose:
            lines.extend(_wrapped(one.refusal.message))
        if verbose:
            lines.extend(_details(one))
    return "".join(f"{one_line(line)}\n" for line in lines)


def plan(made: Plan) -> str:
    """Return what would be done, a line per action."""
    if not made.actions:
        return "# nothing to do\n"
    return "".join(f"# would {action.describe()}\n" for action in made.actions)


def changes(made: Changes) -> str:
    """Return a line per distribution that is added (+), removed (-) or changed (~)."""
    lines = [f"+ {name} {version}" for name, version in made.add.items()]
    lines += [f"- {name} {version}" for name, version in made.remove.items()]
    lines += [f"~ {name} {before} -> {after}" for name, (before, after) in made.change.items()]
    return "".join(line + "\n" for line in lines) or "# nothing to do\n"


def promises(states: Mapping[str, Promise]) -> str:
    return "".join(f"{name:<12} {state.value}\n" for name, state in states.items())


def _version(one: Interpreter) -> str:
    return ".".join(map(str, one.version)) if one.version else "?"


def _details(one: Interpreter) -> Iterator[str]:
    others = [name for name in one.facts.candidate.names if name != one.path]
    if len(one.origin.label) > LABEL_ROOM:
        yield from _wrapped(one.origin.label)
    if one.real_path not in (one.path, *others):
        yield f"      is {one.real_path}"
    if others:
        yield f"      also {', '.join(others)}"
    for item in one.evidence:
        yield from _wrapped(f"{item.weight.value} {item.source}: {item.fact}")
    if one.refusal and one.refusal.hint:
        yield from _wrapped(f"hint: {one.refusal.hint}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="      ",
        subsequent_indent="        ",
        break_long_words=False,
        break_on_hyphens=False,
    )
