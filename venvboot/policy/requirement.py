"""The name in a requirement as a command line gives it."""

from __future__ import annotations

import re

ANYTHING = ":all:"  # pip's word for all names
FILES = (".whl", ".tar.gz", ".zip", ".txt")

# A name (PEP 508) at the start, followed by nothing, extras, a version, a marker or an address.
_NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:$|[\[<>=!~;@ ])")


def name(word: str) -> str:
    """Return the distribution's name, empty for an option, a file or an address."""
    before_address = word.partition("@")[0]
    if word.startswith(("-", ".", "/")) or "/" in before_address or before_address.endswith(FILES):
        return ""
    match = _NAME.match(word)
    return match.group(1) if match else ""
