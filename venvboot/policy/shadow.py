"""The refusal to install into a Python that isn't an environment's."""

from __future__ import annotations

from typing import Sequence

from venvboot.model import Finding, Interpreter, Severity


def system_target(base: Interpreter, names: Sequence[str], dest: str) -> Finding:
    """Return the refusal to install into a Python that isn't an environment of ours."""
    what = ", ".join(names) or "this"
    owner = base.origin.owner
    whose = f"{base.real_path} belongs to {owner}" if owner else f"its origin: {base.origin.label}"
    return Finding(
        "system-target",
        Severity.ERROR,
        base.path,
        f"{what} would be installed into {base.path}, which is not an environment made by venvboot",
        whose,
        f"RUN venvboot init {dest} && venvboot install --venv {dest} {' '.join(names)}".rstrip(),
    )
