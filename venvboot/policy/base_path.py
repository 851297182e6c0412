"""Under which name an environment should record its base: one that is still there after an upgrade."""

from __future__ import annotations

import re
from typing import Mapping, Pattern

from venvboot.model import InterpreterFacts, Origin
from venvboot.policy.origin import PLATFORM_PYTHON, user_name

# A store's own path goes with the next upgrade or garbage collection; these names are kept by the tool itself.
STABLE: Mapping[str, Pattern[str]] = {
    "homebrew": re.compile(r"/.+/opt/(?:python|pypy|graalpy)[^/]*/bin/[^/]+\Z"),
    "nix": re.compile(r"/(?!nix/store/).+\Z"),
    "guix": re.compile(r"/(?!gnu/store/).+\Z"),
}


def base_path(facts: InterpreterFacts, origin: Origin) -> str:
    """Return the resolved file, or a stable name for it where its maker keeps one.

    An environment's own Python has none of these names: it stands for its base, and never is one.
    """
    candidate = facts.candidate
    if PLATFORM_PYTHON.match(candidate.real_path):
        return user_name(facts) or candidate.real_path
    pattern = STABLE.get(origin.kind)
    names = sorted((name for name in candidate.names if pattern and pattern.match(name)), key=_preference)
    return names[0] if names else candidate.real_path


def _preference(name: str) -> tuple[bool, int, str]:
    """A name with the minor version before one without: what it means changes less."""
    return (not re.search(r"\d\.\d+[a-z]*\Z", name), len(name), name)
