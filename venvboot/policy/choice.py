"""Choose the base interpreter of an environment, and say why in one line."""

from __future__ import annotations

import re
from typing import Optional, Sequence, Tuple

from venvboot.errors import Unsupported, UsageError
from venvboot.model import Finding, Interpreter, Severity, Strategy

_WISH = re.compile(r"(?:python)?(\d+)\.(\d+)\Z")

NO_INTERPRETER_HINT = {
    "debian": "RUN apt-get update && apt-get install -y --no-install-recommends python3",
    "fedora": "RUN dnf install -y python3",
    "rhel": "RUN dnf install -y python3.12",
    "alpine": "RUN apk add --no-cache python3",
}


def choose(interpreters: Sequence[Interpreter], wish: str, distro: Sequence[str]) -> Tuple[Interpreter, str]:
    """Return the base and the reason: the first on PATH that can carry an environment, else the newest elsewhere.

    ``wish`` is empty or a version as ``3.12``; ``distro`` is os-release's ID and what it is like. Environments are
    never a base. Raises Unsupported with every interpreter's own reason when none is left.
    """
    version = wished_version(wish)
    everything = [found for found in interpreters if found.origin.kind != "venv"]
    bases = [found for found in everything if not version or (found.version and found.version[:2] == version)]
    usable = [found for found in bases if found.strategy is Strategy.VENV]
    if not usable:
        raise Unsupported(*_why_none(everything, bases, wish, distro))
    for found in usable:
        if found.facts.candidate.first_on_path:
            return found, "it is the first python3 on PATH"
    newest = max(usable, key=lambda found: (found.version or (0, 0, 0), -usable.index(found)))
    return newest, f"it is the only Python {wish}" if version and len(usable) == 1 else "it is the newest that fits"


def wished_version(wish: str) -> Optional[Tuple[int, int]]:
    """Return the version that ``3.12`` or ``python3.12`` names, None for an empty wish. Raises UsageError."""
    if not wish:
        return None
    match = _WISH.match(wish)
    if not match:
        raise UsageError(
            f"--python {wish} is neither a path nor a version", "--python /usr/bin/python3 or --python 3.12"
        )
    return int(match.group(1)), int(match.group(2))


def _why_none(
    everything: Sequence[Interpreter], bases: Sequence[Interpreter], wish: str, distro: Sequence[str]
) -> Tuple[Finding, ...]:
    refusals = tuple(found.refusal for found in bases if found.refusal)
    hint = (
        "name one of them with --python, or install that version"
        if wish
        else next(
            (NO_INTERPRETER_HINT[name] for name in distro if name in NO_INTERPRETER_HINT),
            "install Python 3.9 or later",
        )
    )
    seen = ", ".join(found.path for found in everything) or "none"
    nothing = Finding(
        "no-interpreter",
        Severity.ERROR,
        wish,
        f"no Python {wish} that can carry an environment" if wish else "no Python that can carry an environment",
        f"interpreters looked at: {seen}",
        hint,
    )
    return (nothing, *refusals)
