"""Python distributions: installed, owned by the package manager, coming and going."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import FrozenSet, Mapping, Optional, Tuple

from venvboot.model.interpreter import SystemPackage


def canonical(name: str) -> str:
    """Return a distribution's name in its one canonical spelling (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Distribution:
    """An installed Python distribution: its canonical name (PEP 503), version and metadata folder."""

    name: str
    version: str
    location: str


@dataclass(frozen=True)
class OwnedPython:
    """What the package manager provides to a Python: names, import roots and commands, each with its package.

    An import root is the first regular package or module on the way down, ``google/protobuf`` or ``cv2``.
    ``commands`` are the programs in the system's folders, name -> path and package. ``essential`` are the packages
    that the distro can't do without. ``doubts`` are databases, or parts of one, that can't be read; ``no_database``:
    there is none in the image.
    """

    distributions: Mapping[str, Tuple[Distribution, SystemPackage]]
    import_roots: Mapping[str, Tuple[str, SystemPackage]]
    commands: Mapping[str, Tuple[str, SystemPackage]] = field(default_factory=dict)
    essential: FrozenSet[str] = frozenset()
    doubts: Tuple[str, ...] = ()
    no_database: bool = False


@dataclass(frozen=True)
class IncomingDistribution:
    """A distribution that an install would bring; ``import_roots`` is None when its files are not known.

    ``commands`` are names of programs, ``startup_files`` what every start of the Python executes (``x.pth``,
    ``sitecustomize.py``), ``data_files`` paths below the prefix, ``headers`` those below its folder of headers,
    ``files`` those below site-packages, as far as they are known.
    ``built``: it came as source, and was built here; ``editable``: it stays where its source is. ``needed_by`` is
    what asks for it, a distribution or a line of a file. ``size`` is that of its files in bytes, 0 if not known.
    """

    name: str
    version: str
    requested: bool
    import_roots: Optional[Tuple[str, ...]] = None
    commands: Tuple[str, ...] = ()
    startup_files: Tuple[str, ...] = ()
    data_files: Tuple[str, ...] = ()
    built: bool = False
    editable: bool = False
    needed_by: str = ""
    headers: Tuple[str, ...] = ()
    files: Tuple[str, ...] = ()
    size: int = 0


@dataclass(frozen=True)
class Damage:
    """Files of one package that are gone, or whose content isn't what the package installed.

    ``state`` is a digest of what stands in their places: other damage has another.
    """

    package: SystemPackage
    missing: Tuple[str, ...] = ()
    altered: Tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True)
class Changes:
    """Distributions added, removed and changed: name -> version, and name -> (from, to)."""

    add: Mapping[str, str] = field(default_factory=dict)
    remove: Mapping[str, str] = field(default_factory=dict)
    change: Mapping[str, Tuple[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.add or self.remove or self.change)


@dataclass(frozen=True)
class CompiledLock:
    """A lock as ``compile`` made it: what its pins change, and whether its text differs from what was there.

    ``text`` is that of a lock for stdout.
    """

    path: str
    changes: Changes
    differs: bool
    text: str = ""
