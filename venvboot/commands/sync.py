"""``sync``: make the environment exactly what the locks say, hashes verified."""

from __future__ import annotations

import argparse
import hashlib
import posixpath
from dataclasses import replace
from typing import List, Tuple

from venvboot import options
from venvboot.apply import execute, lock, pip
from venvboot.commands import Context, targets
from venvboot.commands.install import elsewhere, target
from venvboot.errors import UsageError, VenvbootError
from venvboot.model import Finding, Lock, Outcome, Record, Severity, Status
from venvboot.render import json, text
from venvboot.system import System

DEFAULT_LOCK = "requirements.txt"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("locks", metavar="LOCK", nargs="*", help=f"locks with hashes; default: {DEFAULT_LOCK}")
    options.add_target(parser)
    options.add_cache(parser)
    options.add_dry_run(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what was added, removed and changed; an unchanged lock writes nothing.

    Raises Refused (3) for a Python that isn't an environment's and for a lock without hashes.
    """
    system, paths = context.system, _paths(arguments, context.system)
    words = [word for path in paths for word in ("-r", path)]
    record = target(arguments, context, words)
    found = lock.compare(system, context.report, record, paths)
    data = {"changes": json.changes(found.changes)}
    if arguments.dry_run:
        return Outcome(Status.DONE, product=text.changes(found.changes), data=data)
    made = found.changes
    if made:
        targets.refuse_outsiders(system, record)
    context.report.say(
        f"{record.dest}: {len(made.add)} to add, {len(made.change)} to change, {len(made.remove)} to remove"
    )
    cache = targets.cache_folder(arguments, system)
    if found.remove:
        # Removed first, since a new distribution may bring the same files; but only when the rest can be had.
        if made.add or made.change:
            pip.try_locked(system, context.report, record, words, cache)
        pip.uninstall(system, context.report, record, found.remove)
    if made.add or made.change:
        pip.install(system, context.report, record, words, cache, locked=True)
    if made:
        left = lock.compare(system, context.report, record, paths).changes
        if left:
            raise VenvbootError(elsewhere([*left.add, *left.change, *left.remove], record.dest))
    _remember(system, record, paths)
    return Outcome(Status.DONE, targets.rehashed(context, record), data=data)


def _paths(arguments: argparse.Namespace, system: System) -> Tuple[str, ...]:
    paths: List[str] = []
    for name in arguments.locks or [DEFAULT_LOCK]:
        path = posixpath.abspath(name)
        if not system.is_file(path):
            missing = Finding(
                "no-lock",
                Severity.ERROR,
                path,
                f"there is no lock {path}",
                "sync reads requirements.txt of the working directory where no LOCK is named"
                if not arguments.locks
                else "",
                "COPY it before this RUN, or name it: venvboot sync LOCK",
            )
            raise _NoLock(missing)
        paths.append(path)
    return tuple(paths)


class _NoLock(VenvbootError):
    status = UsageError.status


def _remember(system: System, record: Record, paths: Tuple[str, ...]) -> None:
    locks = tuple(Lock(posixpath.basename(path), hashlib.sha256(system.read(path)).hexdigest()) for path in paths)
    if locks != record.locks:
        execute.write_record(system, replace(record, locks=locks))
