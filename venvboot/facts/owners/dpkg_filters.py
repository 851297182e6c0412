"""Which files of its packages dpkg was told not to install: ``path-exclude`` and ``path-include`` of dpkg(1).

Slim images leave documentation, translations and tests out so. Read are dpkg.cfg(5) and the files of its folder whose
names dpkg takes.
"""

from __future__ import annotations

import contextlib
import fnmatch
import re
from typing import Callable, Iterator, Tuple

from venvboot.facts.owners.reading import Reader
from venvboot.system import System

NAME = "dpkg"
FOLDER = "/etc/dpkg/dpkg.cfg.d"
LAST = "/etc/dpkg/dpkg.cfg"
LIMIT = 1 << 18  # bytes
MOST = 1000  # filters; images have some ten

_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_FILTER = re.compile(r"path-(exclude|include)(?:[ \t]*=|[ \t])(.*)")
_QUOTES = "\"'"


def read(system: System) -> Callable[[str], bool]:
    """Return what tells of a path whether it was left out: the last filter that matches it decides."""
    filters = tuple(_filters(system))[-MOST:][::-1]

    def left_out(path: str) -> bool:
        return next((exclude for exclude, matches in filters if matches(path)), False)

    return left_out


def _filters(system: System) -> Iterator[Tuple[bool, Callable[[str], object]]]:
    reader = Reader(system, NAME)
    files = [f"{FOLDER}/{name}" for name in reader.names(FOLDER) if _NAME.match(name)]
    for file in (*files, LAST):
        for line in reader.read(file, LIMIT).decode("utf-8", "surrogateescape").split("\n"):
            found = _FILTER.match(line.strip())
            if found:
                # Its asterisk stands for slashes too, as that of fnmatch does.
                with contextlib.suppress(re.error):  # Python 3.9 compiles no [z-a], which matches nothing
                    yield found[1] == "exclude", re.compile(fnmatch.translate(_unquoted(found[2].strip()))).match


def _unquoted(word: str) -> str:
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in _QUOTES
    return word[1:-1] if quoted else word
