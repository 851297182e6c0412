"""The text of the marker that guards an interpreter (EXTERNALLY-MANAGED, PEP 668)."""

from __future__ import annotations

import re
from typing import Optional

from venvboot.model import Diversion, Interpreter, SystemPackage
from venvboot.policy.elsewhere import serves_another

NAME = "EXTERNALLY-MANAGED"

# What the actions call it.
PURPOSE = "marker"

# What is named where the image has no environment yet.
EXAMPLE = "/opt/venv"

_WHOSE = re.compile(r"^Error=This Python belongs to (.+)\.$", re.MULTILINE)


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
    return diversion_of(path(base))


def diversion_of(marker: str) -> Diversion:
    return Diversion(marker, f"{marker}.distro")


def text(dest: str, owner: Optional[SystemPackage]) -> str:
    """Return the marker's text: who owns this Python, and the ways out; an empty ``dest`` says how to make one.

    Continuation lines are indented (configparser); ``--break-system-packages`` is never named, pip appends it.
    """
    return _text(dest, f"the package {owner.package} ({owner.manager})" if owner else "a package manager")


def intact(found: str) -> bool:
    """Tell whether ``found`` is the text for some environment and owner, and wasn't changed since it was written."""
    whose = _WHOSE.search(found)
    if whose is None:
        return False
    return found == _text("", whose[1]) or serves_another(found, lambda dest: _text(dest, whose[1]))


def _text(dest: str, whose: str) -> str:
    place = dest or EXAMPLE
    way = (
        f" Install into the environment of this image instead:\n     {place}/bin/pip install NAME\n"
        if dest
        else " Make an environment, and install into it instead:\n"
        f"     venvboot init {place}\n"
        f"     {place}/bin/pip install NAME\n"
    )
    return (
        "# Written by venvboot\n"
        "[externally-managed]\n"
        f"Error=This Python belongs to {whose}.\n"
        " What pip puts here can hide or break the system's own programs.\n"
        " \n" + way + " or, with a lock:\n"
        f"     venvboot sync --venv {place} requirements.txt\n"
        " \n"
        " In a Dockerfile these lines make it the default, if they are missing:\n"
        f"     ENV VIRTUAL_ENV={place}\n"
        f"     ENV PATH={place}/bin:$PATH\n"
    )
