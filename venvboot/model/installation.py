"""An installation before it is let in: where it would go, what it would bring, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import FrozenSet, Mapping, Optional, Tuple

from venvboot.model.finding import Finding
from venvboot.model.interpreter import SystemPackage


class Isolation(Enum):
    """How far a Python is set apart from what the distro's packages bring."""

    SYSTEM = "a Python that a package manager owns"
    ISOLATED = "an isolated environment"
    SYSTEM_SITE = "an environment with system site packages"


@dataclass(frozen=True)
class Staged:
    """One distribution that pip has fetched or built and not yet installed.

    ``path`` is its wheel, empty where pip would install it without one. ``needed_by`` is the distribution or the line
    of a file that asks for it; ``built``: it came as source.
    """

    name: str
    path: str
    requested: bool
    built: bool = False
    editable: bool = False
    needed_by: str = ""


@dataclass(frozen=True)
class Arrival:
    """All that pip is about to install, and the folders it would write to as its interpreter tells them.

    ``stdlib`` are the names of the modules of the interpreter's standard library, None where it is too old to know
    them (below 3.10); ``stdlib_folder`` has them as files then, but for those that are ``builtin``.
    """

    staged: Tuple[Staged, ...]
    stdlib: Optional[FrozenSet[str]]
    builtin: FrozenSet[str]
    stdlib_folder: str
    site_packages: str


@dataclass(frozen=True)
class InstallTarget:
    """The Python that would be installed into: ``dest`` is its environment, or the one to make instead.

    ``stdlib`` are the names of its standard library's modules, which ``stdlib_folder`` holds. ``owner`` is the
    package that the interpreter itself belongs to. ``removable`` are the distro's distributions, by name, that pip
    could uninstall there. ``occupied`` are files that would be written anew and belong to a package: path -> owner.
    ``there``: what is judged was installed already. ``locked`` are the versions that synced locks pin, and their
    paths: name -> both.
    """

    isolation: Isolation
    python: str
    dest: str
    version: str
    site_packages: str = ""
    stdlib: FrozenSet[str] = frozenset()
    stdlib_folder: str = ""
    owner: Optional[SystemPackage] = None
    label: str = ""
    removable: FrozenSet[str] = frozenset()
    occupied: Mapping[str, SystemPackage] = field(default_factory=dict)
    there: bool = False
    locked: Mapping[str, Tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Conflict:
    """A finding about one distribution of one version; its code is the kind that an exception names."""

    name: str
    version: str
    finding: Finding

    @property
    def kind(self) -> str:
        return self.finding.code


@dataclass(frozen=True)
class Allowance:
    """An exception as the user states it: one kind for one name, and why; ``version`` is empty for any."""

    name: str
    kind: str
    reason: str
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name}{f'=={self.version}' if self.version else ''}:{self.kind}"


@dataclass(frozen=True)
class RecordedException:
    """An exception that was made use of: what it let in, the evidence that spoke against it, and the reason."""

    name: str
    version: str
    kind: str
    reason: str
    evidence: str = ""
