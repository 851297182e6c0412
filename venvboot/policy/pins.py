"""What a lock pins, as pip-compile writes it."""

from __future__ import annotations

import re
from typing import Dict, Mapping, Set, Tuple

from venvboot.model import canonical

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:===?|@)\s*(?P<version>[^\s;\\]+)")
_SHA256 = re.compile(r"--hash[= ]sha256:([0-9a-f]{64})\b")
# A user's name in front of a host needs no password where ssh keeps the key: git+ssh://git@github.com
_CREDENTIALS = re.compile(r"(?<![A-Za-z0-9+.-])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<user>[^/\s]+)@")


def pins(text: str) -> Dict[str, str]:
    """Return canonical name -> version, or the address it comes from."""
    found = [_PIN.match(line) for line in text.splitlines()]
    return {canonical(match["name"]): match["version"] for match in found if match}


def digests(text: str, present: Mapping[str, str]) -> Set[str]:
    """Return the SHA-256 digests (hexadecimal) in a lock, but for those of pins that are ``present``.

    ``present`` has canonical name -> version. A digest belongs to the last pin above it.
    """
    found: Set[str] = set()
    is_there = False
    for line in text.splitlines():
        match = _PIN.match(line)
        if match:
            is_there = present.get(canonical(match["name"])) == match["version"]
        if not is_there:
            found.update(_SHA256.findall(line))
    return found


def with_paths(text: str) -> Tuple[str, ...]:
    """Return the names that are pinned by a place on this machine."""
    return tuple(name for name, version in pins(text).items() if version.startswith("file:"))


def with_credentials(text: str) -> Tuple[str, ...]:
    """Return the beginning of each line that holds a password or a token: what stands before its address."""
    return tuple(
        line[: match.start()].strip(" #@") or match["scheme"]
        for line in text.splitlines()
        for match in [_CREDENTIALS.search(line)]
        if match and (":" in match["user"] or not match["scheme"].endswith("ssh"))
    )
