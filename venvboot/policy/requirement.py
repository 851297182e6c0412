"""The name in a requirement as a command line gives it."""

from __future__ import annotations

import re

# A name (PEP 508) at the start, followed by nothing, extras, a version, a marker or an address.
_NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:$|[\[<>=!~;@ ])")


def name(word: str) -> str:
    """Return the distribution's name, empty for an option, a file or an address."""
    if (
        word.startswith(("-", ".", "/"))
        or "/" in word.partition("@")[0]
        or word.endswith((".whl", ".tar.gz", ".txt"))
    ):
        return ""
    match = _NAME.match(word)
    return match.group(1) if match else ""
