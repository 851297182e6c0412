"""The locks that a sync was given, as files: where they are, and what decides whether they are the same again."""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass
from typing import List, Sequence, Tuple

from venvboot.errors import NoFile, VenvbootError
from venvboot.model import Allowance, Finding, Lock, Severity
from venvboot.policy import synced, triggers
from venvboot.policy.pylock import is_pylock
from venvboot.redact import one_line
from venvboot.system import System

DEFAULT = "requirements.txt"


@dataclass(frozen=True)
class Asked:
    """What is to be synced: the locks ``given`` at ``paths`` beside those ``held``; ``bill`` is the SBOM's place."""

    paths: Tuple[str, ...]
    held: Tuple[Lock, ...]
    given: Tuple[Lock, ...]
    allowed: Tuple[Allowance, ...]
    bill: str


def read(paths: Sequence[str], system: System, *, hashes: bool) -> Tuple[Tuple[Lock, ...], bool]:
    """Return the locks at ``paths``, and whether they say all that decides. Raises VenvbootError."""
    contents = [_content(path, system) for path in paths]
    given = tuple(_lock(path, content, hashes=hashes) for path, content in zip(paths, contents))
    return given, all(map(_stands_alone, paths, contents))


def paths(names: Sequence[str], system: System) -> Tuple[str, ...]:
    """Return the paths of the locks that were named, absolute and for other processes as well. Raises NoFile."""
    found: List[str] = []
    for name in names or [DEFAULT]:
        named = posixpath.abspath(name)
        path = system.lasting(named)
        if not system.is_file(path):
            raise NoFile(_missing(named, system, is_named=bool(names)))
        found.append(path)
    return tuple(found)


def _missing(path: str, system: System, *, is_named: bool) -> Finding:
    is_there = system.exists(path)
    by_default = "" if is_named else "sync reads requirements.txt of the working directory where no LOCK is named"
    return Finding(
        "no-lock",
        Severity.ERROR,
        path,
        f"{path} is no file that could be a lock" if is_there else f"there is no lock {path}",
        "it is a folder, or something that can be read only once, as a pipe" if is_there else by_default,
        f"name one file of the build context: --build-arg {triggers.LOCK}=FILE"
        if triggers.LOCK in system.environ
        else "COPY it before this RUN, or name it: venvboot sync LOCK",
    )


def _content(path: str, system: System) -> bytes:
    """Return what is in a lock. Raises VenvbootError where that can't be read."""
    try:
        return system.read(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        hint = f"chmod a+r {path}, or run as a user who may read it"
        message = f"{path} can't be used as a lock"
        raise VenvbootError(Finding("lock-unreadable", Severity.ERROR, path, message, why, hint)) from None


def _stands_alone(path: str, content: bytes) -> bool:
    """Tell whether a lock says all that decides; a pylock.toml does, since no place in it is gone to."""
    return is_pylock(path) or synced.stands_alone(content.decode("utf-8", "replace"))


def _lock(path: str, content: bytes, *, hashes: bool) -> Lock:
    return Lock(one_line(path), hashlib.sha256(content).hexdigest(), hashes or is_pylock(path))
