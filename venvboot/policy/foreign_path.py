"""Options and variables that would send an installation past the environment."""

from __future__ import annotations

from typing import Mapping, Tuple

from venvboot.model import Finding, Severity

# Options of pip that name another place, or take another's guard away, with and without a value
WITH_VALUE = ("--target", "--prefix", "--root")
FLAGS = ("--user", "--break-system-packages")
VARIABLES = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_BREAK_SYSTEM_PACKAGES")
NOT_SET = ("", "0", "false", "no", "off")


def refused(option: str, dest: str) -> Finding:
    """Return the refusal of such an option."""
    return Finding(
        "foreign-path",
        Severity.ERROR,
        option,
        f"{option} would send the installation past {dest}",
        "what lies in another folder is seen by some processes and not by others, and nothing guards it",
        "leave it out; for an environment elsewhere: venvboot init DIR && venvboot install --venv DIR NAME",
    )


def not_obeyed(environ: Mapping[str, str]) -> Tuple[Finding, ...]:
    """Return a warning for each variable that this run set aside, and that a plain pip of this image would obey."""
    return tuple(
        Finding(
            "foreign-path",
            Severity.WARNING,
            name,
            f"{name}={environ[name]} was not obeyed: it would send the installation past the environment",
            "a plain pip in this image does obey it",
            f"take it out of the image: ENV {name}=",
        )
        for name in VARIABLES
        if environ.get(name, "").lower() not in NOT_SET
    )
