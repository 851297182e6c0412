"""What pip passes over because the distro has it, however old."""

from __future__ import annotations

import re
from typing import Iterator, Tuple

from venvboot.model import Finding, InstallTarget, OwnedPython, Severity, canonical

# Requirement already satisfied: jinja2>=2 in /usr/lib/python3/dist-packages (from -r a.txt (line 1)) (2.11.3)
_SATISFIED = re.compile(
    r"^Requirement already satisfied: (?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\S* in (?P<folder>/\S*)"
    r"(?: \(from (?:-r|-c) .*\))? \((?P<version>[^\s()]+)\)$",
    re.MULTILINE,
)


def findings(told: str, owned: OwnedPython, target: InstallTarget) -> Tuple[Finding, ...]:
    """Return a note for each requested name that pip's own words (``told``) say the distro's version satisfies."""
    return tuple(_findings(told, owned, target))


def _findings(told: str, owned: OwnedPython, target: InstallTarget) -> Iterator[Finding]:
    for match in _SATISFIED.finditer(told):
        there = owned.distributions.get(canonical(match["name"]))
        if there and there[0].location.startswith(match["folder"] + "/"):
            yield stale(match["name"], owned, target)


def stale(name: str, owned: OwnedPython, target: InstallTarget) -> Finding:
    """Return the note for one name that a package of the distro brings."""
    distribution, package = owned.distributions[canonical(name)]
    return Finding(
        "stale-satisfied",
        Severity.NOTE,
        distribution.name,
        f"{name} {distribution.version} comes from the package {package.package}, not from PyPI",
        f"pip finds {distribution.location} and says `Requirement already satisfied`, however old it is",
        f"use an isolated environment ({target.dest}), or state the version that you need",
    )
