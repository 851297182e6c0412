"""What stands where the environment shall be, before anything is written there."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from dataclasses import replace
from typing import Iterator, Optional, Tuple

from venvboot import hook, record
from venvboot.activation import block, sudoers
from venvboot.activation.template import SIGNATURE
from venvboot.facts import pyvenv
from venvboot.model import (
    Destination,
    Entry,
    FileState,
    Occupant,
    Piece,
    Placement,
    Record,
    Seal,
)
from venvboot.policy import access
from venvboot.system import System

SHARED_MODE = 0o2070
CONTENT_LIMIT = 256 << 10  # bytes of a file of others that a block of ours is put into

# A finished environment has these; one that lost them can't be trusted to hold what its record says.
ESSENTIAL_SEALED = ("pyvenv.cfg", "bin/python")
ESSENTIAL = (*ESSENTIAL_SEALED, "bin/pip")


def examine(system: System, dest: str, *, in_use: bool = False) -> Destination:
    """Return the state of ``dest``; ``obstacle`` says why it can't be used, empty when it can.

    ``in_use``: an environment of another maker there is the image's active one, which may be adopted.
    """
    info = system.status(dest)
    if info is None:
        return Destination(dest, Occupant.NOTHING, _obstacle(system, dest))
    if not stat.S_ISDIR(info.st_mode):
        kind = f"a symbolic link to {system.realpath(dest)}" if stat.S_ISLNK(info.st_mode) else "no folder"
        return Destination(dest, Occupant.FOREIGN, f"it is {kind}")
    names = system.list_directory(dest)
    if record.NAME in names:
        return _environment(system, dest)
    if record.HALF_MADE_NAME in names or not names:
        occupant = Occupant.HALF_MADE if names else Occupant.EMPTY
        return Destination(dest, occupant, _obstacle(system, dest))
    if in_use and "pyvenv.cfg" in names:
        return Destination(dest, Occupant.ADOPTABLE, _unfit(system, dest) or _obstacle(system, dest))
    kind = "it is a virtual environment of another maker" if "pyvenv.cfg" in names else f"it holds {names[0]}"
    return Destination(dest, Occupant.FOREIGN, kind + (f" and {len(names) - 1} more" if len(names) > 1 else ""))


def examine_prefix(system: System, prefix: str, site_packages: str) -> Destination:
    """Return the state of a Python's own prefix that is to be used directly, or is so by its record."""
    found = read_record(system, prefix)
    pip = posixpath.join(site_packages, "pip")
    if found is None and system.status(posixpath.join(prefix, record.NAME)) is not None:
        return Destination(prefix, Occupant.ENVIRONMENT, f"its record {prefix}/{record.NAME} can't be read")
    return Destination(
        prefix,
        Occupant.ENVIRONMENT if found else Occupant.PREFIX,
        _obstacle(system, site_packages) if system.is_directory(pip) else f"it has no pip: there is no {pip}",
        found,
    )


def with_sharing(system: System, found: Destination, group: int, site_packages: str, *, direct: bool) -> Destination:
    """Return ``found`` with the state of its hook and the directories that ``group`` can't write into."""
    return replace(
        found,
        hook_intact=hook_intact(system, site_packages),
        unshared=unshared_directories(system, found.path, group, site_packages if direct else ""),
    )


def read_record(system: System, dest: str) -> Optional[Record]:
    """Return the record of the environment at ``dest``, None when it is missing or unreadable as one."""
    text = system.read_text(posixpath.join(dest, record.NAME), record.SIZE_LIMIT)
    return record.load(text) if text is not None else None


def unshared_directories(system: System, dest: str, group: int, site_packages: str = "") -> Tuple[Entry, ...]:
    """Return the directories of ``dest`` that aren't of ``group`` with ``g+rwxs``, parents first.

    ``site_packages`` is given where ``dest`` is a Python's own prefix, which holds more than what pip writes:
    then it is that tree, the scripts' folder and the manual pages.
    """
    return tuple(
        Entry(path, info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode))
        for path, info in _installed_into(system, dest, site_packages)
        if stat.S_ISDIR(info.st_mode) and (info.st_gid != group or info.st_mode & SHARED_MODE != SHARED_MODE)
        if not access.is_stage(path)
    )


def _installed_into(system: System, dest: str, site_packages: str) -> Iterator[Tuple[str, os.stat_result]]:
    if not site_packages:
        yield from system.walk(dest)
        return
    yield from system.walk(site_packages)
    for folder in (posixpath.join(dest, name) for name in ("bin", "share")):
        info = system.status(folder)
        if info:
            yield folder, info
    yield from system.walk(posixpath.join(dest, "share/man"))


def file_state(system: System, piece: Piece) -> FileState:
    """Return what stands where ``piece`` belongs; a file is ours when it begins with our signature."""
    info, link = system.status(piece.path), system.is_link(piece.path)
    shared = piece.placement is not Placement.WHOLE
    content = _content(system, piece.path) if shared and not link else None
    if piece.purpose == sudoers.NAME:
        content = "\n".join(_content(system, path) or "" for path in _sudoers(system))
    text = system.read_text(piece.path, 4096)
    block_text = block.found(content) if shared and content is not None else None
    digest = None if link else system.digest(piece.path)
    if shared:
        digest = hashlib.sha256(block_text.encode("utf-8", "surrogateescape")).hexdigest() if block_text else None
    return FileState(
        piece.path,
        exists=info is not None,
        sha256=digest,
        writable=system.may_write(posixpath.dirname(piece.path)),
        ours=block_text is not None if shared else text is not None and _is_ours(text),
        reader_present=not piece.needs or system.exists(piece.needs),
        content=content,
        mode=stat.S_IMODE(info.st_mode) if info else piece.mode,
    )


def _sudoers(system: System) -> Iterator[str]:
    """Give the files that sudo reads beside ours, in its order; it passes over names with a dot or a tilde."""
    for path in (path for pattern in sudoers.OTHERS for path in system.glob(pattern)):
        if path != sudoers.PATH and not {".", "~"} & {*posixpath.basename(path)}:
            yield path


def _is_ours(text: str) -> bool:
    """A script has its interpreter in the first line, and our signature in the second."""
    first, _, rest = text.partition("\n")
    return first.startswith(SIGNATURE) or (first.startswith("#!") and rest.startswith(SIGNATURE))


def _content(system: System, path: str) -> Optional[str]:
    try:
        return system.read_whole(path, CONTENT_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return None


def _environment(system: System, dest: str) -> Destination:
    found = read_record(system, dest)
    if found is None:
        return Destination(dest, Occupant.ENVIRONMENT, f"its record {dest}/{record.NAME} can't be read")
    if found.dest != dest:
        return Destination(dest, Occupant.ENVIRONMENT, f"it is a copy of {found.dest}, which its scripts name", found)
    info = system.status(dest)
    if not found.direct and info and info.st_gid != found.group:
        reason = f"it belongs to group {info.st_gid}, and its record, which the group can write, says {found.group}"
        return Destination(dest, Occupant.ENVIRONMENT, reason, found)
    obstacle = _damage(system, dest, found)
    if obstacle:
        return Destination(dest, Occupant.ENVIRONMENT, obstacle, found)
    return Destination(dest, Occupant.ENVIRONMENT, record=found)


def _unfit(system: System, dest: str) -> str:
    """Return why an environment of another maker can't be adopted, empty when it can."""
    config = pyvenv.at(system, dest)
    if config is None or config.system_site_packages:
        return f"{dest}/pyvenv.cfg does not isolate it from its base's packages"
    if not system.is_file(posixpath.join(dest, "bin/python")):
        return f"{dest}/bin/python leads nowhere: its base {config.home} is gone"
    if not system.glob(posixpath.join(dest, "lib/*/site-packages/pip")) or not system.status(f"{dest}/bin/pip"):
        return "it has no pip"
    return ""


def _damage(system: System, dest: str, found: Record) -> str:
    """Return what of a finished environment is lost, empty for nothing; a half sealed one needn't be whole."""
    pip = posixpath.join(found.site_packages, "pip")
    if found.seal is Seal.UNFINISHED:
        return ""
    if found.direct:
        return "" if system.is_directory(pip) else f"{pip} is missing"
    for name in ESSENTIAL if found.seal is Seal.OPEN else ESSENTIAL_SEALED:
        path = posixpath.join(dest, name)
        if system.status(path) is None:
            return f"{path} is missing"
        # Where its base is gone, that is what has to be told (interpreter-moved).
        if not system.is_file(path) and system.exists(found.base_path):
            return f"{path} leads nowhere"
    config = pyvenv.at(system, dest)
    if config is None or config.system_site_packages > found.system_site_packages:
        return f"{dest}/pyvenv.cfg no longer isolates it from its base's packages"
    return "" if system.is_directory(pip) or found.seal is not Seal.OPEN else f"{pip} is missing"


def hook_intact(system: System, site_packages: str) -> bool:
    """Tell whether the start-up hook is there with the content this version installs."""
    return all(
        system.read_text(posixpath.join(site_packages, name), 64 << 10) == content
        for name, content in hook.files().items()
    )


def _obstacle(system: System, dest: str) -> str:
    if system.may_write(dest):
        return ""
    nearest = dest
    while not system.exists(nearest):
        nearest = posixpath.dirname(nearest)
    if system.is_read_only(nearest):
        return f"{nearest} lies on a read-only file system"
    return f"user {system.uid} may not write into {nearest}"
