# Run by the environment's interpreter, isolated, with packaging on its path: the markers of what is required there are
# evaluated for that interpreter. Finds what depends on what, and which licences are valid in SPDX, and writes nothing.
from __future__ import annotations

import json
import sys
from typing import Any

given = json.loads(sys.argv[1])
sys.path[:0] = given["libraries"]

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

# Distributions are written by anybody: each extra is looked at with all requirements of its own.
MOST_EXTRAS = 100


def parsed(words: list[str]) -> list[Requirement]:
    found = []
    for word in words:
        try:
            found.append(Requirement(word))
        except (InvalidRequirement, ValueError, RecursionError):
            continue
    return found


def applies(requirement: Requirement, extra: str) -> bool:
    try:
        return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
    except (ValueError, LookupError, TypeError, RecursionError):  # UndefinedComparison and its kin are ValueErrors
        return False


def depends(requires: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the names that each needs of those that are there, with the extras that others ask of it."""
    wanted = {name: parsed(words) for name, words in requires.items()}
    found: dict[str, set[str]] = {name: set() for name in wanted}
    extras: dict[str, set[str]] = {name: {""} for name in wanted}
    waiting = [(name, "") for name in wanted]
    while waiting:
        name, extra = waiting.pop()
        for requirement in wanted[name]:
            other = canonicalize_name(requirement.name)
            if other not in wanted or not applies(requirement, extra):
                continue
            found[name].add(other)
            for asked in map(canonicalize_name, requirement.extras):
                if asked not in extras[other] and len(extras[other]) < MOST_EXTRAS:
                    extras[other].add(asked)
                    waiting.append((other, asked))
    return {name: sorted(others - {name}) for name, others in found.items()}


def expressions(words: list[str]) -> dict[str, str]:
    """Return those that are valid in SPDX, in its own spelling."""
    found: dict[str, str] = {}
    for word in words:
        try:
            found[word] = canonicalize_license_expression(word)
        except (InvalidLicenseExpression, ValueError, RecursionError, SyntaxError, MemoryError):
            continue
    return found


with open(given["path"], "rb") as file:
    asked = json.load(file)
told = {"depends": depends(asked["requires"]), "expressions": expressions(asked["expressions"])}
