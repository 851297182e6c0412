"""``sync``: make the environment exactly what the locks say, hashes verified."""

from __future__ import annotations

import argparse
from typing import ContextManager, List, Sequence

from venvboot import __version__, options
from venvboot.activation import wrappers
from venvboot.apply import lock, pylock, stage
from venvboot.apply.kept import Kept, opened
from venvboot.commands import Context, filling_options, locks, targets
from venvboot.errors import Refused
from venvboot.facts import stages
from venvboot.facts.distributions import present
from venvboot.model import Changes, Finding, Lock, LockFile, Outcome, OwnedPython, Record, Seal, Severity, Status
from venvboot.policy import foreign_path, parents, synced
from venvboot.render import json
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
    filling_options.configure(parser)
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
        from venvboot.commands.system_target import refuse  # noqa: PLC0415  # of hardly any run

        refuse(context, place, words, allowed, arguments)
    record = place.record
    if record.system_site_packages:
        raise Refused(_not_isolated(record, paths))
    if record.seal is Seal.UNFINISHED:
        targets.refuse_sealed(record)
    given, alone = locks.read(paths, system, hashes=not arguments.no_require_hashes)
    held = parents.holding(record.locks, given, replaced=arguments.replace_parent)
    given = parents.given_again(record.locks, given, as_parent=arguments.as_parent)
    filling_options.limit(arguments)
    filling_options.builds(arguments)
    asked = locks.Asked(paths, held, given, allowed, _place_of_sbom(arguments, system))
    if stages.is_unfinished(system, record.dest) and not arguments.dry_run:
        context.report.say(f"an earlier sync of {record.dest} was interrupted: what it left half done is removed")
        stage.sweep(system, record)
    elif alone and _is_unchanged(system, record, held, given):
        context.report.say(f"{record.dest}: nothing to do, it is as the last sync of the same left it")
        done = _unchanged(context, record)
        if not asked.bill or arguments.dry_run:
            return done
        with _kept(context, record, arguments) as kept:
            return _with_sbom(context, record, kept, asked.bill, done)
    targets.refuse_sealed(record)
    with _kept(context, record, arguments) as kept:
        return _compared(arguments, context, place, asked, kept)


def _compared(
    arguments: argparse.Namespace, context: Context, place: targets.Environment, asked: locks.Asked, kept: Kept
) -> Outcome:
    """Compare the environment with the locks, and make it what they say."""
    system, record = context.system, place.record
    files = pylock.as_requirements(system, context.report, record, asked.paths, kept)
    held = parents.pins(asked.held)
    owned: List[OwnedPython] = []
    found = lock.compare(
        system,
        context.report,
        record,
        files,
        kept.tools,
        hashes=not arguments.no_require_hashes,
        held={name: version for name, (version, _) in held.items()},
        meanwhile=lambda: owned.append(_made_ready(system, place, files, kept)),
    )
    from venvboot.commands import sync_change  # noqa: PLC0415  # it is there by now

    compared = sync_change.Compared(files, found, owned[-1])
    return sync_change.carry_out(arguments, context, place, asked, kept, compared)


def _made_ready(system: System, place: targets.Environment, files: Sequence[LockFile], kept: Kept) -> OwnedPython:
    """Do what doesn't depend on the difference: the rest of the imports takes 0.1 s, as does looking into wheels.

    Return what the distro's packages have.
    """
    from venvboot.apply import examined  # noqa: PLC0415
    from venvboot.commands import sync_change  # noqa: F401, PLC0415

    kept.examined.update(examined.foreseen(system, kept.store, files, present(system, place.record)))
    return place.owned(system)


def _is_unchanged(system: System, record: Record, held: Sequence[Lock], given: Sequence[Lock]) -> bool:
    if parents.is_overruled(record.locks, given, record.exceptions):
        return False
    return synced.is_unchanged(__version__, record, (*held, *given), present(system, record))


def _unchanged(context: Context, record: Record) -> Outcome:
    findings = (*foreign_path.not_obeyed(context.system.environ), *targets.rehashed(context, record))
    return Outcome(Status.DONE, findings, data={"changes": json.changes(Changes())}, trees=(wrappers.FOLDER,))


def _kept(context: Context, record: Record, arguments: argparse.Namespace) -> ContextManager[Kept]:
    """Give what one run takes from the cache and may leave there."""
    return opened(context.system, context.report, record, targets.cache_folder(arguments, context.system))


def _place_of_sbom(arguments: argparse.Namespace, system: System) -> str:
    """Return where the SBOM goes, empty where none is asked for: what writes it takes time to import."""
    if not arguments.sbom:
        return ""
    from venvboot.commands import sbom  # noqa: PLC0415

    return sbom.place(arguments, system)


def _with_sbom(context: Context, record: Record, kept: Kept, place: str, done: Outcome) -> Outcome:
    from venvboot.commands import sbom  # noqa: PLC0415

    return sbom.added(context, record, kept, place, done)


def _not_isolated(record: Record, paths: Sequence[str]) -> Finding:
    from venvboot.policy.conflicts import another  # noqa: PLC0415  # of hardly any run

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
