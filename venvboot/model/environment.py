"""The image, the environment that is made in it, and the record of what was promised."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import Enum
from typing import Mapping, Optional, Tuple

from venvboot.model.installation import RecordedException
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


class Placement(Enum):
    """How a text of ours stands in a file: alone, or as a block above or below what others wrote there."""

    WHOLE = "whole"
    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True)
class Piece:
    """A text that is to stand at ``path``; ``mode`` is octal permission bits, ``purpose`` what the record calls it.

    ``needs`` is what has to be there for anything to read it. Below ``trusted`` no link is followed.
    """

    path: str
    text: str
    purpose: str
    mode: int = 0o644
    placement: Placement = Placement.WHOLE
    needs: str = ""
    trusted: str = ""


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
    """A place as it is now: ``sha256`` is that of our text there, None where there is none or no ordinary file.

    ``ours``: it bears our name. ``content`` is the whole text where we may stand among others', None when it can't
    be read or is too long; ``mode`` its octal permission bits. ``reader_present`` is False where nothing reads it.
    """

    path: str
    exists: bool
    sha256: Optional[str]
    writable: bool
    ours: bool = False
    reader_present: bool = True
    content: Optional[str] = None
    mode: int = 0o644


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
    """A text written at ``path`` with its digest; ``purpose`` is an activation's name or the like.

    The wrappers are one entry: their folder, and the digest of what each of them says before its name is put in.
    """

    path: str
    sha256: str
    purpose: str


@dataclass(frozen=True)
class Lock:
    """A lock as it was synced: its file's path and digest; ``hashes`` is False where it was let have none.

    ``pins`` are the distributions that it brought, name and version. ``parent``: images FROM this one add to it.
    """

    path: str
    sha256: str
    hashes: bool = True
    pins: Tuple[Tuple[str, str], ...] = ()
    parent: bool = False

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)


class Seal(str, Enum):
    """Whether an environment is sealed; ``UNFINISHED`` while it is, or is no longer to be."""

    OPEN = "open"
    UNFINISHED = "unfinished"
    SEALED = "sealed"


@dataclass(frozen=True)
class Record:
    """What ``<venv>/venvboot.json`` holds: what was promised, so that any later layer can compare.

    ``direct``: ``dest`` is no environment, but the prefix of the base itself. ``library_path`` has the folders of
    shared libraries that the base needs beyond the system's, colon-separated. ``system_site_packages``: by the
    user's own wish it is not isolated from them. ``exceptions`` are what was let in although something spoke
    against it. ``synced`` is the state that the last sync left (``policy.synced``), empty without one.
    ``taken`` are the activations that ``seal`` took away and its undoing gives back.
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
    locks: Tuple[Lock, ...] = ()
    implementation: str = "cpython"
    direct: bool = False
    library_path: str = ""
    system_site_packages: bool = False
    exceptions: Tuple[RecordedException, ...] = ()
    synced: str = ""
    seal: Seal = Seal.OPEN
    taken: Tuple[str, ...] = ()

    @property
    def python(self) -> str:
        """The interpreter to start: the environment's own, or the base where that is used directly."""
        return self.base_path if self.direct else f"{self.dest}/bin/python"

    @property
    def cache_tag(self) -> str:
        """What its Python puts into the names of files of bytecode (PEP 3147)."""
        major, minor = self.base_version.split(".")[:2]
        return f"{self.implementation}{'-' if self.implementation == 'cpython' else ''}{major}{minor}"

    @property
    def site_packages(self) -> str:
        return site_packages(self.dest, self.base_version, self.implementation)


@dataclass(frozen=True)
class Entry:
    """A directory, or an ordinary file, as its status tells it.

    ``mode`` is octal permission bits, ``size`` bytes and 0 for a directory, ``links`` the number of its names.
    """

    path: str
    uid: int
    gid: int
    mode: int
    size: int = 0
    links: int = 1
    directory: bool = True


@dataclass(frozen=True)
class Access:
    """What of a tree the group can't use as it should: ``wrong`` can be put right by who owns it, parents first.

    ``linked`` are files with several names, which may be someone else's under another one; they are left alone.
    ``mounts`` are folders on other file systems, which were not looked into.
    """

    wrong: Tuple[Entry, ...] = ()
    linked: Tuple[Entry, ...] = ()
    mounts: Tuple[str, ...] = ()


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
    unshared: Tuple[Entry, ...] = ()


@dataclass(frozen=True)
class ImageConfig:
    """What only the Dockerfile can say: variables to set, and folders to put first in PATH and LD_LIBRARY_PATH."""

    variables: Tuple[Tuple[str, str], ...]
    path_prefix: str
    library_path: str = ""


@dataclass(frozen=True)
class CommandFacts:
    """The programs in an environment's ``bin`` and what bears their names elsewhere.

    ``wrapped`` have our wrapper in the wrappers' folder, ``stale`` are wrappers of ours for what is no program of
    the environment or that say something else, ``elsewhere`` have one for another environment, and ``taken`` are
    names of others there. ``distro`` are names that the distro's folders have. ``base_here``: the base interpreter
    lies in the wrappers' folder itself.
    """

    programs: Tuple[str, ...] = ()
    wrapped: Tuple[str, ...] = ()
    stale: Tuple[str, ...] = ()
    taken: Tuple[str, ...] = ()
    elsewhere: Tuple[str, ...] = ()
    distro: Tuple[str, ...] = ()
    base_here: bool = False
    writable: bool = True


@dataclass(frozen=True)
class LinkerFacts:
    """What decides how the libraries of a base are made known to every process.

    ``has_ldconfig``: the image has glibc's cache of library places, and a folder for additions to it.
    ``hidden`` are names of libraries in the folders in question that the system has as well: in the cache the
    base's would stand before the system's own. ``lacking`` are then the others, name and path, if the base starts
    with these alone; ``linked`` tells whether a folder of ours has them. ``exposed`` says why others than root could
    put a library there: the cache serves every program of every user.
    """

    has_ldconfig: bool = False
    hidden: Tuple[str, ...] = ()
    lacking: Tuple[Tuple[str, str], ...] = ()
    linked: bool = False
    exposed: str = ""
