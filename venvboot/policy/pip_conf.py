"""The second layer of the guard: ``require-virtualenv`` in the pip.conf of an interpreter's own prefix.

That file ("site" in pip's manual) is read by the pips of this prefix only, never by an environment's, and leaves
``pip download`` working. ``[uninstall]`` has it always: neither marker nor seal stops ``pip uninstall
--break-system-packages``. ``[install]`` has it where the pip knows no marker; elsewhere pip would say its own text
in place of the marker's. (guard.md 3.2, tried with pip 20.3.4, 23.0.1 and 25.1.1.)
"""

from __future__ import annotations

import configparser
import re
from typing import Mapping, Tuple

PURPOSE = "pip.conf"
NAME = "pip.conf"

# The first pip that asks for the marker. Debian 11's 20.3 does worse where VIRTUAL_ENV is set: it takes itself for
# an environment's and replaces files of the distro's packages.
KNOWS_THE_MARKER = (23, 0)

# Package manager -> the first Python whose package of pip knows it, for an image that has no pip yet. RHEL 9's
# python3.11-pip is 22.3.
FROM_PYTHON: Mapping[str, Tuple[int, int]] = {"dpkg": (3, 11), "apk": (3, 11)}
FROM_PYTHON_ELSEWHERE = (3, 12)

_YES = ("1", "true", "yes", "on", "t", "y")


def refuses_installs(pip: str, python: Tuple[int, ...], manager: str) -> bool:
    """Tell whether ``[install]`` is needed: by the version of ``pip``, else by that which ``manager`` would bring."""
    numbers = re.match(r"(\d+)\.(\d+)", pip)
    if numbers:
        return (int(numbers[1]), int(numbers[2])) < KNOWS_THE_MARKER
    return python[:2] < FROM_PYTHON.get(manager, FROM_PYTHON_ELSEWHERE)


def text(*, install: bool) -> str:
    wanted = "[install]\nrequire-virtualenv = true\n" if install else ""
    return (
        "# Written by venvboot\n"
        "# This Python belongs to the system. Make an environment, and use its pip instead:\n"
        "#     venvboot init /opt/venv && /opt/venv/bin/pip install NAME\n"
        "# `venvboot guard --undo` takes this file away.\n"
        f"{wanted}[uninstall]\nrequire-virtualenv = true\n"
    )


def intact(found: str) -> bool:
    return found in (text(install=True), text(install=False))


def guards(found: str, *, install: bool) -> bool:
    """Tell whether a pip.conf, whoever wrote it, says what ours would; ``[global]`` counts for every command."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(found)
    except configparser.Error:
        return False
    said = {name for name in parser.sections() if _requires(parser, name)}
    wanted = {"uninstall", "install"} if install else {"uninstall"}
    return "global" in said or wanted <= said


def _requires(parser: configparser.RawConfigParser, section: str) -> bool:
    """As pip reads its options: dashes or underscores, in any case, with or without leading dashes."""
    values = {key.lower().replace("_", "-").lstrip("-"): value for key, value in parser.items(section)}
    return str(values.get("require-virtualenv", "")).strip().lower() in _YES
