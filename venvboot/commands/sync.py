"""``sync``: make the environment exactly what the locks say, hashes verified."""

from __future__ import annotations

import argparse
import hashlib
import posixpath
from dataclasses import replace
from typing import List, Mapping, Sequence, Tuple

from venvboot import __version__, options, toolchain
from venvboot.apply import execute, lock, pip, pylock, stage
from venvboot.apply.kept import Kept
from venvboot.commands import Context, filled, targets
from venvboot.commands.front_door import FrontDoor, elsewhere, not_judged
from venvboot.commands.system_target import refuse
from venvboot.errors import NoFile, Refused, ToolFailed, VenvbootError
from venvboot.facts import stages
from venvboot.facts.distributions import present
from venvboot.meanwhile import meanwhile
from venvboot.model import Arrival, Bytecode, Changes, Finding, Lock, LockFile, Outcome, Record, Severity, Status
from venvboot.policy import foreign_path, synced
from venvboot.policy.conflicts import another
from venvboot.policy.pylock import is_pylock
from venvboot.redact import one_line
from venvboot.render import json, text
from venvboot.system import System

DEFAULT_LOCK = "requirements.txt"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "locks", metavar="LOCK", nargs="*", help=f"locks with hashes, also pylock.toml; default: {DEFAULT_LOCK}"
    )
    options.add_target(parser)
    options.add_cache(parser)
    options.add_exceptions(parser)
    options.add_foreign_paths(parser)
    options.add_dry_run(parser)
    filled.configure(parser)
    parser.add_argument(
        "--no-require-hashes",
        action="store_true",
        help="take locks without hashes, too; recorded, and told by check",
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what was added, removed and changed; an unchanged lock writes nothing.

    Raises Refused (3) where the front door says no, for a Python that isn't an isolated environment's and for a lock
    without hashes.
    """
    system = context.system
    targets.refuse_foreign_paths(arguments, system)
    paths = _paths(arguments, system)
    words = [word for path in paths for word in ("-r", path)]
    allowed = targets.exceptions(arguments, system)
    place = targets.named(arguments, context)
    if not isinstance(place, targets.Environment):
        refuse(context, place, words, allowed, arguments)
    record = place.record
    if record.system_site_packages:
        raise Refused(_not_isolated(record, paths))
    hashes = not arguments.no_require_hashes
    contents = [_content(path, system) for path in paths]
    locks = tuple(_lock(path, content, hashes=hashes) for path, content in zip(paths, contents))
    alone = all(map(_stands_alone, paths, contents))
    filled.limit(arguments)
    if stages.is_unfinished(system, record.dest) and not arguments.dry_run:
        context.report.say(f"an earlier sync of {record.dest} was interrupted: what it left half done is removed")
        stage.sweep(system, record)
    elif alone and synced.is_unchanged(__version__, record, locks, present(system, record)):
        context.report.say(f"{record.dest}: nothing to do, it is as the last sync of the same left it")
        return _unchanged(context, record)
    with filled.kept(context, record, arguments) as kept:
        files = pylock.as_requirements(system, context.report, record, paths, kept)
        with meanwhile(lambda: place.owned(system)) as owned:
            found = lock.compare(system, context.report, record, files, kept.tools, hashes=hashes)
        door = FrontDoor(
            system,
            place.target,
            owned(),
            allowed=allowed,
            recorded=record.exceptions,
            dry_run=arguments.dry_run,
        )
        made = found.changes
        if "venvboot" in made.remove and toolchain.is_installed_in(record.dest):
            raise Refused(synced.removes_itself(record.dest, paths))
        if made and not arguments.dry_run:
            targets.refuse_outsiders(system, record)
        context.report.say(
            f"{record.dest}: {len(made.add)} to add, {len(made.change)} to change, {len(made.remove)} to remove"
        )
        bring = filled.fill if filled.is_possible(place, found, hashes=hashes) else _by_pip
        if made:
            bring(context, place, files, found, door, arguments, kept)
    data = {"changes": json.changes(made)}
    findings = (*door.findings(), *foreign_path.not_obeyed(system.environ))
    if arguments.dry_run:
        return Outcome(Status.DONE, findings, text.changes(made), data)
    _write_record(system, record, door, found, locks)
    stage.finish(system, record)
    return Outcome(Status.DONE, (*findings, *targets.rehashed(context, record)), data=data, trees=(record.dest,))


def _write_record(
    system: System, record: Record, door: FrontDoor, found: lock.Difference, locks: Tuple[Lock, ...]
) -> None:
    after = present(system, record)
    if found.pins is not None and not synced.is_as_expected(found.before, found.changes, after):
        raise VenvbootError(synced.changed_meanwhile(record.dest))
    missed = _missed(found.changes, after)
    if missed:
        raise VenvbootError(elsewhere(missed, record.dest))
    changed = replace(
        record,
        exceptions=door.exceptions_of(after),
        locks=locks,
        synced=synced.state(__version__, record, locks, after),
    )
    if changed != record:
        execute.write_record(system, changed)


def _unchanged(context: Context, record: Record) -> Outcome:
    findings = (*foreign_path.not_obeyed(context.system.environ), *targets.rehashed(context, record))
    return Outcome(Status.DONE, findings, data={"changes": json.changes(Changes())})


def _stands_alone(path: str, content: bytes) -> bool:
    """Tell whether a lock says all that decides; a pylock.toml does, since no place in it is gone to."""
    return is_pylock(path) or synced.stands_alone(content.decode("utf-8", "replace"))


def _lock(path: str, content: bytes, *, hashes: bool) -> Lock:
    return Lock(one_line(posixpath.basename(path)), hashlib.sha256(content).hexdigest(), hashes or is_pylock(path))


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

    def judge(arrival: Arrival) -> bool:
        go = door.judge(arrival)
        if go and found.remove:
            pip.uninstall(system, report, record, found.remove)
        return go

    if found.changes.add or found.changes.change:
        if arguments.bytecode != Bytecode.TIMESTAMP.value:
            report.say(
                "pip installs what no lock has a hash of, and its bytecode holds times: --bytecode has no effect"
            )
        try:
            pip.install(
                system,
                report,
                place.target,
                lock.words(files),
                targets.cache_folder(arguments, system),
                judge,
                locked=True,
                hashes=not arguments.no_require_hashes,
                builds=filled.builds(arguments),
            )
        except ToolFailed as error:
            folder = targets.stdlib_folder(system, record)
            raise filled.told(system, error, place, files, folder) from error
        door.refuse()
        if not door.asked:
            raise VenvbootError(not_judged(record.dest))
    elif found.remove and not door.dry_run:
        pip.uninstall(system, report, record, found.remove)


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


def _paths(arguments: argparse.Namespace, system: System) -> Tuple[str, ...]:
    paths: List[str] = []
    for name in arguments.locks or [DEFAULT_LOCK]:
        named = posixpath.abspath(name)
        path = system.lasting(named)
        if not system.is_file(path):
            raise NoFile(_missing(named, is_there=system.exists(named), is_named=bool(arguments.locks)))
        paths.append(path)
    return tuple(paths)


def _missing(path: str, *, is_there: bool, is_named: bool) -> Finding:
    by_default = "" if is_named else "sync reads requirements.txt of the working directory where no LOCK is named"
    return Finding(
        "no-lock",
        Severity.ERROR,
        path,
        f"{path} is no file that could be a lock" if is_there else f"there is no lock {path}",
        "it is a folder, or something that can be read only once, as a pipe" if is_there else by_default,
        "COPY it before this RUN, or name it: venvboot sync LOCK",
    )


def _content(path: str, system: System) -> bytes:
    """Return what is in a lock. Raises VenvbootError where that can't be read."""
    try:
        return system.read(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        hint = f"chmod a+r {path}, or run as a user who may read it"
        message = f"{path} can't be used as a lock"
        raise VenvbootError(Finding("lock-unreadable", Severity.ERROR, path, message, why, hint)) from None
