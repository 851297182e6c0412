"""The guard of the system's interpreters: what stands at its places, and what holds of each layer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Iterator, Optional, Tuple

from venvboot.model.interpreter import SystemPackage, Version


@dataclass(frozen=True)
class Diversion:
    """A dpkg diversion: the package's version of ``path`` goes to ``diverted_to``."""

    path: str
    diverted_to: str


class Standing(str, Enum):
    """What stands at a place. ``ours``: an ordinary file with our signature that root alone, or this user, writes."""

    NOTHING = "nothing"
    OURS = "ours"
    THEIRS = "theirs"
    EMPTY = "an empty directory"
    FULL = "a directory"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class GuardFile:
    """The place of a marker or a pip.conf; ``text`` is that of an ordinary file there, whoever's."""

    path: str
    standing: Standing
    text: str = ""
    writable: bool = True


@dataclass(frozen=True)
class Remembered:
    """What a seal took the place of: a directory with ``mode`` and owner, or nothing (``mode`` is None).

    ``made`` is how many folders above it had to be made for it.
    """

    mode: Optional[int] = None
    uid: int = 0
    gid: int = 0
    made: int = 0


@dataclass(frozen=True)
class SealPlace:
    """A directory that an interpreter's pip installs into, or the seal in its place.

    ``before`` is what a seal written now would remember; ``entries`` are the first names in a directory of ``count``.
    ``obstacle`` says why there may be no seal. ``remains`` is the text that a killed run left beside it.
    """

    path: str
    standing: Standing
    text: str = ""
    before: Remembered = Remembered()
    entries: Tuple[str, ...] = ()
    count: int = 0
    obstacle: str = ""
    remains: str = ""
    writable: bool = True


@dataclass(frozen=True)
class GuardFacts:
    """What stands at the places of one interpreter's guard.

    ``diverted`` is None where the package manager's list can't be read; ``kept_aside``: a file stands where the
    diversion leads. ``pip`` is the version of its pip, empty without one. ``pip_conf`` is None where a pip.conf isn't
    ours to write: in the prefix of another tool than a system's package manager.
    """

    interpreter: str
    owner: Optional[SystemPackage]
    version: Version
    marker: GuardFile
    diversion: Optional[Diversion] = None
    diverted: Optional[bool] = False
    kept_aside: bool = False
    pip_conf: Optional[GuardFile] = None
    pip: str = ""
    seals: Tuple[SealPlace, ...] = ()


class LayerState(str, Enum):
    IN_PLACE = "in place"
    THEIRS = "another's"
    MISSING = "missing"
    CHANGED = "changed"
    IMPOSSIBLE = "not possible"
    UNSEEN = "can't be seen"


@dataclass(frozen=True)
class Layer:
    """One layer of a guard: ``kind`` is ``marker``, ``diversion``, ``pip.conf`` or ``seal``.

    ``why`` tells more of a state that isn't ``in place``. ``optional``: that it is missing opens nothing by itself.
    """

    kind: str
    path: str
    state: LayerState
    why: str = ""
    optional: bool = False

    @property
    def broken(self) -> bool:
        return self.state in (LayerState.MISSING, LayerState.CHANGED)


@dataclass(frozen=True)
class Guard:
    """What guards one interpreter."""

    interpreter: str
    owner: Optional[SystemPackage]
    marker: Layer
    diversion: Optional[Layer]
    pip_conf: Optional[Layer]
    seals: Tuple[Layer, ...]

    def layers(self) -> Iterator[Layer]:
        yield self.marker
        yield from (layer for layer in (self.diversion, self.pip_conf) if layer)
        yield from self.seals
