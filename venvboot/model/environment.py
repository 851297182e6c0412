"""The image, the environment that is made in it, and the record of what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Mapping, Optional, Tuple

from venvboot.model.interpreter import Origin, site_packages


@dataclass(frozen=True)
class Image:
    """The container image and the process in it: ``os_release`` by key, ``environ`` as inherited."""

    os_release: Mapping[str, str]
    environ: Mapping[str, str]
    uid: int
    gid: int
    groups: Tuple[int, ...]

    @property
    def privileged(self) -> bool:
        return self.uid == 0

    def in_group(self, gid: int) -> bool:
        return gid == self.gid or gid in self.groups


@dataclass(frozen=True)
class Distro:
    """os-release's ID and what it is like, the nearest first; its ``ID-VERSION_ID``.

    ``dnf`` is microdnf in a minimal image of RHEL and its kin.
    """

    names: Tuple[str, ...] = ()
    release: str = ""
    dnf: str = "dnf"


@dataclass(frozen=True)
class FileState:
    """A file as it is now: ``sha256`` is None when it isn't an ordinary file, ``ours`` when it bears our name.

    ``reader_present`` is False where the folder that would be searched for it isn't there, so nothing reads it.
    """

    path: str
    exists: bool
    sha256: Optional[str]
    writable: bool
    ours: bool = False
    diverted: bool = False
    reader_present: bool = True


class Occupant(Enum):
    """What stands at DEST."""

    NOTHING = "nothing"
    EMPTY = "an empty folder"
    ENVIRONMENT = "an environment made by venvboot"
    HALF_MADE = "an environment that venvboot began and did not finish"
    ADOPTABLE = "an environment of another maker that is in use"
    PREFIX = "the prefix of a Python that is used directly"
    FOREIGN = "something venvboot did not make"


@dataclass(frozen=True)
class RecordedFile:
    """A file written outside the environment; ``purpose`` is an activation's name or ``marker``."""

    path: str
    sha256: str
    purpose: str


@dataclass(frozen=True)
class Diversion:
    """A dpkg diversion: the package's version of ``path`` goes to ``diverted_to``."""

    path: str
    diverted_to: str


@dataclass(frozen=True)
class Lock:
    name: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """What ``<venv>/venvboot.json`` holds: what was promised, so that any later layer can compare.

    ``direct``: ``dest`` is no environment, but the prefix of the base itself. ``library_path`` has the folders of
    shared libraries that the base needs beyond the system's, colon-separated.
    """

    tool_version: str
    dest: str
    base_path: str
    base_sha256: str
    base_version: str
    origin: Origin
    group: int
    activations: Tuple[str, ...] = ()
    guarded: bool = False
    files: Tuple[RecordedFile, ...] = ()
    diversions: Tuple[Diversion, ...] = ()
    locks: Tuple[Lock, ...] = ()
    implementation: str = "cpython"
    direct: bool = False
    library_path: str = ""

    @property
    def python(self) -> str:
        """The interpreter to start: the environment's own, or the base where that is used directly."""
        return self.base_path if self.direct else f"{self.dest}/bin/python"

    @property
    def site_packages(self) -> str:
        return site_packages(self.dest, self.base_version, self.implementation)


@dataclass(frozen=True)
class UnsharedDirectory:
    """A directory of the environment that the group can't write into; ``mode`` is octal permission bits."""

    path: str
    uid: int
    gid: int
    mode: int


@dataclass(frozen=True)
class Destination:
    """DEST before anything is written: what stands there, and the ``obstacle`` that forbids writing, if any.

    ``hook_intact``: the start-up hook is as installed. ``unshared``: directories the group can't write into.
    """

    path: str
    occupant: Occupant
    obstacle: str = ""
    record: Optional[Record] = None
    hook_intact: bool = True
    unshared: Tuple[UnsharedDirectory, ...] = ()


@dataclass(frozen=True)
class ImageConfig:
    """What only the Dockerfile can say: variables to set, and folders to put first in PATH and LD_LIBRARY_PATH."""

    variables: Tuple[Tuple[str, str], ...]
    path_prefix: str
    library_path: str = ""


@dataclass(frozen=True)
class LinkerFacts:
    """What decides how the libraries of a base are made known to every process.

    ``has_ldconfig``: the image has glibc's cache of library places, and a folder for additions to it.
    ``hidden`` are names of libraries in the folders in question that the system has as well: in the cache the
    base's would stand before the system's own. ``exposed`` says why others than root could put a library there: the
    cache serves every program of every user.
    """

    has_ldconfig: bool = False
    hidden: Tuple[str, ...] = ()
    exposed: str = ""
