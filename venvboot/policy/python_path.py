"""PYTHONPATH stands before everything an environment has, and buildpacks and old s2i images set it."""

from __future__ import annotations

from typing import Mapping, Tuple

from venvboot.model import Finding, Severity


def findings(environ: Mapping[str, str]) -> Tuple[Finding, ...]:
    """Return a warning where the variable is set; it may be meant, so it is no error."""
    value = environ.get("PYTHONPATH", "")
    if not value:
        return ()
    return (
        Finding(
            "python-path-set",
            Severity.WARNING,
            "PYTHONPATH",
            "every Python of this image, the environment's too, imports from PYTHONPATH first",
            f"PYTHONPATH={value}",
            "ENV PYTHONPATH= in the Dockerfile, unless it is meant",
        ),
    )
