"""The refusal to install into a Python that isn't an environment's."""

from __future__ import annotations

import shlex
from typing import List, Sequence

from venvboot.model import Finding, Interpreter, Severity

FILE = "-r"


def system_target(base: Interpreter, verb: str, words: Sequence[str], dest: str) -> Finding:
    """Return the refusal to install ``words`` into a Python that isn't an environment of ours.

    ``words`` are those of ``install``, with ``-r`` before each file; ``verb`` says which verb got them.
    """
    owner = base.origin.owner
    whose = f"{base.real_path} belongs to {owner}" if owner else f"its origin: {base.origin.label}"
    place = shlex.quote(dest)
    given = " ".join(shlex.quote(word) for word in words if verb != "sync" or word != FILE)
    return Finding(
        "system-target",
        Severity.ERROR,
        base.path,
        f"{_told(words)} would be installed into {base.path}, which is not an environment made by venvboot",
        whose,
        f"RUN venvboot init {place} && venvboot {verb} --venv {place} {given}".rstrip(),
    )


def _told(words: Sequence[str]) -> str:
    told: List[str] = []
    for before, word in zip(("", *words), words):
        if before == FILE:
            told.append(f"what {word} asks for")
        elif word != FILE:
            told.append(word)
    return ", ".join(told)
