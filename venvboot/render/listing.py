"""The interpreters of an image as a list: a line for each, and what speaks for its verdict below it."""

from __future__ import annotations

import textwrap
from typing import Iterator, List, Mapping, Sequence, Tuple

from venvboot.model import Finding, Interpreter, Strategy
from venvboot.redact import one_line
from venvboot.render import columns, text

WIDTH = 100
GAP = "  "
INDENT = " " * 6
# No version or kind of ours is longer; an interpreter may claim any version.
NARROW = 16
IMPLEMENTATIONS: Mapping[str, str] = {"cpython": "", "pypy": "PyPy ", "graalpy": "GraalPy "}

# Name, version, kind and owner of one interpreter: printable, of any length.
Row = Tuple[str, str, str, str]
SHORTENED = (columns.path, columns.middle, columns.middle, columns.middle)


def interpreters(found: Sequence[Interpreter], *, verbose: bool) -> str:
    """Return a line of at most 100 columns for each: name, version, kind of origin, owner, strategy.

    A star marks what ``python3`` means on PATH. Below stands the reason of a refusal, else a line for each warning;
    with ``verbose`` all that is known, uncut: label, other names, evidence with its weight, hints.
    """
    rows = [_row(one) for one in found]
    widths = _widths(rows)
    lines: List[str] = []
    for one, row in zip(found, rows):
        line = _line(one, row, widths)
        lines.append(line)
        lines.extend(_details(one, row, line) if verbose else _remarks(one))
    return "".join(f"{line}\n" for line in lines)


def _row(one: Interpreter) -> Row:
    probe, owner = one.facts.probe, one.origin.owner
    implementation = IMPLEMENTATIONS.get(probe.implementation, f"{probe.implementation} ") if probe else ""
    version = implementation + probe.version_text if probe else "?"
    # Of an unknown origin the label says what kept it from being known.
    whose = str(owner) if owner else one.origin.label if one.origin.kind == "unknown" else "-"
    return one_line(one.path), one_line(version), one_line(one.origin.kind), one_line(whose)


def _widths(rows: Sequence[Row]) -> Tuple[int, ...]:
    """Return the width of each column. Where not all fits, name and owner share what the others leave."""
    name, version, kind, owner = (max(map(columns.width, cells), default=0) for cells in zip(*rows, ("",) * 4))
    version, kind = min(version, NARROW), min(kind, NARROW)
    strategy = max(len(strategy.value) for strategy in Strategy)
    room = WIDTH - len("* ") - version - kind - strategy - 4 * len(GAP)
    name = min(name, max(room - owner, room // 2))
    return name, version, kind, min(owner, room - name)


def _line(one: Interpreter, row: Row, widths: Sequence[int]) -> str:
    star = "*" if one.facts.candidate.first_on_path else " "
    cells = [columns.padded(cut(cell, width), width) for cut, cell, width in zip(SHORTENED, row, widths)]
    return f"{star} {GAP.join(cells)}{GAP}{one.strategy.value}"


def _remarks(one: Interpreter) -> Iterator[str]:
    """What is to be known before it is used; of one that can't be, only why."""
    if one.refusal:
        yield from (columns.middle(line, WIDTH) for line in _wrapped(one.refusal.message))
        return
    for warning in one.warnings:
        yield columns.middle(INDENT + one_line(f"warning: {warning.message}"), WIDTH)


def _details(one: Interpreter, row: Row, line: str) -> Iterator[str]:
    names = one.facts.candidate.names
    others = [name for name in names if name != one.path]
    for cell in row:
        if cell not in line:  # it was cut
            yield from _wrapped(cell)
    if not any(one_line(one.origin.label) in cell for cell in row):
        yield from _wrapped(one.origin.label)
    if one.real_path not in names:
        yield from _wrapped(f"is {one.real_path}")
    if others:
        yield from _wrapped(f"also {', '.join(others)}")
    if one.base_path not in ("", one.path, one.real_path):
        yield from _wrapped(f"an environment names {one.base_path} as its base")
    if one.direct and one.strategy is not Strategy.DIRECT:
        yield from _wrapped("its own site-packages may be prepared for installs, with init --direct")
    for item in one.evidence:
        yield from _wrapped(f"{item.weight.value:<6} {item.source}: {item.fact}")
    for finding in (*one.warnings, *([one.refusal] if one.refusal else ())):
        yield from _finding(finding)


def _finding(found: Finding) -> Iterator[str]:
    for line in text.finding(found).splitlines():
        yield from _wrapped(line, INDENT + " " * (len(line) - len(line.lstrip())))


def _wrapped(told: str, indent: str = INDENT) -> Iterator[str]:
    """Give the text in indented lines, broken between words only: a path or a command can be copied whole."""
    yield from textwrap.wrap(
        one_line(told.strip()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
