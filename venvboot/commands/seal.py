"""``seal``: an environment that nobody installs into any more, and back."""

from __future__ import annotations

import argparse
import posixpath
from dataclasses import replace
from typing import Any, Collection, Dict, List, Mapping, Sequence, Tuple

from venvboot import __version__, activation, options, toolchain
from venvboot.actions import Action, CompleteEnvironment, RemovePaths, ShareTree, UpdateWrappers, WriteRecord
from venvboot.activation import wrappers
from venvboot.apply import execute, removal
from venvboot.commands import Context, fix, init_plan, init_target, seal_refusals, targets
from venvboot.commands.init_plan import ALL
from venvboot.errors import Refused, UsageError
from venvboot.facts import access, commands, distributions, installed_files
from venvboot.facts import destination as destination_facts
from venvboot.facts import sealing as facts
from venvboot.model import (
    Access,
    Destination,
    Entry,
    Occupant,
    Outcome,
    Record,
    Seal,
    SealFacts,
    Status,
)
from venvboot.model.sealing import INSTALLERS, PIP
from venvboot.policy import parents, rehash, sealed, sealing, synced
from venvboot.policy import plan as planning
from venvboot.render import json, text
from venvboot.system import System


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--undo", action="store_true", help="give back pip, the hook, activation and group access")
    names = ", ".join(name for name in activation.by_name() if name not in sealing.STAYING)
    parser.add_argument(
        "--activate", metavar="NAME", action="append", help=f"leave this activation there: {names}, or all"
    )
    options.add_venv(parser)
    options.add_dry_run(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what was done; a second run changes nothing.

    Raises Refused for an environment that can't be sealed, for a user who is neither root nor its owner, and where a
    sync is unfinished.
    """
    system = context.system
    named = _named(arguments)
    record = targets.environment(system, targets.destination(arguments, system))
    if arguments.undo:
        return _undo(arguments, context, record)
    return _seal(arguments, context, record, named)


def _named(arguments: argparse.Namespace) -> Tuple[str, ...]:
    """Return the activations to leave there. Raises UsageError for one that there isn't."""
    known, named = activation.by_name(), arguments.activate or []
    for name in named:
        if name not in known and name != ALL:
            raise UsageError(f"there is no activation {name}", f"known: {', '.join(known)}, {ALL}")
    return tuple(known) if ALL in named else tuple(named)


# -- sealing ----------------------------------------------------------------------------------------------------


def _seal(arguments: argparse.Namespace, context: Context, record: Record, named: Sequence[str]) -> Outcome:
    system = context.system
    owner = seal_refusals.owner(system, record)
    seal_refusals.refuse(system, record, owner)
    seal_refusals.refuse_half_undone(system, record)
    missing = () if arguments.activate == [ALL] else tuple(name for name in named if name in record.taken)
    if missing and record.seal is Seal.SEALED:
        raise Refused(seal_refusals.taken(record, missing))
    found = facts.read(system, record)
    staying = sealing.stays(found, record, legacy=toolchain.is_legacy())
    gone = sealing.going(record, sealing.kept(record, named))
    states = {file.path: destination_facts.file_state(system, piece) for file, piece in gone}
    outdated = wrappers.NAME in record.activations and rehash.decide(
        commands.read(system, record.dest, posixpath.join(record.dest, "bin/python"))
    )
    seal_refusals.refuse_unwritable(system, states.values(), wrappers_too=bool(outdated))
    modes = access.read_sealed(system, record.dest, owner)
    wrong = _staying(system, record, found, staying, modes, owner)
    seal_refusals.refuse_others(system, wrong)
    before = distributions.present(system, record)
    after = {name: version for name, version in before.items() if not _goes(name, found, staying)}
    planned = sealing.plan(
        record,
        found,
        staying,
        named,
        states,
        wrong,
        owner,
        synced=synced.renewed(__version__, record, before, after),
        has_outdated_wrappers=bool(outdated),
    )
    findings = (*planned.findings, *fix.left_alone(modes), *sealed.of_owner(record.dest, owner))
    data: Dict[str, Any] = {"actions": [json.action(one) for one in planned.actions], **_as_json(wrong)}
    if arguments.dry_run:
        return Outcome(Status.DONE, findings, text.actions(planned.actions), data)
    if not planned.actions:
        context.report.say(f"{record.dest} is sealed already; nothing was written")
    execute.carry_out(system, context.report, planned.actions, record.base_version)
    return Outcome(Status.DONE, findings, data=data, trees=(record.dest,))


def _goes(name: str, found: SealFacts, staying: Collection[str]) -> bool:
    return name in {one.name for one in found.installers} and name not in staying


def _staying(
    system: System, record: Record, found: SealFacts, staying: Mapping[str, str], modes: Access, owner: int
) -> Tuple[Entry, ...]:
    """Return what is wrong of what will be there afterwards; the record is written anew in any case."""
    going = [one for one in found.installers if _goes(one.name, found, staying)]
    recorded = [one for one in (installed_files.read(system, info.location) for info in going) if one]
    files = removal.files(system, record, recorded)
    paths = {*found.left, *found.signs, *(one.location for one in going)}
    folders = tuple(f"{path}/" for path in paths)
    own = posixpath.join(record.dest, "venvboot.json")
    unsealed = record.seal is not Seal.SEALED
    return tuple(
        entry
        for entry in modes.wrong
        if entry.path not in files and entry.path not in paths and not entry.path.startswith(folders)
        if not (entry.path == own and unsealed and entry.uid == owner)
    )


def _as_json(wrong: Sequence[Entry]) -> Dict[str, Any]:
    size = sum(entry.size for entry in wrong)
    directories = sum(entry.directory for entry in wrong)
    return {"closed": {"directories": directories, "files": len(wrong) - directories, "bytes": size}}


# -- and back ---------------------------------------------------------------------------------------------------


def _undo(arguments: argparse.Namespace, context: Context, record: Record) -> Outcome:
    system = context.system
    if arguments.activate and not system.environ.get("VENVBOOT_ACTIVATE"):
        raise UsageError("--undo gives every activation back", "leave --activate out")
    if record.seal is Seal.OPEN:
        context.report.say(f"{record.dest} is not sealed; nothing was written")
        return Outcome(Status.DONE, product=text.actions(()) if arguments.dry_run else "", data={"actions": []})
    owner = seal_refusals.owner(system, record)
    seal_refusals.refuse(system, record, owner)
    left = facts.read(system, record).left
    wrong = access.read_sealed(system, record.dest, owner).wrong
    seal_refusals.refuse_others(system, wrong)
    base = init_target.recorded(system, record)
    known, wanted = activation.by_name(), {*record.activations, *record.taken}
    request = planning.Request(
        dest=record.dest,
        group=record.group,
        activations=tuple(one for name, one in known.items() if name in wanted),
        guard=False,
        tool_version=__version__,
    )
    there = Destination(record.dest, Occupant.ENVIRONMENT, record=record, hook_intact=False)
    planned = init_plan.planned(system, request, base, there)
    (promised,) = [one.record for one in planned.actions if isinstance(one, WriteRecord)]
    present = distributions.present(system, record)
    completing = CompleteEnvironment(
        record.dest, base.base_path, record.group, record.site_packages, record.library_path, _not_to_seed(present)
    )
    filling: List[Action] = [
        WriteRecord(replace(promised, seal=Seal.UNFINISHED)),
        *([sealing.closing(record.dest, owner, wrong)] if wrong else []),
        *([RemovePaths(record.dest, left, "what stands in the place of what is put back")] if left else []),
        completing,
        *(one for one in planned.actions if not isinstance(one, (WriteRecord, UpdateWrappers))),
        *((UpdateWrappers(record.dest, wrappers.FOLDER),) if wrappers.NAME in promised.activations else ()),
        ShareTree(record.dest, record.group),
    ]
    told = [*filling, WriteRecord(promised)]
    data: Dict[str, Any] = {"actions": [json.action(one) for one in told]}
    if arguments.dry_run:
        return Outcome(Status.DONE, planned.findings, text.actions(told), data)
    version = ".".join(map(str, base.version or ()))
    execute.carry_out(system, context.report, filling, version)
    without = {name: number for name, number in present.items() if name != PIP}
    now = distributions.present(system, record)
    # pip is what init seeds: where a lock pins another, the next sync is to see that
    if not any(parents.strayed(promised.locks, now, promised.exceptions)):
        promised = replace(promised, synced=synced.renewed(__version__, promised, without, now))
    execute.carry_out(system, context.report, [WriteRecord(promised)], version)
    return Outcome(Status.DONE, planned.findings, data=data, trees=(record.dest,))


def _not_to_seed(present: Collection[str]) -> Tuple[str, ...]:
    """Return what virtualenv would put in place of the one that was left there."""
    return tuple(name for name in INSTALLERS if name != PIP and name in present)
