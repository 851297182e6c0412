"""The environment is whole, starts, and is isolated from what its base has installed."""

from __future__ import annotations

import posixpath
from typing import List, Optional, Sequence

from venvboot import isolated
from venvboot import record as record_file
from venvboot.facts import pyvenv, stages
from venvboot.facts import sealing as facts
from venvboot.facts.destination import hook_intact
from venvboot.facts.distributions import present
from venvboot.model import Finding, Record, Seal, Severity
from venvboot.model.sealing import INSTALLERS
from venvboot.policy import libraries, parents, python_path, sealed, system_site
from venvboot.system import System

TIMEOUT = 20.0


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return the faults. A Python that is used directly has no base to be isolated from."""
    base = [] if record.direct else _isolated(system, record)
    closed = record.seal is Seal.SEALED
    return [
        *(_libraries(system, record) or _started(system, record) or (() if closed else _pip(system, record))),
        *base,
        *python_path.findings(system.environ),
        *(sealed.broken(record, facts.read(system, record).left) if closed else _hook(system, record)),
        *_unverified(record),
        *(_unfinished(system, record) or _strayed(system, record)),
    ]


def _strayed(system: System, record: Record) -> List[Finding]:
    """What a seal takes is meant to be gone, whatever a lock pins."""
    there = present(system, record)
    taken = [name for name in INSTALLERS if name not in there] if record.seal is Seal.SEALED else ()
    return list(parents.strayed(record.locks, there, record.exceptions, taken))


def _unfinished(system: System, record: Record) -> List[Finding]:
    left = stages.left(system, record.dest)
    if left is None:
        return []
    return [
        Finding(
            "sync-unfinished",
            Severity.ERROR,
            record.dest,
            f"a sync of {record.dest} was interrupted, so distributions may be half there, or gone",
            f"it left {left}",
            "venvboot sync again: it removes what was left half done",
        )
    ]


def _unverified(record: Record) -> List[Finding]:
    return [
        Finding(
            "lock-not-verified",
            Severity.NOTE,
            lock.name,
            f"{lock.name} was synced without hashes, as --no-require-hashes asked for",
            "what an index serves under a name and version may change",
            "lock with hashes, and sync it without that option",
        )
        for lock in record.locks
        if not lock.hashes
    ]


def without_record(system: System, dest: str, record: Optional[Record]) -> Finding:
    """Return the finding for an environment whose record is missing, unreadable, or another path's."""
    path = posixpath.join(dest, record_file.NAME)
    if record is not None:
        evidence = f"the record says {record.dest}: the environment was copied, and its scripts name the old path"
        hint = f"copy it to {record.dest}, or make it here: rm -rf {dest} && venvboot init {dest}"
    elif system.status(dest) is None:
        evidence, hint = (
            f"there is nothing at {dest}",
            f"RUN venvboot init {dest}, or name another with --venv",
        )
    elif system.status(posixpath.join(dest, record_file.HALF_MADE_NAME)) is not None:
        evidence, hint = "its making was interrupted", f"`venvboot init {dest}` makes it anew"
    elif system.status(path) is None:
        evidence, hint = "the file is not there", f"rm -rf {dest} && venvboot init {dest}"
    else:
        evidence, hint = "it can't be read as a record", f"rm -rf {dest} && venvboot init {dest}"
    return Finding("record-missing", Severity.ERROR, path, f"{dest} has no record of its own", evidence, hint)


def _libraries(system: System, record: Record) -> List[Finding]:
    """Every kind of start finds the libraries: the plainest has an empty environment, unless ENV is what serves."""
    if not record.library_path:
        return []
    variable = libraries.recorded_variable(record)
    environ = {key: value for key, value in system.environ.items() if key != "LD_LIBRARY_PATH" or variable}
    plain = isolated.options(record.base_version, site=False)
    done = system.run([record.python, *plain, "-c", ""], env=environ, timeout=TIMEOUT)
    if done.code == 0:
        return []
    lines = [line for line in done.err.splitlines() if line.strip()]
    return [
        Finding(
            "library-path-lost",
            Severity.ERROR,
            record.python,
            f"{record.python} no longer finds the libraries of its base in {record.library_path}",
            lines[-1] if lines else f"exit status {done.code}",
            f"ENV LD_LIBRARY_PATH={variable}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
            if variable
            else f"`venvboot init {record.dest}` as root adds them to the linker's cache again, or run ldconfig",
        )
    ]


def _started(system: System, record: Record) -> List[Finding]:
    python = record.python
    argv = [python, *isolated.options(record.base_version), "-c", "import sys; print(sys.prefix)"]
    done = system.run(argv, timeout=TIMEOUT)
    if done.code == 0 and done.out.strip() == record.dest:
        return []
    lines = [line for line in done.err.splitlines() if line.strip()]
    evidence = lines[-1] if lines else f"sys.prefix is {done.out.strip() or 'unknown'}"
    return [
        Finding(
            "environment-not-startable",
            Severity.ERROR,
            python,
            f"{python} does not start as the Python of {record.dest}",
            evidence,
            f"rm -rf {record.dest} && venvboot init {record.dest}",
        )
    ]


def _pip(system: System, record: Record) -> List[Finding]:
    done = system.run([*isolated.pip(record.python, record.base_version), "--version"], timeout=TIMEOUT)
    if done.code == 0:
        return []
    lines = [line for line in done.err.splitlines() if line.strip()]
    return [
        Finding(
            "pip-not-startable",
            Severity.ERROR,
            record.dest,
            f"pip does not start in {record.dest}",
            lines[-1] if lines else f"exit status {done.code}",
            f"rm -rf {record.dest} && venvboot init {record.dest}",
        )
    ]


def _isolated(system: System, record: Record) -> List[Finding]:
    config = pyvenv.at(system, record.dest)
    if config and record.system_site_packages:
        return [system_site.warning(record.dest, record.base_path)]
    if config and not config.system_site_packages:
        return []
    return [
        Finding(
            "not-isolated",
            Severity.ERROR,
            posixpath.join(record.dest, "pyvenv.cfg"),
            f"{record.dest} is not isolated from the packages of its base",
            "include-system-site-packages = true" if config else "pyvenv.cfg is missing or names no home",
            "set include-system-site-packages = false in it",
        )
    ]


def _hook(system: System, record: Record) -> List[Finding]:
    if hook_intact(system, record.site_packages):
        return []
    return [
        Finding(
            "hook-missing",
            Severity.ERROR,
            record.dest,
            f"pip's command lines in {record.dest} do not get umask 002",
            "the start-up hook venvboot_pip.pth is missing or was changed",
            f"`venvboot init {record.dest}` puts it back",
        )
    ]
