"""``guard``: protect the system's interpreters from installs, with or without an environment, or no longer."""

from __future__ import annotations

import argparse
from typing import Any, Dict, Sequence, Tuple

from venvboot import options, system_exceptions
from venvboot.actions import places
from venvboot.apply import execute
from venvboot.apply import guard as apply_guard
from venvboot.check import shadows
from venvboot.commands import Context, judged, targets
from venvboot.errors import Refused, UsageError
from venvboot.facts import exceptions, guards, image
from venvboot.facts.destination import read_record
from venvboot.model import Allowance, Finding, GuardFacts, Interpreter, Outcome, Record, Severity, Status
from venvboot.policy import exceptions as policy_exceptions
from venvboot.policy import guard_layers, guarding
from venvboot.render import guards as printed
from venvboot.render import json, text
from venvboot.system import System


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--undo", action="store_true", help="take the guard away and put back what it replaced")
    parser.add_argument(
        "--status", action="store_true", help="print what guards what; exits 4 where a layer is missing"
    )
    options.add_exceptions(parser)
    options.add_dry_run(parser)
    options.add_venv(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what guards each interpreter then; FAILED where root could not write a layer.

    Raises Refused for a user who isn't root and would have to write.
    """
    if arguments.undo and arguments.status:
        raise UsageError("--undo and --status exclude each other", "say one of them")
    system = context.system
    allowed = targets.exceptions(arguments, system)
    if allowed and (arguments.undo or arguments.status):
        raise UsageError("--allow records an exception, and --undo and --status do not", "leave one of them out")
    every, record = judged.all_of(system), _record(arguments, system)
    found = _read(system, every, record)
    if arguments.status:
        return _status(found, quiet=arguments.quiet)
    planned = _undone(system, every, found) if arguments.undo else _planned(system, found, record)
    data: Dict[str, Any] = {"actions": [json.action(one) for one in planned.actions]}
    if arguments.dry_run:
        data["guards"] = printed.as_json(guard_layers.guards(found))
        return Outcome(Status.DONE, planned.findings, text.actions(planned.actions), data)
    if system.uid != 0 and (planned.actions or any(one.code == "not-done" for one in planned.findings)):
        raise Refused(_not_root(system.uid))
    execute.outside(system, context.report, planned.actions)
    told = _excused(system, every, record, allowed) if allowed else ()
    if found and not planned.actions:
        context.report.say("nothing was written")
    after = guard_layers.guards(_read(system, every, record) if planned.actions else found)
    product = "" if arguments.quiet else printed.table(after)
    data["guards"] = printed.as_json(after)
    undone = any(one.code == "not-done" for one in planned.findings)
    status = Status.FAILED if undone else Status.DONE
    return Outcome(status, (*planned.findings, *told), product, data, trees=("/usr/local", *places(planned.actions)))


def _excused(
    system: System, every: Sequence[Interpreter], record: Record | None, allowed: Sequence[Allowance]
) -> Tuple[Finding, ...]:
    """Record what stands there already and is excused, each with its reason; return what there is to tell of it."""
    if system.uid != 0:
        raise Refused(_not_root(system.uid))
    why = exceptions.problem(system)
    if why:
        raise Refused(policy_exceptions.not_obeyed(system_exceptions.PATH, why, Severity.ERROR))
    base_path = record.base_path if record and record.origin.managed else ""
    found, _ = shadows.standing(system, guard_layers.guarded(every, base_path), record.dest if record else "")
    recorded = exceptions.recorded(system)
    verdict = policy_exceptions.judge(found, allowed, recorded)
    merged = {(one.name, one.version, one.kind): one for one in (*recorded, *verdict.used)}
    if {*merged.values()} != {*recorded}:
        execute.write_system_exceptions(system, system_exceptions.dump(tuple(merged.values())))
    unused = (one for one in verdict.findings if one.code == "exception-unused")
    return (*map(policy_exceptions.told, verdict.used), *unused)


def _record(arguments: argparse.Namespace, system: System) -> Record | None:
    dest = targets.destination(arguments, system)
    record = read_record(system, dest)
    return record if record and record.dest == dest else None


def _read(system: System, every: Sequence[Interpreter], record: Record | None) -> Tuple[GuardFacts, ...]:
    base_path = record.base_path if record and record.origin.managed else ""
    return guards.read(system, every, base_path, record.dest if record and not record.direct else "")


def _status(found: Sequence[GuardFacts], *, quiet: bool) -> Outcome:
    layers = guard_layers.guards(found)
    told = (
        *guard_layers.findings(layers, "`venvboot guard` as root puts it in place"),
        *guard_layers.not_sealed(found),
    )
    broken = any(one.severity is Severity.ERROR for one in told)
    status = Status.BROKEN if broken else Status.DONE
    product = "" if quiet else printed.table(layers)
    return Outcome(status, told, product, {"guards": printed.as_json(layers), "actions": []})


def _planned(system: System, found: Sequence[GuardFacts], record: Record | None) -> guarding.Planned:
    wish = guarding.Wish(record.dest if record else "", can_divert=system.exists(apply_guard.PROGRAM))
    return guarding.guard(found, image.read(system), wish)


def _undone(system: System, every: Sequence[Interpreter], found: Sequence[GuardFacts]) -> guarding.Planned:
    facts = (*found, *guards.left_over(system, every, found))
    return guarding.undo(facts, image.read(system), can_divert=system.exists(apply_guard.PROGRAM))


def _not_root(uid: int) -> Finding:
    return Finding(
        "not-done",
        Severity.ERROR,
        "",
        "the guard is for root to put up and to take away",
        f"user {uid} may not write into the system's folders",
        "USER root in the Dockerfile, before this RUN; --status and --dry-run are for everybody",
    )
