"""What ``--python`` asks for when it is no path: an implementation, versions, or both.

``3``, ``3.12`` and ``3.12.4`` mean what they begin; ``>=3.11,<3.13`` and its like are specifiers as of PEP 440, where
``==3.12`` is 3.12.0 alone and ``>=3.15`` not yet 3.15.0a1. ``python``, ``cpython``, ``pypy`` or ``graalpy`` may stand
before either, or alone.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from typing import Callable, Mapping, Tuple

from venvboot.errors import UsageError
from venvboot.model import Interpreter, Version

FORMS = (
    "a path with a slash (/usr/bin/python3), a version (3, 3.12, 3.12.4), a range ('>=3.11,<3.13', '~=3.11', "
    "'==3.12.*', '!=3.12.1'), each also after python, cpython, pypy or graalpy (pypy3.11)"
)
LONGEST = 200
SHOWN = 60

# How a wish says it -> sys.implementation.name; python is any of them.
IMPLEMENTATIONS = {"": "", "python": "", "cpython": "cpython", "pypy": "pypy", "graalpy": "graalpy"}

_RELEASE = r"([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})"
_WISH = re.compile(r"([A-Za-z]*)(.*)", re.DOTALL)
_VERSION = re.compile(_RELEASE)
_CLAUSE = re.compile(rf" *(~=|==|!=|<=|>=|<|>) *{_RELEASE}(\.\*)? *")

# A version and whether it is final: each of its pre-releases comes before it.
Rank = Tuple[Version, bool]

_COMPARISONS: Mapping[str, Callable[[Rank, Rank], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Clause:
    """One comparison with a release of one to three parts; ``prefix``: no others are compared (``==3.12.*``)."""

    comparison: str
    release: Tuple[int, ...]
    prefix: bool = False

    def admits(self, version: Version, *, final: bool = True) -> bool:
        if self.prefix:
            return (version[: len(self.release)] == self.release) is (self.comparison == "==")
        major, minor, micro = (*self.release, 0, 0)[:3]
        wished, rank = ((major, minor, micro), True), (version, final)
        if self.comparison == "~=":
            return rank >= wished and version[: len(self.release) - 1] == self.release[:-1]
        if self.comparison == "<" and version == wished[0]:
            return False  # as PEP 440 has it: before 3.15 aren't its pre-releases
        return _COMPARISONS[self.comparison](rank, wished)


@dataclass(frozen=True)
class Wish:
    """Clauses that all have to be met, by this ``implementation`` (as in sys.implementation.name; empty for any).

    ``text`` is what the user wrote, empty where nothing was wished.
    """

    implementation: str = ""
    clauses: Tuple[Clause, ...] = ()
    text: str = field(default="", compare=False)

    def matches(self, interpreter: Interpreter) -> bool:
        """Tell whether the interpreter meets the wish; one whose version isn't known meets only an empty wish."""
        probe = interpreter.facts.probe
        if probe is None:
            return not self.implementation and not self.clauses
        implementation_fits = self.implementation in ("", probe.implementation)
        final = not probe.prerelease
        return implementation_fits and all(clause.admits(probe.version, final=final) for clause in self.clauses)

    @property
    def minor(self) -> str:
        """The one minor version that is wished for, ``3.12`` of 3.12.4; empty where it may be another."""
        if len(self.clauses) != 1 or self.clauses[0].comparison != "==" or len(self.clauses[0].release) == 1:
            return ""
        return "{}.{}".format(*self.clauses[0].release)

    @property
    def exact(self) -> str:
        """The one release that is wished for, ``3.11.0`` of ==3.11; empty where it may be another."""
        if not self.minor or (self.clauses[0].prefix and len(self.clauses[0].release) < 3):  # noqa: PLR2004  # micro
            return ""
        return ".".join(map(str, (*self.clauses[0].release, 0)[:3]))


def parse(text: str) -> Wish:
    """Return the wish; an empty text wishes nothing. Raises UsageError, with the forms, for anything else."""
    try:
        implementation, versions = _split(text)
        return Wish(implementation, _clauses(versions), text)
    except ValueError:
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        raise UsageError(f"{shown} is neither a path nor a version of Python", FORMS) from None


def _split(text: str) -> Tuple[str, str]:
    """Return the implementation and the rest. Raises ValueError for an unknown one and for an endless text."""
    match = _WISH.fullmatch(text[: LONGEST + 1])
    if match is None or len(text) > LONGEST or match.group(1).lower() not in IMPLEMENTATIONS:
        raise ValueError
    return IMPLEMENTATIONS[match.group(1).lower()], match.group(2)


def _clauses(text: str) -> Tuple[Clause, ...]:
    bare = _VERSION.fullmatch(text)
    if bare:
        release = _numbers(bare.group(1))
        return (Clause("==", release, prefix=len(release) < 3),)  # noqa: PLR2004  # major, minor, micro
    return tuple(_clause(part) for part in text.split(",")) if text else ()


def _clause(text: str) -> Clause:
    match = _CLAUSE.fullmatch(text)
    if not match:
        raise ValueError
    comparison, release, prefix = match.group(1), _numbers(match.group(2)), bool(match.group(3))
    if (prefix and comparison not in ("==", "!=")) or (comparison == "~=" and len(release) == 1):
        raise ValueError
    return Clause(comparison, release, prefix)


def _numbers(text: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
