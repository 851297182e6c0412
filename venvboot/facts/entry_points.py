"""The commands that a wheel's ``entry_points.txt`` makes ("Entry points specification").

Read line by line, as installers do (``importlib.metadata``), and not by configparser: that one takes an indented line
for the rest of another's value, so that a command would be installed and not be seen here, and a made-up file of some
megabytes keeps it busy for hours.
"""

from __future__ import annotations

from typing import Tuple

SECTIONS = ("console_scripts", "gui_scripts")


def commands(text: str) -> Tuple[str, ...]:
    """Return the names of the commands, in their order and each once; a line that is no entry names none."""
    names = []
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[] \t")
        elif section in SECTIONS and "=" in line and not line.startswith("#"):
            names.append(line.partition("=")[0].strip())
    return tuple(dict.fromkeys(names))
