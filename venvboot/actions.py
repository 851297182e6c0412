"""What ``init``, ``guard``, ``seal`` do, as values: each prints itself, and a plan has what is still to be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Tuple, Union

from venvboot.model import Diversion, Finding, ImageConfig, Record, Remembered


@dataclass(frozen=True)
class CreateEnvironment:
    """Make the virtual environment at ``dest``; a half-made one there is removed first.

    ``library_path`` has what LD_LIBRARY_PATH must name for the base to start. ``system_site_packages``: it is to see
    the packages of its base.
    """

    dest: str
    base_path: str
    group: int
    replaces_half_made: bool
    library_path: str = ""
    system_site_packages: bool = False
    type: str = field(default="create-environment", init=False)

    def describe(self) -> str:
        again = " (in place of a half-made one)" if self.replaces_half_made else ""
        what = "an environment with system site packages" if self.system_site_packages else "an isolated environment"
        return f"create {what} at {self.dest} from {self.base_path}, group {self.group}{again}"


@dataclass(frozen=True)
class ShareDirectories:
    """Give the group back its write access to ``paths``; directories hold no data, so no layer byte is copied."""

    paths: Tuple[str, ...]
    dest: str
    group: int
    type: str = field(default="share-directories", init=False)

    def describe(self) -> str:
        count = len(self.paths)
        noun = "directory" if count == 1 else "directories"
        return f"make {count} {noun} of {self.dest} writable for group {self.group}"


@dataclass(frozen=True)
class MakeDirectory:
    """Make a directory outside the environment that the group can write, ``g+rwxs``."""

    path: str
    group: int
    type: str = field(default="make-directory", init=False)

    def describe(self) -> str:
        return f"make {self.path}, writable for group {self.group}"


@dataclass(frozen=True)
class InstallHook:
    """Put the start-up hook (back) that gives pip's own command lines umask 002; ``python`` compiles it."""

    dest: str
    python: str
    site_packages: str
    type: str = field(default="install-hook", init=False)

    def describe(self) -> str:
        return f"install the umask hook of pip's command lines in {self.dest}"


@dataclass(frozen=True)
class DivertFile:
    """Send the package's version of a file elsewhere; ``rename``: the one that is there is the package's and goes."""

    diversion: Diversion
    rename: bool = True
    type: str = field(default="divert-file", init=False)

    def describe(self) -> str:
        return f"divert the package's {self.diversion.path} to {self.diversion.diverted_to}"


@dataclass(frozen=True)
class UndivertFile:
    """Let the package have its place again, and move its file back there: nothing may stand in the way."""

    diversion: Diversion
    type: str = field(default="undivert-file", init=False)

    def describe(self) -> str:
        return f"give the package back its {self.diversion.path}"


@dataclass(frozen=True)
class SealDirectory:
    """Put a file with ``content`` in place of the empty or missing directory ``path``; parents are made.

    Below ``trusted`` no link is followed.
    """

    path: str
    trusted: str
    content: str
    type: str = field(default="seal-directory", init=False)

    def describe(self) -> str:
        return f"seal {self.path}: a file in place of the empty directory"


@dataclass(frozen=True)
class UnsealDirectory:
    """Put back at ``path`` what a seal took the place of; where that was nothing, what it made above goes too."""

    path: str
    trusted: str
    before: Remembered
    type: str = field(default="unseal-directory", init=False)

    def describe(self) -> str:
        return f"unseal {self.path}"


@dataclass(frozen=True)
class WriteFile:
    """Write a file of who runs; ``mode`` is octal permission bits. Below ``trusted`` no link is followed."""

    path: str
    content: str
    mode: int
    purpose: str
    trusted: str = ""
    type: str = field(default="write-file", init=False)

    def describe(self) -> str:
        return f"write {self.path} ({self.purpose}, mode {self.mode:04o})"


@dataclass(frozen=True)
class RemoveFile:
    path: str
    purpose: str
    type: str = field(default="remove-file", init=False)

    def describe(self) -> str:
        return f"remove {self.path} ({self.purpose})"


@dataclass(frozen=True)
class UpdateWrappers:
    """Write wrappers for the programs of ``dest`` that have none yet, and remove those of programs that are gone.

    ``remove_all``: every wrapper of that environment.
    """

    dest: str
    folder: str
    remove_all: bool = False
    type: str = field(default="update-wrappers", init=False)

    def describe(self) -> str:
        if self.remove_all:
            return f"remove the wrappers of {self.dest} from {self.folder}"
        return f"fit the wrappers in {self.folder} to the programs of {self.dest}"


@dataclass(frozen=True)
class RemoveDistribution:
    """Remove what the RECORD in the folder ``metadata`` lists, and that folder; what others own as well stays."""

    dest: str
    name: str
    version: str
    metadata: str
    type: str = field(default="remove-distribution", init=False)

    def describe(self) -> str:
        return f"remove {self.name} {self.version} from {self.dest}"


@dataclass(frozen=True)
class RemovePaths:
    """Remove files and folders of ``dest``, with all that is in them; no link is followed."""

    dest: str
    paths: Tuple[str, ...]
    purpose: str
    type: str = field(default="remove-paths", init=False)

    def describe(self) -> str:
        return f"remove {self.purpose}: {', '.join(path[len(self.dest) + 1 :] for path in self.paths)}"


@dataclass(frozen=True)
class CloseTree:
    """Leave only ``owner`` write access to ``dest``, and let everybody read; ``size`` is the bytes of the files."""

    dest: str
    owner: int
    directories: int
    files: int
    size: int
    type: str = field(default="close-tree", init=False)

    def describe(self) -> str:
        count = f"{self.directories} directories and {self.files} files"
        return (
            f"let nobody but user {self.owner} write {count} of {self.dest}; what lies in a lower layer an overlay "
            f"copies up, {self.size} bytes at most: none where init, sync and seal are one RUN"
        )


@dataclass(frozen=True)
class CompleteEnvironment:
    """Let virtualenv put back at ``dest`` what a seal took; ``without`` names what it is not to seed."""

    dest: str
    base_path: str
    group: int
    site_packages: str
    library_path: str = ""
    without: Tuple[str, ...] = ()
    type: str = field(default="complete-environment", init=False)

    def describe(self) -> str:
        return f"put pip and the files of activation back into {self.dest}"


@dataclass(frozen=True)
class ShareTree:
    """Give the whole of ``dest`` back to ``group``."""

    dest: str
    group: int
    type: str = field(default="share-tree", init=False)

    def describe(self) -> str:
        return f"make {self.dest} writable for group {self.group}"


@dataclass(frozen=True)
class LinkLibraries:
    """Make a folder with a link for each of ``libraries``, name and path: those that the system itself lacks."""

    folder: str
    libraries: Tuple[Tuple[str, str], ...]
    type: str = field(default="link-libraries", init=False)

    def describe(self) -> str:
        return f"link {len(self.libraries)} libraries of the base in {self.folder}"


@dataclass(frozen=True)
class RefreshLinkerCache:
    """Let the dynamic linker read its configuration again (ldconfig)."""

    type: str = field(default="refresh-linker-cache", init=False)

    def describe(self) -> str:
        return "refresh the linker's cache with ldconfig"


@dataclass(frozen=True)
class WriteRecord:
    record: Record
    type: str = field(default="write-record", init=False)

    def describe(self) -> str:
        return f"write the record {self.record.dest}/venvboot.json"


GuardAction = Union[DivertFile, UndivertFile, SealDirectory, UnsealDirectory, WriteFile, RemoveFile]
OutsideAction = Union[MakeDirectory, UpdateWrappers, LinkLibraries, RefreshLinkerCache, GuardAction]
SealAction = Union[RemoveDistribution, RemovePaths, CloseTree, CompleteEnvironment, ShareTree]
Action = Union[CreateEnvironment, ShareDirectories, InstallHook, OutsideAction, SealAction, WriteRecord]


def places(actions: Iterable[Action]) -> Tuple[str, ...]:
    """Return the paths outside of an environment that ``actions`` write or remove."""
    kinds = (MakeDirectory, SealDirectory, UnsealDirectory, WriteFile, RemoveFile)
    return tuple(action.path for action in actions if isinstance(action, kinds))


@dataclass(frozen=True)
class Plan:
    """What ``init`` will do. No action means that all of it is true already."""

    actions: Tuple[Action, ...]
    image_config: ImageConfig
    findings: Tuple[Finding, ...] = ()
