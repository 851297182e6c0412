"""``init``: the one-shot bootstrap. A second run changes nothing."""

from __future__ import annotations

import argparse
import posixpath
from typing import Dict, Optional, Tuple

from venvboot import __version__, activation, options
from venvboot.actions import Plan
from venvboot.apply import execute, guard
from venvboot.commands import Context, judged
from venvboot.errors import Refused, Unsupported, UsageError
from venvboot.facts import destination as destination_facts
from venvboot.facts import image as image_facts
from venvboot.facts.owners import dpkg
from venvboot.model import Destination, FileState, Finding, Interpreter, Occupant, Outcome, Severity, Status
from venvboot.policy import marker
from venvboot.policy import plan as planning
from venvboot.render import dockerfile, json, text
from venvboot.system import System


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "dest", metavar="DEST", nargs="?", help=f"the environment's folder; default: {options.DEFAULT_DEST}"
    )
    parser.add_argument("--venv", metavar="DEST", help="the same as an option")
    parser.add_argument(
        "--python", metavar="PY", default="", help="the base interpreter: a path, or a version as 3.12"
    )
    parser.add_argument("--group", metavar="GID|NAME", help="the group that may install; default: 0")
    names = ", ".join(activation.by_name())
    parser.add_argument("--activate", metavar="NAME", action="append", help=f"activate in: {names} (all by default)")
    parser.add_argument("--no-activate", metavar="NAME|all", action="append", help="leave that activation out")
    parser.add_argument(
        "--no-guard", action="store_true", help="do not mark the base interpreter as externally managed"
    )
    options.add_dry_run(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return the ENV lines as the product. Raises Refused or Unsupported before anything is written."""
    system = context.system
    dest = _dest(arguments, system)
    destination = destination_facts.examine(system, dest)
    _refuse_obstacle(destination)
    base, why = _base(system, destination, arguments.python)
    request = planning.Request(
        dest=dest,
        group=_group(system, destination, arguments.group),
        activations=_activations(arguments),
        guard=not arguments.no_guard,
        tool_version=__version__,
    )
    context.report.say(f"base interpreter {base.real_path} ({base.origin.label}): {why}")
    plan = _plan(system, request, base, destination)
    data = {
        "plan": json.plan(plan),
        "environment": json.image_config(plan.image_config),
        "base": json.interpreter(base),
    }
    if arguments.dry_run:
        return Outcome(Status.DONE, plan.findings, text.plan(plan) + dockerfile.env_lines(plan.image_config), data)
    version = ".".join(map(str, base.version or ()))
    execute.carry_out(system, context.report, plan, version)
    if not plan.actions:
        context.report.say(f"{dest} is as it should be; nothing was written")
    return Outcome(Status.DONE, plan.findings, dockerfile.env_lines(plan.image_config), data)


def _dest(arguments: argparse.Namespace, system: System) -> str:
    by_variable = arguments.venv == system.environ.get("VENVBOOT_VENV")
    if arguments.dest and arguments.venv and arguments.dest != arguments.venv and not by_variable:
        raise UsageError(f"DEST is given twice: {arguments.dest} and --venv {arguments.venv}", "give one of them")
    return options.destination(arguments.dest or arguments.venv or options.DEFAULT_DEST)


def _refuse_obstacle(destination: Destination) -> None:
    if not destination.obstacle:
        return
    dest = destination.path
    if destination.occupant is Occupant.FOREIGN:
        code = "destination-occupied"
        what = f"{dest} holds something venvboot did not make"
        hint = "choose another DEST, for example /opt/venv, or remove it"
    elif destination.occupant is Occupant.ENVIRONMENT:
        code = "environment-damaged"
        what = f"the environment at {dest} is damaged"
        hint = f"rm -rf {dest} && venvboot init {dest}"
    else:
        code = "destination-not-writable"
        what = f"{dest} can't be written"
        hint = "run as root (USER root), or choose a DEST this user may write"
        if "read-only" in destination.obstacle:
            hint = "choose a DEST on a writable mount"
    raise Refused(Finding(code, Severity.ERROR, dest, what, destination.obstacle, hint))


def _base(system: System, destination: Destination, wish: str) -> Tuple[Interpreter, str]:
    record = destination.record
    if record is None:
        return judged.base(system, wish)
    path, rebuild = record.base_path, f"rm -rf {destination.path} && venvboot init {destination.path}"
    if wish:
        wished, why = judged.base(system, wish)
        if wished.real_path != path:
            raise Refused(
                Finding(
                    "environment-differs",
                    Severity.ERROR,
                    destination.path,
                    f"{destination.path} was made from {path}, not from {wished.real_path}",
                    f"its record {destination.path}/venvboot.json says so",
                    f"choose another DEST, or {rebuild}",
                )
            )
        return wished, why
    moved = _why_moved(system, path, record.base_version)
    if moved:
        raise Refused(_moved(destination.path, path, moved))
    base = judged.at(system, path)
    return base, f"{destination.path} was made from it"


def _why_moved(system: System, path: str, version: str) -> str:
    try:
        base = judged.at(system, path)
    except Unsupported as error:
        return error.findings[0].evidence
    if base.refusal:
        return base.refusal.evidence
    now = ".".join(map(str, base.version or ()))
    same_minor = now.split(".")[:2] == version.split(".")[:2]
    return "" if same_minor else f"it was Python {version} and is Python {now}"


def _moved(dest: str, path: str, evidence: str) -> Finding:
    return Finding(
        "interpreter-moved",
        Severity.ERROR,
        path,
        f"{path}, the base interpreter of {dest}, is not what the environment was made from",
        evidence,
        f"build the environment anew: rm -rf {dest} && venvboot init {dest}",
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


def _activations(arguments: argparse.Namespace) -> Tuple[activation.Activation, ...]:
    known, without = activation.by_name(), arguments.no_activate or []
    for name in [*(arguments.activate or []), *without]:
        if name not in known and name != "all":
            raise UsageError(f"there is no activation {name}", f"known: {', '.join(known)}, all")
    wanted = [name for name in arguments.activate or ["all"] if name not in without]
    chosen = set() if "all" in without and "all" in wanted else set(known) if "all" in wanted else set(wanted)
    return tuple(known[name] for name in known if name in chosen and name not in without)


def _plan(system: System, request: planning.Request, base: Interpreter, destination: Destination) -> Plan:
    return planning.plan(
        request,
        base,
        system.digest(base.real_path) or "",
        image_facts.read(system),
        destination,
        _states(system, request, base),
        can_divert=system.exists(guard.PROGRAM),
    )


def _states(system: System, request: planning.Request, base: Interpreter) -> Dict[str, FileState]:
    away = dpkg.diverted(system)
    diversion = marker.diversion(base)
    readers = {found.PATH: found.NEEDS for found in request.activations}
    return {
        file.path: destination_facts.file_state(
            system,
            file.path,
            signature=activation.SIGNATURE,
            diverted=diversion is not None and away.get(file.path) == diversion.diverted_to,
            reader=readers.get(file.path, posixpath.dirname(file.path)),
        )
        for file in planning.wanted_files(request, base)
    }
