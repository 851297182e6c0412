"""What a person reads. Every line stands alone in a build log; colour only on a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Mapping, Sequence, TextIO

from venvboot.model import Changes, Finding, Promise, Severity
from venvboot.redact import one_line

if TYPE_CHECKING:  # every start needs this module, and hardly any an action: they take 10 ms
    from venvboot.actions import Action, Plan

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


def plan(made: Plan) -> str:
    return actions(made.actions)


def actions(made: Sequence[Action]) -> str:
    """Return what would be done, a line per action."""
    return "".join(f"# would {action.describe()}\n" for action in made) or "# nothing to do\n"


def changes(made: Changes) -> str:
    """Return a line per distribution that is added (+), removed (-) or changed (~)."""
    lines = [f"+ {name} {version}" for name, version in made.add.items()]
    lines += [f"- {name} {version}" for name, version in made.remove.items()]
    lines += [f"~ {name} {before} -> {after}" for name, (before, after) in made.change.items()]
    return "".join(line + "\n" for line in lines) or "# nothing to do\n"


def promises(states: Mapping[str, Promise]) -> str:
    return "".join(f"{name:<12} {state.value}\n" for name, state in states.items())
