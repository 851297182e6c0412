"""Every directory of the environment can be written by the group: directories decide who may install."""

from __future__ import annotations

from typing import Dict, Sequence

from venvboot.facts.destination import unshared_directories
from venvboot.model import Finding, Record, Severity, UnsharedDirectory
from venvboot.system import System


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return a finding for each topmost directory the group can't write, with the number of those below it."""
    topmost: Dict[str, UnsharedDirectory] = {}
    below: Dict[str, int] = {}
    for directory in unshared_directories(system, record.dest, record.group):
        above = next((path for path in topmost if directory.path.startswith(path + "/")), None)
        if above is None:
            topmost[directory.path] = directory
        else:
            below[above] = below.get(above, 0) + 1
    return [_finding(record, directory, below.get(path, 0)) for path, directory in topmost.items()]


def _finding(record: Record, directory: UnsharedDirectory, below: int) -> Finding:
    more = f" (directories below it: {below})" if below else ""
    return Finding(
        "directory-not-shared",
        Severity.ERROR,
        directory.path,
        f"group {record.group} can't install into {directory.path}{more}",
        f"owner {directory.uid}:{directory.gid}, mode {directory.mode:04o}; it needs group {record.group} and g+rwxs",
        f"`venvboot init {record.dest}` as root mends it and copies no layer byte",
    )
