"""``sync`` where the environment and the locks were compared: what is asked is judged, brought and recorded."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import dataclass, replace
from typing import Iterable, Mapping, Sequence, Tuple

from venvboot import __version__, toolchain
from venvboot.apply import execute, lock, pip, stage
from venvboot.apply.kept import Kept
from venvboot.commands import Context, filled, filling_options, locks, targets
from venvboot.commands.front_door import FrontDoor, elsewhere, not_judged
from venvboot.errors import Refused, ToolFailed, VenvbootError
from venvboot.facts.distributions import present
from venvboot.model import Arrival, Bytecode, Changes, Lock, LockFile, Outcome, OwnedPython, Record, Status
from venvboot.policy import foreign_path, parents, synced
from venvboot.render import json, text
from venvboot.system import System


@dataclass(frozen=True)
class Compared:
    """The locks as pip reads them, what pip-tools said of them, and what the distro's packages have."""

    files: Tuple[LockFile, ...]
    found: lock.Difference
    owned: OwnedPython


def carry_out(
    arguments: argparse.Namespace,
    context: Context,
    place: targets.Environment,
    asked: locks.Asked,
    kept: Kept,
    compared: Compared,
) -> Outcome:
    """Make the environment what the locks say; in a dry run tell what that would take. Raises Refused."""
    system, record, hashes = context.system, place.record, not arguments.no_require_hashes
    files, found = compared.files, compared.found
    _refuse_conflicts(record, parents.pins(asked.held), asked.given, found)
    door = FrontDoor(
        system,
        place.target,
        compared.owned,
        allowed=asked.allowed,
        recorded=record.exceptions,
        dry_run=arguments.dry_run,
    )
    made = found.changes
    if "venvboot" in made.remove and toolchain.is_installed_in(record.dest):
        raise Refused(synced.removes_itself(record.dest, asked.paths))
    if made and not arguments.dry_run:
        targets.refuse_outsiders(system, record)
    context.report.say(
        f"{record.dest}: {len(made.add)} to add, {len(made.change)} to change, {len(made.remove)} to remove"
    )
    bring = filled.fill if filled.is_possible(place, found, hashes=hashes) else _by_pip
    filled.refuse_doubled(system, record, found, by_pip=bring is _by_pip)
    if made:
        bring(context, place, files, found, door, arguments, kept)
    data = {"changes": json.changes(made)}
    findings = (*door.findings(), *foreign_path.not_obeyed(system.environ))
    if arguments.dry_run:
        return Outcome(Status.DONE, findings, text.changes(made), data)
    now = _write_record(system, record, door, found, asked)
    stage.finish(system, record)
    findings = (*findings, *targets.rehashed(context, record))
    done = Outcome(Status.DONE, findings, data=data, trees=(record.dest,))
    if not asked.bill:
        return done
    from venvboot.commands import sbom  # noqa: PLC0415  # of few runs

    return sbom.added(context, now, kept, asked.bill, done)


def _refuse_conflicts(record: Record, held: parents.Pins, given: Sequence[Lock], found: lock.Difference) -> None:
    """Raise Refused where the locks given and those of earlier syncs can't hold together, all findings at once."""
    changing = {*found.changes.add, *found.changes.change}
    asked = {name: (version, one) for one, names in zip(given, found.asked) for name, version in names.items()}
    others = {name for name in parents.pins(record.locks) if name not in held or name in changing}
    told = (
        *parents.conflicts(held, asked, given, found.changes.change),
        *parents.strayed(record.locks, found.before, record.exceptions, others),
    )
    if told:
        raise Refused(*told)


def _write_record(
    system: System,
    record: Record,
    door: FrontDoor,
    found: lock.Difference,
    asked: locks.Asked,
) -> Record:
    """Write what holds from now on: the locks of earlier syncs that do, and those given, with what they brought.

    Return it as well.
    """
    after = present(system, record)
    if found.pins is not None and not synced.is_as_expected(found.before, found.changes, after):
        raise VenvbootError(synced.changed_meanwhile(record.dest))
    missed = _missed(found.changes, after)
    if missed:
        raise VenvbootError(elsewhere(missed, record.dest))
    brought = (_with_pins(one, names, after) for one, names in zip(asked.given, found.asked))
    holding = (*asked.held, *brought)
    changed = replace(
        record,
        exceptions=door.exceptions_of(after),
        locks=holding,
        synced=synced.state(__version__, record, holding, after),
    )
    if changed != record:
        execute.write_record(system, changed)
    return changed


def _with_pins(lock: Lock, names: Iterable[str], after: Mapping[str, str]) -> Lock:
    return replace(lock, pins=tuple((name, after[name]) for name in sorted(names) if name in after))


def _by_pip(
    context: Context,
    place: targets.Environment,
    files: Sequence[LockFile],
    found: lock.Difference,
    door: FrontDoor,
    arguments: argparse.Namespace,
    _: Kept,
) -> None:
    """Let pip remove, and then install, since a new distribution may bring the same files; if all is let in.

    In a dry run nothing is let in, so nothing is removed either.
    """
    system, report, record = context.system, context.report, place.record
    if not found.changes.add and not found.changes.change:
        if not door.dry_run:
            with filled.given_over(context, record, found, ()):
                pass
        return
    if arguments.bytecode != Bytecode.TIMESTAMP.value:
        report.say("pip installs what no lock has a hash of, and its bytecode holds times: --bytecode has no effect")
    with contextlib.ExitStack() as held:

        def judge(arrival: Arrival) -> bool:
            go = door.judge(arrival)
            if go:
                names = [item.name for item in door.incoming]
                held.enter_context(filled.given_over(context, record, found, names))
            return go

        try:
            pip.install(
                system,
                report,
                place.target,
                lock.words(files),
                targets.cache_folder(arguments, system),
                judge,
                wanted=(*found.changes.add, *found.changes.change),
                hashes=not arguments.no_require_hashes,
                builds=filling_options.builds(arguments),
            )
        except ToolFailed as error:
            folder = targets.stdlib_folder(system, record)
            raise filled.told(system, error, place, files, folder) from error
    door.refuse()
    if not door.asked:
        raise VenvbootError(not_judged(record.dest))


def _missed(made: Changes, after: Mapping[str, str]) -> Tuple[str, ...]:
    """Return what did not become as it should; a lock may write a version in another way than its metadata does.

    What comes from an address or a path has no version before it is there, or the one that was there.
    """
    return (
        *(name for name in made.add if name not in after),
        *(
            name
            for name, (before, new) in made.change.items()
            if new not in ("", before) and after.get(name, before) == before
        ),
        *(name for name in made.remove if name in after),
    )
