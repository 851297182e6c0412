"""The names that a command line of pip and its requirements files ask for, each with the place it stands at."""

from __future__ import annotations

import os
import posixpath
from typing import Iterator, Sequence, Tuple

from venvboot.policy import requirement
from venvboot.system import System

FILE_LIMIT = 4 << 20
COMMAND_LINE = "the command line"


def asked(system: System, words: Sequence[str]) -> Iterator[Tuple[str, str]]:
    """Give name and place of each plain requirement; ``-r`` comes before a file. Files in files aren't read."""
    is_file = False
    for word in words:
        if is_file:
            yield from _of_file(system, word)
        elif requirement.name(word):
            yield requirement.name(word), COMMAND_LINE
        is_file = word == "-r"


def _of_file(system: System, path: str) -> Iterator[Tuple[str, str]]:
    text = system.read_text(posixpath.join(os.getcwd(), path), FILE_LIMIT) or ""
    for number, line in enumerate(text.splitlines(), 1):
        name = requirement.name(line.strip())
        if name:
            yield name, f"{path} line {number}"
