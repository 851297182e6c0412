"""Variables that send Python, pip or uv somewhere else than into the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Tuple

from venvboot.model import Finding, Severity

OFF = ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class Variable:
    """``what`` it does while it is set, and the ``hint``; an error where nothing works as promised."""

    name: str
    what: str
    hint: str
    severity: Severity = Severity.WARNING


VARIABLES: Tuple[Variable, ...] = (
    Variable("PIP_USER", "pip in the environment refuses every install", "ENV PIP_USER=0", Severity.ERROR),
    Variable(
        "PIP_TARGET", "pip installs into that folder and not into the environment", "ENV PIP_TARGET=", Severity.ERROR
    ),
    Variable(
        "PYTHONHOME", "every Python of the image looks for its library there", "ENV PYTHONHOME=", Severity.ERROR
    ),
    Variable(
        "PYTHONEXECUTABLE",
        "the distro's Python takes itself for another one, and breaks its tools",
        "ENV PYTHONEXECUTABLE=",
        Severity.ERROR,
    ),
    Variable("UV_SYSTEM_PYTHON", "uv installs into the distro's Python", "ENV UV_SYSTEM_PYTHON=0", Severity.ERROR),
)


def findings(environ: Mapping[str, str], dest: str) -> Tuple[Finding, ...]:
    """Return a finding for each that is set to something; PYTHONPATH is told by ``python_path``."""
    found = [_finding(one, environ[one.name]) for one in VARIABLES if environ.get(one.name, "").lower() not in OFF]
    project = environ.get("UV_PROJECT_ENVIRONMENT", "")
    if project and project.rstrip("/") != dest:
        what = Variable(
            "UV_PROJECT_ENVIRONMENT",
            f"`uv sync` and `uv run` work on {project} and not on {dest}",
            f"ENV UV_PROJECT_ENVIRONMENT={dest}",
        )
        found.append(_finding(what, project))
    return tuple(found)


def _finding(one: Variable, value: str) -> Finding:
    return Finding(
        "variable-misleads",
        one.severity,
        one.name,
        f"{one.name} is set: {one.what}",
        f"{one.name}={value}",
        f"{one.hint} in the Dockerfile, or set it for one command only",
    )
