"""Every directory of the environment can be written by the group: directories decide who may install."""

from __future__ import annotations

from typing import Dict, List, Sequence

from venvboot.facts.destination import odd_files, unshared_directories
from venvboot.model import Finding, Record, Severity, UnsharedDirectory
from venvboot.system import System


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return a finding for each topmost directory the group can't write, with the number of those below it."""
    own_folder = record.site_packages if record.direct else ""
    topmost: Dict[str, UnsharedDirectory] = {}
    below: Dict[str, int] = {}
    for directory in unshared_directories(system, record.dest, record.group, own_folder):
        above = next((path for path in topmost if directory.path.startswith(path + "/")), None)
        if above is None:
            topmost[directory.path] = directory
        else:
            below[above] = below.get(above, 0) + 1
    return [
        *(_finding(record, directory, below.get(path, 0)) for path, directory in topmost.items()),
        *_odd_files(system, record),
    ]


def _odd_files(system: System, record: Record) -> List[Finding]:
    odd = odd_files(system, record.dest, record.site_packages if record.direct else "")
    writable = [one for one in odd if one.mode & 0o002]
    hidden = [one for one in odd if not one.mode & 0o002]
    find = f"in the RUN that made it: find {record.site_packages if record.direct else record.dest} ! -type l"
    findings = []
    if writable:
        message, evidence = f"{_first(writable)} can be written by everybody", _state(writable[0])
        hint = f"{find} -perm -002 -exec chmod o-w {{}} +"
        findings.append(Finding("world-writable", Severity.ERROR, writable[0].path, message, evidence, hint))
    if hidden:
        message, evidence = f"{_first(hidden)} can't be read by group {record.group}", _state(hidden[0])
        hint = f"{find} ! -perm -040 -exec chmod g+r {{}} +"
        findings.append(Finding("not-readable", Severity.ERROR, hidden[0].path, message, evidence, hint))
    return findings


def _first(found: Sequence[UnsharedDirectory]) -> str:
    return found[0].path + (f" (and {len(found) - 1} more)" if len(found) > 1 else "")


def _state(one: UnsharedDirectory) -> str:
    return f"owner {one.uid}:{one.gid}, mode {one.mode:04o}"


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
