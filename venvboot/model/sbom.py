"""What a software bill of materials of an environment is made of; of no run that isn't asked for one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple

from venvboot.model.environment import Lock
from venvboot.model.interpreter import Origin


@dataclass(frozen=True)
class Source:
    """Where a distribution came from that is no release of an index (PEP 610).

    ``kind`` is vcs, archive or folder. ``url`` has no credentials, and is empty for a place on this machine. ``vcs``
    is the program and ``commit`` the full name of what was checked out; ``sha256`` is that of an archive.
    """

    kind: str
    url: str = ""
    vcs: str = ""
    commit: str = ""
    sha256: str = ""
    editable: bool = False


@dataclass(frozen=True)
class Described:
    """An installed distribution as its metadata describes it, each text one line.

    ``name`` is spelled as its author does. ``expression`` is what it says to be an SPDX expression, ``licences`` are
    other words for its licence. ``links`` are types of CycloneDX with addresses, ``sboms`` the paths of documents
    that it brings itself (PEP 770), each with its sha256.
    """

    name: str
    version: str
    summary: str = ""
    author: str = ""
    expression: str = ""
    licences: Tuple[str, ...] = ()
    links: Tuple[Tuple[str, str], ...] = ()
    requires: Tuple[str, ...] = ()
    source: Optional[Source] = None
    sboms: Tuple[Tuple[str, str], ...] = ()

    @property
    def ref(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Base:
    """The Python that an environment is made from, as it is now.

    ``version`` is its own, ``distro`` os-release's ID and VERSION_ID. ``architecture`` is that of the package that
    owns it, empty where the database doesn't tell or there is no package.
    """

    path: str
    sha256: str
    version: str
    implementation: str
    origin: Origin
    distro: Tuple[str, str] = ("", "")
    architecture: str = ""


@dataclass(frozen=True)
class Inventory:
    """An environment with all that is in it.

    ``depends`` are the names that each name needs there, ``expressions`` the licences that are valid in SPDX, by what
    the metadata has. ``tool`` is the version of venvboot.
    """

    dest: str
    tool: str
    base: Base
    distributions: Tuple[Described, ...]
    locks: Tuple[Lock, ...] = ()
    depends: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    expressions: Mapping[str, str] = field(default_factory=dict)
