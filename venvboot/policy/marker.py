"""The text of the marker that guards a base interpreter (EXTERNALLY-MANAGED, PEP 668)."""

from __future__ import annotations

from typing import Optional

from venvboot.model import Diversion, Interpreter, SystemPackage

NAME = "EXTERNALLY-MANAGED"

# What the record calls it.
PURPOSE = "marker"


def path(base: Interpreter) -> str:
    """Return where the marker of ``base`` belongs: its standard library folder, one per minor version."""
    return f"{base.facts.probe.stdlib}/{NAME}" if base.facts.probe else ""


def diversion(base: Interpreter) -> Optional[Diversion]:
    """Return the diversion that keeps our marker through upgrades, None where dpkg isn't the owner.

    The marker isn't a conffile: without a diversion any upgrade or reinstallation of libpythonX.Y-stdlib puts the
    package's text back, also one that brings the file for the first time (after ``-minimal``).
    """
    if not base.origin.owner or base.origin.owner.manager != "dpkg":
        return None
    return Diversion(path(base), path(base) + ".distro")


def text(dest: str, owner: Optional[SystemPackage]) -> str:
    """Return the marker's text: who owns this Python, and the ways out.

    Continuation lines are indented (configparser); ``--break-system-packages`` is never named, pip appends it.
    """
    whose = f"the package {owner.package} ({owner.manager})" if owner else "a package manager"
    return (
        "# Written by venvboot\n"
        "[externally-managed]\n"
        f"Error=This Python belongs to {whose}.\n"
        " What pip puts here can hide or break the system's own programs.\n"
        " \n"
        f" Install into the environment of this image instead:\n"
        f"     {dest}/bin/pip install NAME\n"
        " or, with a lock:\n"
        f"     venvboot sync --venv {dest} requirements.txt\n"
        " \n"
        " In a Dockerfile these lines make it the default, if they are missing:\n"
        f"     ENV VIRTUAL_ENV={dest}\n"
        f"     ENV PATH={dest}/bin:$PATH\n"
    )
