"""What a sync lays out: the pins of its locks, the wheels found for them, and where their files go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional, Tuple


class Bytecode(Enum):
    """How a file of bytecode tells that its source is another by now (PEP 552)."""

    TIMESTAMP = "timestamp"
    CHECKED_HASH = "checked-hash"
    UNCHECKED_HASH = "unchecked-hash"
    NONE = "none"


@dataclass(frozen=True)
class LockFile:
    """A lock that was named, and the requirements file that says the same: itself, unless it is a pylock.toml."""

    path: str
    requirements: str

    def place(self, told: str) -> str:
        """Return a place in the requirements file, as pip and others tell it, as one in the lock itself."""
        return told if self.path == self.requirements or self.requirements not in told else self.path


@dataclass(frozen=True)
class Pin:
    """A distribution of one version, as a lock asks for it; ``hashes`` are the sha256 it allows.

    ``place`` is where it says so, for a person.
    """

    name: str
    version: str
    hashes: Tuple[str, ...]
    place: str = ""


@dataclass(frozen=True)
class PythonFacts:
    """What the environment's Python tells of itself, as far as laying out wheels depends on it.

    ``stdlib`` are the modules of its library, None below 3.10, which doesn't know. ``tags`` is a digest of the tags
    of the wheels that it can use, in the order of its choice. ``magic`` (hexadecimal) and ``cache_tag`` are those of
    its bytecode; ``platlib`` is where compiled modules go. ``script`` is the text of a command, as pip makes it.
    """

    stdlib: Optional[Tuple[str, ...]]
    builtin: Tuple[str, ...]
    stdlib_folder: str
    tags: str
    magic: str
    cache_tag: str
    platlib: str
    script: str


@dataclass(frozen=True)
class Wheel:
    """A wheel at ``path`` with the given content; ``built``: it was made here, of what came as source."""

    name: str
    version: str
    path: str
    sha256: str
    size: int
    built: bool = False


@dataclass(frozen=True)
class Scheme:
    """The folders of an environment that a wheel's files go to, as sysconfig and pip name them.

    ``headers`` is that of all distributions; each has one of its own below it. ``python`` is the interpreter that
    commands name.
    """

    purelib: str
    platlib: str
    headers: str
    scripts: str
    data: str
    python: str
