"""The commands that a wheel's ``entry_points.txt`` makes ("Entry points specification").

Read line by line, as installers do (``importlib.metadata``), and not by configparser: that one takes an indented line
for the rest of another's value, so that a command would be installed and not be seen here, and a made-up file of some
megabytes keeps it busy for hours.
"""

from __future__ import annotations

import re
from typing import Optional, Tuple

SECTIONS = ("console_scripts", "gui_scripts")

# pip makes another command of a name with spaces, ends halfway for an object that can't be called, and reads what is
# in brackets for itself (distlib's get_export_entry).
_NAME = re.compile(r"[^\s\[\]=]+")
_CALLABLE = re.compile(r"(?P<module>\w+(?:\.\w+)*):(?P<attribute>\w+(?:\.\w+)*)\s*(?:\[[^\[\]]*\])?")


def commands(text: str) -> Tuple[Tuple[str, str], ...]:
    """Return name and object of each command, in their order; a line that is no entry names none."""
    found = []
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[] \t")
        elif section in SECTIONS and "=" in line and not line.startswith("#"):
            name, _, called = line.partition("=")
            found.append((name.strip(), called.strip()))
    return tuple(dict.fromkeys(found))


def broken_line(text: str) -> str:
    """Return the first line that is no entry, empty for none: installers fail on it when they have written others."""
    section = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = True
        elif section and line and not line.startswith("#") and "=" not in line:
            return line
    return ""


def made(name: str, called: str) -> Optional[Tuple[str, str]]:
    """Return module and attribute that the command ``name`` calls; None if not every installer makes just that."""
    match = _CALLABLE.fullmatch(called)
    return (match["module"], match["attribute"]) if match and _NAME.fullmatch(name) else None
