"""Which programs of an environment have a wrapper in /usr/local/bin (``activation.wrappers``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Tuple

from venvboot.activation import wrappers
from venvboot.model import CommandFacts, Finding, RecordedFile, Severity
from venvboot.policy.files import digest

# They come from a folder that the group writes, and become files of root's.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}\Z")
# Python's and pip's are the environment's also where the distro has its own.
_ALWAYS = re.compile(r"(?:python|pip|pypy|graalpy)[0-9.-]*\Z")
# Read by a shell, and no program.
_NO_PROGRAM = re.compile(r"[Aa]ctivate(?:\..*|_this\.py)?\Z|venvboot-entrypoint\Z")
SHOWN = 5


@dataclass(frozen=True)
class Rehash:
    """Names to write wrappers for and to remove them of; ``writable``: this user may do that."""

    add: Tuple[str, ...] = ()
    remove: Tuple[str, ...] = ()
    writable: bool = True

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)


def decide(facts: CommandFacts, *, take_over: bool = False) -> Rehash:
    """Return what is missing and what is left over; nothing where the base itself lies in the wrappers' folder.

    A name that others took there, or that the distro has for a program of its own, is left to them. So is one with a
    wrapper for another environment of the image, unless this one is to ``take_over``: ``init`` makes it the image's.
    """
    if facts.base_here:
        return Rehash(remove=facts.stale, writable=facts.writable)
    left = {
        *facts.taken,
        *(() if take_over else facts.elsewhere),
        *(name for name in facts.distro if not _ALWAYS.match(name)),
    }
    wanted = [
        name for name in facts.programs if _NAME.match(name) and not _NO_PROGRAM.match(name) and name not in left
    ]
    add = tuple(name for name in wanted if name not in facts.wrapped)
    remove = tuple(name for name in (*facts.wrapped, *facts.stale) if name not in wanted)
    return Rehash(add, remove, facts.writable)


def recorded(dest: str) -> RecordedFile:
    """Return the entry of the record that stands for all wrappers."""
    return RecordedFile(wrappers.FOLDER, digest(wrappers.text(dest, "@NAME@")), wrappers.NAME)


def missing(dest: str, found: Rehash, mend: str = "") -> Tuple[Finding, ...]:
    """Return a warning that names the programs without a wrapper, and the wrappers without a program.

    ``mend`` is the command that brings them up to date; without one it is ``init``.
    """
    if not found:
        return ()
    names = (*found.add, *found.remove)
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    return (
        Finding(
            "wrappers-outdated",
            Severity.WARNING,
            wrappers.FOLDER,
            f"the wrappers in {wrappers.FOLDER} do not fit the programs of {dest}: {shown}",
            "they were installed or removed by something else than venvboot; where PATH lost the environment, "
            "these names lead elsewhere or nowhere",
            (mend or f"`venvboot init {dest}`") + " as root brings them up to date",
        ),
    )
