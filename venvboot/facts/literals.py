"""Read a Python literal that somebody else wrote.

``ast.literal_eval`` alone won't do: up to Python 3.10 a text like ``1+1+1…`` or ``()()()…`` ends the whole process.
"""

from __future__ import annotations

import ast
import os
import re
from typing import Any

MAX_DEPTH = 8
MAX_TEXT = 32 << 10

_TOKEN = re.compile(
    r"""(?P<space>[ \t\n]+) | (?P<open>[\[({]) | (?P<close>[\])}]) | (?P<separator>[,:])
    | (?P<value> -?[0-9]{1,18}(?![\w.]) | (?:True|False|None)\b
        | [bu]?'(?:[^'\\\n]|\\.)*' | [bu]?"(?:[^"\\\n]|\\.)*" )""",
    re.VERBOSE | re.ASCII,
)


def read(text: str) -> Any:
    """Return the dict, set, list, tuple, string, bytes, integer, bool or None written in ``text``.

    Raises ValueError for everything else, operators and calls among it.
    """
    depth = at = 0
    ended = False  # a value, which nothing may be called on, taken from or looked up in
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or (ended and text[at] in "[({-"):
            raise ValueError(f"no literal at {text[at : at + 20]!r}")
        kind = token.lastgroup
        depth += (kind == "open") - (kind == "close")
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        ended = ended if kind == "space" else kind in ("close", "value")
        at = token.end()
    try:
        return ast.literal_eval(text.strip())
    except (TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from None


def text(value: Any) -> str:
    """Return a string that was read, as one that may be a path. Raises ValueError for what isn't or is overlong.

    Up to Python 3.6 the bytes of a file's name may have been told in another encoding than they have here.
    """
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\0" in value:
        raise ValueError("no text, or one that can't be a path")
    return os.fsdecode(os.fsencode(value))
