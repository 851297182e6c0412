"""``install``: unlocked requirements into the environment, through the front door."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Collection, List, Sequence

from venvboot import options
from venvboot.apply import execute, pip
from venvboot.commands import Context, targets
from venvboot.commands.front_door import FrontDoor, elsewhere, explained, not_judged
from venvboot.commands.system_target import into_system
from venvboot.errors import ToolFailed, UsageError, VenvbootError
from venvboot.facts import requirements
from venvboot.facts.distributions import present
from venvboot.model import Finding, Outcome, Status, canonical
from venvboot.policy import foreign_path, parents, requirement, satisfied
from venvboot.policy.changes import difference
from venvboot.render import json, text
from venvboot.system import System


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("requirements", metavar="REQ", nargs="*", help="requirements as pip takes them")
    parser.add_argument("-r", "--requirement", metavar="FILE", action="append", help="requirements from a file")
    options.add_target(parser)
    options.add_cache(parser)
    options.add_exceptions(parser)
    options.add_foreign_paths(parser)
    options.add_dry_run(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what was added, removed and changed.

    Raises Refused (3) where the front door says no, and for a Python that isn't an environment's without an
    exception that lets it be.
    """
    system = context.system
    targets.refuse_foreign_paths(arguments, system)
    words = _words(arguments, system)
    allowed = targets.exceptions(arguments, system)
    found = targets.named(arguments, context)
    if not isinstance(found, targets.Environment):
        return into_system(context, found, words, allowed, arguments)
    record = found.record
    targets.refuse_sealed(record)
    pinned = {name: (version, lock.path) for name, (version, lock) in parents.pins(record.locks).items()}
    target = replace(found.target, locked=pinned)
    before = present(system, record)
    if not arguments.dry_run:
        targets.refuse_outsiders(system, record)
    owned = found.owned(system)
    door = FrontDoor(system, target, owned, allowed=allowed, recorded=record.exceptions, dry_run=arguments.dry_run)
    cache = targets.cache_folder(arguments, system)
    try:
        told = pip.install(system, context.report, target, words, cache, door.judge)
    except ToolFailed as error:
        folder = targets.stdlib_folder(system, record)
        raise explained(error, requirements.asked(system, words), target, folder, system) from error
    stale = satisfied.findings(told, owned, target)
    door.refuse(*stale)
    findings = (*door.findings(), *stale, *foreign_path.not_obeyed(system.environ))
    if arguments.dry_run:
        made = difference(before, {**before, **{item.name: item.version for item in door.incoming}})
        return Outcome(Status.DONE, findings, text.changes(made), {"changes": json.changes(made)})
    after = present(system, record)
    made = difference(before, after)
    if made and not door.asked:
        raise VenvbootError(not_judged(record.dest))
    _refuse_elsewhere(arguments.requirements, record.dest, {*after, *_satisfied_by_distro(stale)})
    changed = replace(record, exceptions=door.exceptions_of(after))
    if changed != record:
        execute.write_record(system, changed)
    findings = (*findings, *targets.rehashed(context, record))
    return Outcome(Status.DONE, findings, data={"changes": json.changes(made)}, trees=(record.dest,))


def _satisfied_by_distro(findings: Sequence[Finding]) -> Collection[str]:
    return {finding.subject for finding in findings}


def _refuse_elsewhere(words: List[str], dest: str, present: Collection[str]) -> None:
    plain = [word for word in words if ";" not in word]  # a marker may rule a requirement out
    missing = [name for name in map(requirement.name, plain) if name and canonical(name) not in present]
    if missing:
        raise VenvbootError(elsewhere(missing, dest))


def _words(arguments: argparse.Namespace, system: System) -> List[str]:
    for word in arguments.requirements:
        if word.startswith("-"):
            raise UsageError(f"{word} is no requirement", "options of pip are set in pip.conf or as PIP_* variables")
    files = list(map(system.lasting, arguments.requirement or []))
    if not arguments.requirements and not files:
        raise UsageError("nothing to install was named", "venvboot install NAME, or -r FILE")
    for named, file in zip(arguments.requirement or [], files):
        if system.exists(named) and not system.is_file(file):
            raise UsageError(f"{named} is no file of requirements", "write them to a file: a folder or pipe is none")
    return [*(word for file in files for word in ("-r", file)), *arguments.requirements]
