"""Read a script that does nothing but start one program, without starting it."""

from __future__ import annotations

import re
from typing import Optional

from venvboot.system import System

LIMIT = 16 << 10

_SHELL = re.compile(r"#! *(?:/usr)?/bin/(?:env +)?(?:ba|da|a|k|z)?sh(?: +-[a-z]+)? *\Z")
_EXEC = re.compile(
    r"""exec\ +(?:-a\ +(?:"\$0"|[\w./@+-]+)\ +)?
        (?:"(?P<double>/[^"$`\\]*)" | '(?P<single>/[^']*)' | (?P<bare>/[\w./@%+:,-]*))
        \ +"\$@"\Z""",
    re.VERBOSE | re.ASCII,
)


def parse(text: str) -> Optional[str]:
    """Return the absolute path of the program that a shell script starts with its own arguments and nothing else.

    None for any other script: one with a second command, a variable to set or a path to expand may mean anything.
    """
    first, *rest = text.split("\n")
    commands = [line.strip(" \t") for line in rest if line.strip(" \t") and not line.lstrip(" \t").startswith("#")]
    if not _SHELL.match(first) or len(commands) != 1:
        return None
    match = _EXEC.match(commands[0])
    return next((path for path in match.groups() if path), None) if match else None


def target(system: System, path: str) -> Optional[str]:
    """Return the program that the script at ``path`` starts, None when that can't be told by reading it."""
    try:
        return parse(system.read_whole(path, LIMIT).decode("utf-8", "surrogateescape"))
    except OSError:
        return None
