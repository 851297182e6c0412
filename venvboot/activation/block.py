"""A block of ours in a file of others: put in, found again, and taken out so that the file is what it was."""

from __future__ import annotations

from typing import Optional

from venvboot.activation.template import SIGNATURE
from venvboot.model import Placement

END = "# End of what venvboot wrote"
# The same where there was no such file, and where its last line had no newline.
END_OF_FILE = f"{END}; there was no such file"
END_AFTER_LINE = f"{END}; the line above it had no end"


def added(text: str, content: Optional[str], placement: Placement) -> str:
    """Return ``content`` with the block ``text`` (which ends with a newline) in place of one of ours, if any.

    ``content`` is None where the file isn't there.
    """
    rest = removed(content) if content is not None else None
    if rest is None:
        return f"{text}{END_OF_FILE}\n"
    if placement is Placement.TOP:
        return f"{text}{END}\n{rest}"
    return f"{rest}{text}{END}\n" if not rest or rest.endswith("\n") else f"{rest}\n{text}{END_AFTER_LINE}\n"


def found(content: str) -> Optional[str]:
    """Return the text of our block in ``content``, None where there is none."""
    place = _place(content)
    return content[place[0] : place[1]] if place else None


def removed(content: str) -> Optional[str]:
    """Return ``content`` without our block; None where nothing is left of a file that was not there before."""
    place = _place(content)
    if place is None:
        return content
    start, end = place
    closing, _, after = content[end:].partition("\n")
    before = content[:start]
    if closing == END_AFTER_LINE and not after:
        before = before[:-1]  # the newline came with the block
    return before + after if before or after or closing != END_OF_FILE else None


def _place(content: str) -> Optional[tuple[int, int]]:
    """Return where our text begins and ends, its closing line not counted."""
    start = 0 if content.startswith(SIGNATURE) else content.find(f"\n{SIGNATURE}") + 1
    if not content.startswith(SIGNATURE, start):
        return None
    end = content.find(END, start)
    return (start, end) if end > start else None
