"""Which environment a verb works on, and where its downloads are kept."""

from __future__ import annotations

import argparse
import posixpath
from dataclasses import dataclass
from typing import Optional, Tuple, Union

from venvboot import options
from venvboot import record as record_file
from venvboot.activation import wrappers
from venvboot.commands import Context
from venvboot.errors import Refused, UsageError, VenvbootError
from venvboot.facts import pyvenv
from venvboot.facts import recorded_base as recorded_base_facts
from venvboot.facts.destination import read_record
from venvboot.facts.finder import search_path
from venvboot.model import (
    Allowance,
    Finding,
    InstallTarget,
    Interpreter,
    Isolation,
    OwnedPython,
    Probe,
    Record,
    Seal,
    Severity,
)
from venvboot.policy import foreign_path, recorded_base, sealed
from venvboot.system import System

EXCEPTIONS_LIMIT = 1 << 20  # bytes


def destination(arguments: argparse.Namespace, system: System) -> str:
    """Return ``--venv``, else $VIRTUAL_ENV where venvboot made it, else /opt/venv.

    Where that isn't there, PATH may lead to a Python that is used directly: VIRTUAL_ENV doesn't name it.
    """
    if arguments.venv:
        return options.destination(arguments.venv)
    active = system.environ.get("VIRTUAL_ENV", "")
    if active.startswith("/") and read_record(system, active):
        return options.destination(active)
    if not read_record(system, options.DEFAULT_DEST):
        for folder in search_path(system):
            prefix, name = posixpath.split(folder)
            found = read_record(system, prefix) if name == "bin" else None
            if found and found.direct and found.dest == prefix:
                return options.destination(prefix)
    return options.DEFAULT_DEST


@dataclass(frozen=True)
class Environment:
    """An environment of ours, as a target of pip; ``folders`` are those of the distro's that it sees."""

    record: Record
    target: InstallTarget
    folders: Tuple[str, ...]

    def owned(self, system: System) -> OwnedPython:
        """Return what the distro's packages have in its reach: of an isolated environment, only commands matter."""
        from venvboot.facts import owned_python  # noqa: PLC0415  # with all package managers it takes 20 ms

        return owned_python.read(system, self.folders)


def refuse_foreign_paths(arguments: argparse.Namespace, system: System) -> None:
    """Raise Refused for options of pip that would send an installation elsewhere, one finding each."""
    given = options.foreign_paths(arguments)
    if given:
        raise Refused(*(foreign_path.refused(option, destination(arguments, system)) for option in given))


def named(arguments: argparse.Namespace, context: Context) -> Union[Environment, Interpreter]:
    """Return the environment to write into, or the other Python that ``--python`` names."""
    system = context.system
    if not arguments.target_python:
        return _environment(system, environment(system, destination(arguments, system)))
    if arguments.venv and arguments.venv != system.environ.get("VENVBOOT_VENV"):
        raise UsageError("--venv and --python both name the environment", "give one of them")
    from venvboot.commands import judged  # noqa: PLC0415  # with what finds interpreters it takes 25 ms

    if "/" in arguments.target_python:
        found = judged.at(system, arguments.target_python)
    else:
        found, _ = judged.base(system, arguments.target_python)
    venv = found.facts.candidate.venv
    if venv and read_record(system, venv.prefix):
        return _environment(system, environment(system, venv.prefix))
    return found


def _environment(system: System, record: Record) -> Environment:
    refuse_moved(system, record)
    folders: Tuple[str, ...] = ()
    if record.system_site_packages:
        probe = _probe_of_base(system, record)
        folders = probe.site_packages if probe else ()
    target = InstallTarget(
        Isolation.SYSTEM_SITE if record.system_site_packages else Isolation.ISOLATED,
        record.python,
        record.dest,
        record.base_version,
        record.site_packages,
        owner=record.origin.owner,
        label=record.origin.label,
    )
    return Environment(record, target, folders)


def stdlib_folder(system: System, record: Record) -> str:
    """Return the folder of the standard library, empty where the base is gone."""
    try:
        probe = _probe_of_base(system, record)
    except VenvbootError:
        return ""
    return probe.stdlib if probe else ""


def _probe_of_base(system: System, record: Record) -> Optional[Probe]:
    from venvboot.commands import judged  # noqa: PLC0415  # as above

    return judged.at(system, record.base_path).facts.probe


def exceptions(arguments: argparse.Namespace, system: System) -> Tuple[Allowance, ...]:
    """Return the exceptions of the command line and of the file it names. Raises UsageError."""
    if not (arguments.allow or arguments.because or arguments.exceptions):
        return ()
    from venvboot.policy import exceptions as policy_exceptions  # noqa: PLC0415  # it takes 6 ms, and few runs have any

    told = policy_exceptions.parse(arguments.allow or (), arguments.because or ())
    if not arguments.exceptions:
        return told
    path = posixpath.abspath(arguments.exceptions)
    text = system.read_text(path, EXCEPTIONS_LIMIT)
    if text is None:
        raise UsageError(f"{path} can't be read", "COPY it before this RUN")
    return (*told, *policy_exceptions.parse_file(text, path))


def environment(system: System, dest: str) -> Record:
    """Return the record of the environment at ``dest``. Raises Refused where none may be installed into."""
    found = read_record(system, dest)
    if found is None or found.dest != dest:
        raise Refused(_not_ours(system, dest, found))
    info = system.status(dest)
    if not found.direct and info and info.st_gid != found.group:
        raise Refused(_another_group(dest, found.group, info.st_gid))
    config = pyvenv.at(system, dest)
    if found.direct or found.seal is Seal.UNFINISHED:
        return found  # an undoing that was killed may have left half a pyvenv.cfg
    if config is None or config.system_site_packages > found.system_site_packages:
        raise Refused(
            Finding(
                "not-isolated",
                Severity.ERROR,
                dest,
                f"{dest} is not isolated from the packages of its base",
                "pyvenv.cfg is missing or names no home"
                if config is None
                else "pyvenv.cfg says include-system-site-packages = true",
                f"rm -rf {dest} && venvboot init {dest}",
            )
        )
    return found


def refuse_moved(system: System, record: Record) -> None:
    """Raise Refused where the base is gone, or of another minor version: nothing that is installed would be found."""
    now = recorded_base_facts.changed(system, record)
    if now and now.failure:
        raise Refused(recorded_base.moved(record, now.failure, now.other))
    if now and recorded_base.is_of_another_minor(record, now.version):
        raise Refused(recorded_base.of_version(record, now.version))


def refuse_sealed(record: Record) -> None:
    """Raise Refused for an environment that is sealed, or half so."""
    if record.seal is not Seal.OPEN:
        raise Refused(sealed.refused(record))


def refuse_outsiders(system: System, record: Record) -> None:
    """Raise Refused for a user who may not write the environment and isn't in the group that may."""
    if system.uid == 0 or record.group in (system.gid, *system.groups) or system.may_write(record.site_packages):
        return
    raise Refused(
        Finding(
            "not-in-group",
            Severity.ERROR,
            record.dest,
            f"user {system.uid} can't install into {record.dest}: it is not in group {record.group}",
            f"{record.site_packages} is written by root and group {record.group}; this process is in "
            f"{', '.join(map(str, sorted({system.gid, *system.groups})))}",
            f"USER {system.uid}:{record.group} in the Dockerfile, or docker run --group-add {record.group}",
        )
    )


def rehashed(context: Context, record: Record) -> Tuple[Finding, ...]:
    """Bring the wrappers up to date where the environment has them; return a warning where this user may not."""
    if wrappers.NAME not in record.activations:
        return ()
    from venvboot.apply.wrappers import update  # noqa: PLC0415  # it takes 10 ms
    from venvboot.policy import rehash  # noqa: PLC0415

    todo = update(context.system, context.report, record.dest)
    return () if todo.writable else rehash.missing(record.dest, todo)


def _another_group(dest: str, recorded: int, owned: int) -> Finding:
    """The record is written by the group; only root and the owner can give the folder to another one."""
    return Finding(
        "environment-differs",
        Severity.ERROR,
        dest,
        f"{dest} belongs to group {owned}, and its record says group {recorded}",
        "one of them was changed since it was made, and a member of the group can write the record",
        f"chgrp {recorded} {dest} as root, if the record is right; else rm -rf {dest} && venvboot init {dest}",
    )


def cache_folder(arguments: argparse.Namespace, system: System) -> Optional[str]:
    """Return ``--cache``, else the default place if it is a mount, else None: nothing is kept in the layer."""
    if arguments.cache:
        return posixpath.abspath(str(arguments.cache))
    default = posixpath.join(system.environ.get("HOME", "/root"), ".cache/venvboot")
    return default if system.is_mount(default) else None


def _not_ours(system: System, dest: str, found: Optional[Record]) -> Finding:
    if found:
        evidence = f"it is a copy of {found.dest}: its scripts and its pip name that path"
        hint = f"copy it to {found.dest}, or make one here: rm -rf {dest} && venvboot init {dest}"
    elif system.status(dest) is None:
        evidence, hint = (
            "there is nothing at that path",
            f"RUN venvboot init {dest}, or name another with --venv",
        )
    elif pyvenv.at(system, dest):
        evidence = f"it is a virtual environment, but {dest}/{record_file.NAME} is missing or unreadable"
        hint = "make one of its own: RUN venvboot init /opt/venv"
    else:
        evidence, hint = f"there is no {dest}/{record_file.NAME}", "name the environment with --venv"
    return Finding(
        "no-environment",
        Severity.ERROR,
        dest,
        f"{dest} is not an environment made by venvboot",
        evidence,
        hint,
    )
