"""What ``init`` works on: the place, the base interpreter and the group, each with the refusals that belong to it."""

from __future__ import annotations

import argparse
import posixpath
from dataclasses import dataclass
from typing import Optional, Tuple

from venvboot import options
from venvboot.commands import judged
from venvboot.errors import Refused, Unsupported, UsageError
from venvboot.facts import destination as destination_facts
from venvboot.model import Destination, Finding, Interpreter, Occupant, Record, Severity
from venvboot.policy import recorded_base, system_site
from venvboot.system import System

# Red Hat's images keep their application in an environment that is active from the start.
S2I = "/opt/app-root"


@dataclass(frozen=True)
class Target:
    """``why`` says in half a sentence how the base was chosen."""

    destination: Destination
    base: Interpreter
    why: str
    group: int


def of_environment(arguments: argparse.Namespace, system: System) -> Target:
    """Return where the environment is or will be. Raises Refused, Unsupported or UsageError."""
    active = system.environ.get("VIRTUAL_ENV", "")
    s2i = S2I if system.is_file(posixpath.join(S2I, "pyvenv.cfg")) else ""
    named = given(arguments, system)
    dest = options.destination(named or s2i or options.DEFAULT_DEST)
    in_use = dest == s2i or (dest == active and bool(named))
    destination = destination_facts.examine(system, dest, in_use=in_use)
    adoptable = dest == active and system.is_file(posixpath.join(dest, "pyvenv.cfg"))
    _refuse_obstacle(destination, adoptable=adoptable)
    if destination.record and destination.record.direct:
        raise Refused(_differs(destination, f"{dest} is a Python used directly, and no environment", "--direct"))
    made = destination.record or destination.occupant is Occupant.ADOPTABLE
    if (
        arguments.system_site_packages
        and made
        and not (destination.record and destination.record.system_site_packages)
    ):
        raise Refused(system_site.differs(dest))
    base, why = _base(system, destination, arguments.python)
    return _target(system, destination, base, why, arguments.group)


def of_prefix(arguments: argparse.Namespace, system: System) -> Target:
    """Return the base itself as the place. Raises Refused for a Python that others write into too."""
    if arguments.system_site_packages:
        raise UsageError("--direct makes no environment that could see system site packages", "leave one of them out")
    base, why = judged.base(system, arguments.python)
    if not base.direct or not base.facts.probe:
        raise Refused(_not_direct(base))
    prefix = base.facts.probe.base_prefix
    named = given(arguments, system)
    if named and options.destination(named) != prefix:
        raise UsageError(f"--direct prepares {prefix} itself, and {named} is another folder", "leave DEST out")
    prefix = options.destination(prefix)
    folder = base.site_packages(prefix)
    destination = destination_facts.examine_prefix(system, prefix, folder)
    _refuse_obstacle(destination)
    record = destination.record
    if record and (not record.direct or record.base_path != base.base_path):
        raise Refused(_differs(destination, f"{prefix} was prepared for {record.base_path}", "--python"))
    return _target(system, destination, base, why, arguments.group)


def given(arguments: argparse.Namespace, system: System) -> str:
    """Return DEST as the command line or a variable names it, empty where neither does."""
    by_variable = arguments.venv == system.environ.get("VENVBOOT_VENV")
    if arguments.dest and arguments.venv and arguments.dest != arguments.venv and not by_variable:
        raise UsageError(f"DEST is given twice: {arguments.dest} and --venv {arguments.venv}", "give one of them")
    return arguments.dest or arguments.venv or ""


def _target(system: System, found: Destination, base: Interpreter, why: str, wish: Optional[str]) -> Target:
    group = _group(system, found, wish)
    if found.occupant in (Occupant.ENVIRONMENT, Occupant.ADOPTABLE, Occupant.PREFIX):
        direct = found.occupant is Occupant.PREFIX or bool(found.record and found.record.direct)
        folder = found.record.site_packages if found.record else base.site_packages(found.path)
        found = destination_facts.with_sharing(system, found, group, folder, direct=direct)
    return Target(found, base, why, group)


def _refuse_obstacle(destination: Destination, *, adoptable: bool = False) -> None:
    """Raise Refused where DEST can't be used. ``adoptable``: it is the active environment and only wasn't named."""
    if not destination.obstacle:
        return
    dest = destination.path
    if destination.occupant is Occupant.FOREIGN:
        code = "destination-occupied"
        what = f"{dest} holds something venvboot did not make"
        hint = (
            f"name it to use it as it is: `venvboot init {dest}`; or rm -rf {dest} && venvboot init {dest}"
            if adoptable
            else "choose another DEST, for example /opt/venv, or remove it"
        )
    elif destination.occupant is Occupant.ENVIRONMENT:
        code = "environment-damaged"
        what = f"the environment at {dest} is damaged"
        hint = f"rm -rf {dest} && venvboot init {dest}"
    elif destination.occupant in (Occupant.ADOPTABLE, Occupant.PREFIX):
        code = "not-adoptable"
        what = f"{dest} can't be used as it is"
        hint = "let `venvboot init /opt/venv` make an environment"
    else:
        code = "destination-not-writable"
        what = f"{dest} can't be written"
        hint = "run as root (USER root), or choose a DEST this user may write"
        if "read-only" in destination.obstacle:
            hint = "choose a DEST on a writable mount"
    raise Refused(Finding(code, Severity.ERROR, dest, what, destination.obstacle, hint))


def _not_direct(base: Interpreter) -> Finding:
    return Finding(
        "not-direct",
        Severity.ERROR,
        base.base_path,
        f"{base.path} can't be used directly: only a Python that nobody else writes into can",
        f"it is {base.origin.label}" + (", which is managed" if base.origin.managed else ""),
        "leave --direct out: `venvboot init` makes an environment; or name a source build with --python",
    )


def _differs(destination: Destination, what: str, option: str) -> Finding:
    return Finding(
        "environment-differs",
        Severity.ERROR,
        destination.path,
        what,
        f"its record {destination.path}/venvboot.json says so",
        f"run it with {option} as before, or choose another DEST",
    )


def _base(system: System, destination: Destination, wish: str) -> Tuple[Interpreter, str]:
    if destination.occupant is Occupant.ADOPTABLE:
        return _adopted(system, destination, wish)
    record = destination.record
    if record is None:
        return judged.base(system, wish)
    if wish:
        wished, why = judged.base(system, wish)
        if wished.base_path != record.base_path:
            raise Refused(_made_from(destination, record.base_path, wished))
        return wished, why
    return recorded(system, record), f"{destination.path} was made from it"


def _adopted(system: System, destination: Destination, wish: str) -> Tuple[Interpreter, str]:
    base, _ = judged.base(system, posixpath.join(destination.path, "bin/python"))
    if wish:
        wished, _ = judged.base(system, wish)
        if wished.base_path != base.base_path:
            raise Refused(_made_from(destination, base.base_path, wished))
    return base, f"{destination.path} is in use and was made from it"


def _made_from(destination: Destination, path: str, wished: Interpreter) -> Finding:
    dest = destination.path
    return Finding(
        "environment-differs",
        Severity.ERROR,
        dest,
        f"{dest} was made from {path}, not from {wished.base_path}",
        f"its record {dest}/venvboot.json says so" if destination.record else f"its {dest}/pyvenv.cfg says so",
        f"choose another DEST, or rm -rf {dest} && venvboot init {dest}",
    )


def recorded(system: System, record: Record) -> Interpreter:
    """Return the base that the record names. Raises Refused where it is gone or has another minor version."""
    try:
        base = judged.at(system, record.base_path)
    except Unsupported as error:
        raise Refused(recorded_base.moved(record, error.findings[0].evidence)) from None
    if base.origin.kind == "distroless":
        raise Refused(_copied(record.dest, base))
    if base.refusal:
        raise Refused(recorded_base.moved(record, base.refusal.evidence))
    now = ".".join(map(str, base.version or ()))
    if recorded_base.is_of_another_minor(record, now):
        raise Refused(recorded_base.of_version(record, now))
    return base


def _copied(dest: str, base: Interpreter) -> Finding:
    assert base.refusal  # noqa: S101  # that of every distroless image
    return Finding(
        "distroless",
        Severity.ERROR,
        dest,
        f"{dest} was copied into a distroless image, where nothing of it is made or mended",
        base.refusal.evidence,
        f"leave this RUN out: {dest} works as the stage that it comes from has made it, which "
        "`check --only origin --only environment` verifies here",
    )


def _group(system: System, destination: Destination, wish: Optional[str]) -> int:
    if wish is None:
        return destination.record.group if destination.record else 0
    gid = system.group_id(wish)
    if gid is None:
        raise UsageError(f"there is no group {wish} in this image", "--group 0, or add the group first")
    if destination.record and destination.record.group != gid:
        raise Refused(
            Finding(
                "environment-differs",
                Severity.ERROR,
                destination.path,
                f"{destination.path} was made for group {destination.record.group}, not for group {gid}",
                f"its record {destination.path}/venvboot.json says so",
                f"rm -rf {destination.path} && venvboot init {destination.path} --group {wish}",
            )
        )
    return gid
