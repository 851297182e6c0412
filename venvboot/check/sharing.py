"""The group can use the whole environment: directories decide who may install, files who may read and edit."""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence, Tuple

from venvboot.facts import access as facts
from venvboot.facts.destination import unshared_directories
from venvboot.model import Entry, Finding, Record, Severity
from venvboot.policy import access
from venvboot.system import System

READABLE = 0o040


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return a finding for each topmost directory the group can't write, and one for each kind of wrong file."""
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
