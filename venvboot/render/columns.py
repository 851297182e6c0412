"""Fit texts into columns: what is too long loses its middle, since both ends of a path or a package tell most."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"


def width(text: str) -> int:
    """Return how many columns a terminal or a log gives to a printable ``text``; East Asian wide letters take two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, room: int) -> str:
    return text + " " * (room - width(text))


def middle(text: str, room: int) -> str:
    """Return ``text``, or its two ends with an ellipsis between them, in at most ``room`` columns."""
    if width(text) <= room:
        return text
    begin = _begin(text, room // 2)
    end = _begin(text[::-1], room - width(begin) - 1)[::-1]
    return f"{begin}{ELLIPSIS}{end}"


def path(text: str, room: int) -> str:
    """Return an absolute path, or its name with as many whole folders as fit: the last ones, then the first ones."""
    if width(text) <= room:
        return text
    parts = text.split("/")
    first, last = parts[:2], parts[-1:]
    while width(_joined(first, parts[-len(last) - 1 :])) <= room:
        last = parts[-len(last) - 1 :]
    while width(_joined(parts[: len(first) + 1], last)) <= room:
        first = parts[: len(first) + 1]
    shortened = _joined(first, last)
    return shortened if width(shortened) <= room else middle(text, room)


def _joined(first: list[str], last: list[str]) -> str:
    return "/".join((*first, ELLIPSIS, *last))


def _begin(text: str, room: int) -> str:
    used = 0
    for number, letter in enumerate(text):
        used += width(letter)
        if used > room:
            return text[:number]
    return text
