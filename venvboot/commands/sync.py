"""``sync``: make the environment exactly what the locks say, hashes verified."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import dataclass, replace
from typing import Iterable, Mapping, Sequence, Tuple

from venvboot import __version__, options, toolchain
from venvboot.activation import wrappers
from venvboot.apply import execute, lock, pip, pylock, stage
from venvboot.apply.kept import Kept
from venvboot.commands import Context, filled, locks, targets
from venvboot.commands.front_door import FrontDoor, elsewhere, not_judged
from venvboot.commands.system_target import refuse
from venvboot.errors import Refused, ToolFailed, VenvbootError
from venvboot.facts import stages
from venvboot.facts.distributions import present
from venvboot.meanwhile import meanwhile
from venvboot.model import (
    Allowance,
    Arrival,
    Bytecode,
    Changes,
    Finding,
    Lock,
    LockFile,
    Outcome,
    Record,
    Seal,
    Severity,
    Status,
)
from venvboot.policy import foreign_path, parents, synced
from venvboot.policy.conflicts import another
from venvboot.render import json, text
from venvboot.system import System


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "locks", metavar="LOCK", nargs="*", help=f"locks with hashes, also pylock.toml; default: {locks.DEFAULT}"
    )
    options.add_target(parser)
    options.add_cache(parser)
    options.add_exceptions(parser)
    options.add_foreign_paths(parser)
    options.add_dry_run(parser)
    filled.configure(parser)
    parser.add_argument(
        "--as-parent",
        action="store_true",
        help="let these locks hold in every image FROM this one; recorded",
    )
    parser.add_argument(
        parents.REPLACE,
        action="store_true",
        help="let no lock of an earlier sync hold any more, as in the image that this one is FROM",
    )
    parser.add_argument(
        "--no-require-hashes",
        action="store_true",
        help="take locks without hashes, too; recorded, and told by check",
    )
    parser.add_argument(
        "--sbom", metavar="FILE", help="write what is in the environment afterwards as CycloneDX JSON, - for stdout"
    )


@dataclass(frozen=True)
class _Asked:
    """What is to be synced: the locks ``given`` at ``paths`` beside those ``held``; ``bill`` is the SBOM's place."""

    paths: Tuple[str, ...]
    held: Tuple[Lock, ...]
    given: Tuple[Lock, ...]
    allowed: Tuple[Allowance, ...]
    bill: str


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what was added, removed and changed; an unchanged lock writes nothing.

    Raises Refused (3) where the front door says no, for a Python that isn't an isolated environment's and for a lock
    without hashes.
    """
    system = context.system
    targets.refuse_foreign_paths(arguments, system)
    paths = locks.paths(arguments.locks, system)
    words = [word for path in paths for word in ("-r", path)]
    allowed = targets.exceptions(arguments, system)
    place = targets.named(arguments, context)
    if not isinstance(place, targets.Environment):
        refuse(context, place, words, allowed, arguments)
    record = place.record
    if record.system_site_packages:
        raise Refused(_not_isolated(record, paths))
    if record.seal is Seal.UNFINISHED:
        targets.refuse_sealed(record)
    given, alone = locks.read(paths, system, hashes=not arguments.no_require_hashes)
    held = parents.holding(record.locks, given, replaced=arguments.replace_parent)
    given = parents.given_again(record.locks, given, as_parent=arguments.as_parent)
    filled.limit(arguments)
    filled.builds(arguments)
    asked = _Asked(paths, held, given, allowed, _place_of_sbom(arguments, system))
    if stages.is_unfinished(system, record.dest) and not arguments.dry_run:
        context.report.say(f"an earlier sync of {record.dest} was interrupted: what it left half done is removed")
        stage.sweep(system, record)
    elif alone and _is_unchanged(system, record, held, given):
        context.report.say(f"{record.dest}: nothing to do, it is as the last sync of the same left it")
        done = _unchanged(context, record)
        if not asked.bill or arguments.dry_run:
            return done
        with filled.kept(context, record, arguments) as kept:
            return _with_sbom(context, record, kept, asked.bill, done)
    targets.refuse_sealed(record)
    with filled.kept(context, record, arguments) as kept:
        return _synced(arguments, context, place, asked, kept)


def _synced(
    arguments: argparse.Namespace, context: Context, place: targets.Environment, asked: _Asked, kept: Kept
) -> Outcome:
    """Compare the environment with the locks, and make it what they say."""
    system, record, hashes = context.system, place.record, not arguments.no_require_hashes
    files = pylock.as_requirements(system, context.report, record, asked.paths, kept)
    with meanwhile(lambda: place.owned(system)) as owned:
        pins = parents.pins(asked.held)
        held = {name: version for name, (version, _) in pins.items()}
        found = lock.compare(system, context.report, record, files, kept.tools, hashes=hashes, held=held)
    _refuse_conflicts(record, pins, asked.given, found)
    door = FrontDoor(
        system,
        place.target,
        owned(),
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
    return _with_sbom(context, now, kept, asked.bill, done) if asked.bill else done


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
    asked: _Asked,
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


def _is_unchanged(system: System, record: Record, held: Sequence[Lock], given: Sequence[Lock]) -> bool:
    if parents.is_overruled(record.locks, given, record.exceptions):
        return False
    return synced.is_unchanged(__version__, record, (*held, *given), present(system, record))


def _unchanged(context: Context, record: Record) -> Outcome:
    findings = (*foreign_path.not_obeyed(context.system.environ), *targets.rehashed(context, record))
    return Outcome(Status.DONE, findings, data={"changes": json.changes(Changes())}, trees=(wrappers.FOLDER,))


def _with_pins(lock: Lock, names: Iterable[str], after: Mapping[str, str]) -> Lock:
    return replace(lock, pins=tuple((name, after[name]) for name in sorted(names) if name in after))


def _place_of_sbom(arguments: argparse.Namespace, system: System) -> str:
    """Return where the SBOM goes, empty where none is asked for: what writes it takes time to import."""
    if not arguments.sbom:
        return ""
    from venvboot.commands import sbom  # noqa: PLC0415

    return sbom.place(arguments, system)


def _with_sbom(context: Context, record: Record, kept: Kept, place: str, done: Outcome) -> Outcome:
    from venvboot.commands import sbom  # noqa: PLC0415

    return sbom.added(context, record, kept, place, done)


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
                builds=filled.builds(arguments),
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


def _not_isolated(record: Record, paths: Sequence[str]) -> Finding:
    files = " ".join(f"-r {path}" for path in paths)
    return Finding(
        "not-isolated",
        Severity.ERROR,
        record.dest,
        f"{record.dest} sees the distro's packages, so it can't be made exactly what a lock says",
        "it was made with --system-site-packages; what the distro has would count as there, or be uninstalled",
        f"venvboot install --venv {record.dest} {files}; or an isolated environment: venvboot init "
        f"{another(record.dest)}",
    )
