"""The group can use the whole environment: directories decide who may install, files who may read and edit."""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence, Tuple

from venvboot.facts import access as facts
from venvboot.facts.destination import unshared_directories
from venvboot.model import Entry, Finding, Record, Seal, Severity
from venvboot.policy import access, sealed
from venvboot.system import System

READABLE = 0o040
READABLE_BY_OTHERS = 0o004


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return a finding for each topmost directory the group can't write, and one for each kind of wrong file.

    Of a sealed environment the contrary is told: what others than its owner can write, or can't read.
    """
    if record.seal is Seal.SEALED:
        return _sealed(system, record)
    own_folder = record.site_packages if record.direct else ""
    found = facts.read(system, own_folder or record.dest, record.group)
    directories = (
        unshared_directories(system, record.dest, record.group, own_folder)
        if record.direct
        else tuple(entry for entry in found.wrong if entry.directory)
    )
    files = [entry for entry in found.wrong if not entry.directory]
    writable = [entry for entry in (*found.wrong, *found.linked) if entry.mode & access.EVERYBODY_WRITES]
    closed = [entry for entry in files if not entry.mode & access.EVERYBODY_WRITES]
    hidden = [entry for entry in closed if not entry.mode & READABLE]
    other = [entry for entry in closed if entry.mode & READABLE]
    return [*_directories(record, directories), *_files(record, writable, hidden, other)]


def _sealed(system: System, record: Record) -> Sequence[Finding]:
    info = system.status(record.dest)
    owner = info.st_uid if info else 0
    found = facts.read_sealed(system, record.dest, owner)
    entries = [*found.wrong, *found.linked]
    writable = [one for one in entries if one.mode & access.OTHERS_WRITE or one.uid != owner]
    hidden = [one for one in entries if one not in writable and not one.mode & READABLE_BY_OTHERS]
    told: List[Finding] = []
    if writable:
        words = _told_sealed(record, writable, "can be written by others than the owner of the sealed environment")
        told.append(Finding("sealed-writable", Severity.ERROR, writable[0].path, *words))
    if hidden:
        words = _told_sealed(record, hidden, "can't be read by every user")
        told.append(Finding("not-readable", Severity.ERROR, hidden[0].path, *words))
    return [*told, *sealed.of_owner(record.dest, owner)]


def _told_sealed(record: Record, entries: Sequence[Entry], what: str) -> Tuple[str, str, str]:
    """Return message, evidence and hint; a seal leaves a file with several names alone, so it is to be copied."""
    more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    linked = next((one.path for one in entries if not one.directory and one.links > 1), "")
    copy = f"cp -p {linked} {linked}.copy && mv {linked}.copy {linked}, and " if linked else ""
    again = f"`{sealed.again(record)}` as root, in the RUN that made it"
    hint = f"{copy}{again}: later it copies {access.copied(entries)} bytes"
    return f"{entries[0].path}{more} {what}", _state(entries[0]), hint


def _directories(record: Record, directories: Sequence[Entry]) -> Iterator[Finding]:
    topmost: Dict[str, Entry] = {}
    below: Dict[str, int] = {}
    for directory in directories:
        if directory.mode & access.EVERYBODY_WRITES:
            continue  # told as such
        above = next((path for path in topmost if directory.path.startswith(path + "/")), None)
        if above is None:
            topmost[directory.path] = directory
        else:
            below[above] = below.get(above, 0) + 1
    for path, directory in topmost.items():
        more = f" (directories below it: {below[path]})" if path in below else ""
        yield Finding(
            "directory-not-shared",
            Severity.ERROR,
            path,
            f"group {record.group} can't install into {path}{more}",
            f"{_state(directory)}; it needs group {record.group} and g+rwxs",
            f"{_fix(record)} mends it and copies no layer byte",
        )


def _files(record: Record, writable: List[Entry], hidden: List[Entry], other: List[Entry]) -> Iterator[Finding]:
    group = record.group
    if writable:
        told = _told(record, writable, "can be written by everybody")
        yield Finding("world-writable", Severity.ERROR, writable[0].path, *told)
    if hidden:
        told = _told(record, hidden, f"can't be read by group {group}")
        yield Finding("not-readable", Severity.ERROR, hidden[0].path, *told)
    if other:
        told = _told(record, other, f"can't be edited in place by group {group}, which may replace and remove it")
        yield Finding("file-not-shared", Severity.WARNING, other[0].path, *told)


def _told(record: Record, entries: Sequence[Entry], what: str) -> Tuple[str, str, str]:
    """Return message, evidence and hint."""
    more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    hint = f"{_fix(record)}, in the RUN that made it: later it copies {access.copied(entries)} bytes"
    return f"{entries[0].path}{more} {what}", _state(entries[0]), hint


def _fix(record: Record) -> str:
    return (
        f"`venvboot init --direct` and `venvboot fix --venv {record.dest}` as root"
        if record.direct
        else (f"`venvboot fix --venv {record.dest}` as root")
    )


def _state(entry: Entry) -> str:
    return f"owner {entry.uid}:{entry.gid}, mode {entry.mode:04o}"
