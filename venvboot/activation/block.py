"""A block of ours in a file of others: put in, found again, and taken out so that the file is what it was."""

from __future__ import annotations

from typing import Optional

from venvboot.activation.template import SIGNATURE
from venvboot.model import Placement

END = "# End of what venvboot wrote\n"
# The same where there was no such file.
END_OF_FILE = "# End of what venvboot wrote; there was no such file\n"


def added(text: str, content: Optional[str], placement: Placement) -> str:
    """Return ``content`` with the block ``text`` (which ends with a newline) in place of one of ours, if any.

    ``content`` is None where the file isn't there. Where its last line has no newline, the block's has none instead.
    """
    rest = removed(content) if content is not None else None
    if rest is None:
        return text + END_OF_FILE
    if placement is Placement.TOP:
        return text + END + rest
    return rest + text + END if not rest or rest.endswith("\n") else f"{rest}\n{text}{END[:-1]}"


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
    closing = END_OF_FILE if content.startswith(END_OF_FILE[:-1], end) else END
    before, after = content[:start], content[end + len(closing) :]
    if not after and not content.endswith("\n"):
        before = before[:-1]  # the newline came with the block
    return before + after if before or after or closing == END else None


def _place(content: str) -> Optional[tuple[int, int]]:
    """Return where our text begins and ends, its closing line not counted."""
    start = 0 if content.startswith(SIGNATURE) else content.find(f"\n{SIGNATURE}") + 1
    if not content.startswith(SIGNATURE, start):
        return None
    end = content.find(END[:-1], start)
    return (start, end) if end > start else None
