"""Python distributions: installed, owned by the package manager, coming and going."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple

from venvboot.model.interpreter import SystemPackage


@dataclass(frozen=True)
class Distribution:
    """An installed Python distribution: its canonical name (PEP 503), version and metadata folder."""

    name: str
    version: str
    location: str


@dataclass(frozen=True)
class OwnedPython:
    """What the package manager provides to a Python: names and import roots, each with its package.

    An import root is the first regular package or module on the way down, ``google/protobuf`` or ``cv2``.
    """

    distributions: Mapping[str, Tuple[Distribution, SystemPackage]]
    import_roots: Mapping[str, Tuple[str, SystemPackage]]


@dataclass(frozen=True)
class IncomingDistribution:
    """A distribution that an install would bring; ``import_roots`` is None when its files are not known."""

    name: str
    version: str
    requested: bool
    import_roots: Optional[Tuple[str, ...]] = None


@dataclass(frozen=True)
class Changes:
    """Distributions added, removed and changed: name -> version, and name -> (from, to)."""

    add: Mapping[str, str] = field(default_factory=dict)
    remove: Mapping[str, str] = field(default_factory=dict)
    change: Mapping[str, Tuple[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.add or self.remove or self.change)
