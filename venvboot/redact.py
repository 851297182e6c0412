"""What may not stand in a log: credentials, and characters that could forge another line of it."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]+(?=@)")


def without_secrets(text: str) -> str:
    """Return ``text`` with the user and password of every address replaced, as pip does."""
    return _CREDENTIALS.sub("****", text)


def one_line(text: str) -> str:
    """Return ``text`` with every character that isn't printable replaced; names of files may hold any."""
    return "".join(letter if letter.isprintable() else "?" for letter in without_secrets(text))
