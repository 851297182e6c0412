"""The guard for pips that know no marker: ``require-virtualenv`` in the pip.conf of the base's own prefix.

That file is read by this interpreter's pip only, never by an environment's, and leaves ``pip download`` working.
"""

from __future__ import annotations

from venvboot.model import Interpreter

PURPOSE = "pip.conf"

# Distros whose Python is older ship a pip below 23.0, the first to ask for the marker. Debian 11's does worse where
# VIRTUAL_ENV is set: it takes itself for an environment's and replaces files of the distro's packages.
KNOWS_THE_MARKER = (3, 11)


def needed(base: Interpreter) -> bool:
    owner = base.origin.owner
    return bool(owner and owner.manager == "dpkg" and base.version and base.version[:2] < KNOWS_THE_MARKER)


def path(base: Interpreter) -> str:
    """Return pip's configuration file for one prefix ("site" in its manual)."""
    return f"{base.facts.probe.base_prefix}/pip.conf" if base.facts.probe else ""


def text(dest: str) -> str:
    return (
        "# Written by venvboot\n"
        "# This Python belongs to the distro. Install into the environment of this image instead:\n"
        f"#     {dest}/bin/pip install NAME\n"
        "[install]\n"
        "require-virtualenv = true\n"
        "[uninstall]\n"
        "require-virtualenv = true\n"
    )
