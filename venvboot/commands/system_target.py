"""An installation into a Python that isn't an environment's: refused, unless exceptions let every part of it in."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import List, NoReturn, Sequence, Tuple

from venvboot import system_exceptions
from venvboot.apply import execute, pip
from venvboot.commands import Context, resolved, targets
from venvboot.commands.front_door import FrontDoor, elsewhere
from venvboot.errors import Refused, ToolFailed, Unsupported, VenvbootError
from venvboot.facts import exceptions as recorded_exceptions
from venvboot.facts import owned_python, requirements, stdlib
from venvboot.facts.distributions import installed
from venvboot.model import (
    Allowance,
    Arrival,
    Finding,
    IncomingDistribution,
    InstallTarget,
    Interpreter,
    Isolation,
    Outcome,
    OwnedPython,
    Severity,
    Status,
    canonical,
)
from venvboot.policy import exceptions, guard_seal, satisfied, shadow
from venvboot.policy.changes import difference
from venvboot.policy.pylock import is_pylock
from venvboot.render import json, text

KIND, BUILD = "system-target", "needs-build"


def into_system(
    context: Context,
    named: Interpreter,
    words: List[str],
    allowed: Sequence[Allowance],
    arguments: argparse.Namespace,
) -> Outcome:
    """Return what was installed beside the distro's packages by exceptions. Raises Refused without them.

    An exception is on record before what it lets in is written; where that can't be, nothing is. A build is run only
    where this very run allows it by name: it would be judged when its code had run.
    """
    system, probe = context.system, named.facts.probe
    if probe is None or not any(one.kind == KIND for one in allowed):
        refuse(context, named, words, allowed, arguments)
    target, owned = _target(context, named, arguments)
    sealed = next((folder for folder in probe.site_packages if system.is_file(folder)), "")
    if sealed:
        raise Refused(_sealed(named, sealed))
    why = recorded_exceptions.problem(system)
    if why:
        raise Refused(exceptions.not_obeyed(system_exceptions.PATH, why, Severity.ERROR))
    recorded = recorded_exceptions.recorded(system)
    door = FrontDoor(system, target, owned, allowed=allowed, recorded=recorded, dry_run=arguments.dry_run)

    def judge(arrival: Arrival) -> bool:
        go = door.judge(arrival)
        if go and {*door.exceptions()} != {*recorded}:
            execute.write_system_exceptions(system, system_exceptions.dump(door.exceptions()))
        return go

    folders = (
        *probe.site_packages,
        *guard_seal.places(named),
    )  # Fedora's pip installs where an isolated start doesn't look
    before = {name: one.version for name, one in installed(system, folders).items()}
    cache = targets.cache_folder(arguments, system)
    builds = {one.name for one in allowed if one.kind == BUILD}
    try:
        told = pip.install(system, context.report, target, words, cache, judge, builds=builds)
    except ToolFailed as error:
        raise _unbuilt(error, door, target) from error
    stale = satisfied.findings(told, owned, target)
    door.refuse(*stale)
    after = {name: one.version for name, one in installed(system, folders).items()}
    if arguments.dry_run:
        after = {**before, **{item.name: item.version for item in door.incoming}}
    missing = [item.name for item in door.incoming if item.name not in after]
    if missing:
        raise VenvbootError(elsewhere(missing, target.site_packages, target.python))
    made = difference(before, after)
    product = text.changes(made) if arguments.dry_run else ""
    return Outcome(Status.DONE, (*door.findings(), *stale), product, {"changes": json.changes(made)})


def refuse(
    context: Context,
    named: Interpreter,
    words: List[str],
    allowed: Sequence[Allowance],
    arguments: argparse.Namespace,
) -> NoReturn:
    """Raise Refused with all that speaks against it: nothing of the interpreter's own is run but itself."""
    target, owned = _target(context, named, arguments)
    asked = [name for name, _ in requirements.asked(context.system, words)]
    findings: List[Finding] = [shadow.system_target(named, arguments.verb, words, target.dest)]
    if named.facts.probe is None or any(map(is_pylock, words)):  # which only an environment's Python is asked to read
        raise Refused(*findings)
    requested = frozenset(canonical(name) for name in asked)
    incoming, told = resolved.incoming(context, named, words, requested, target.stdlib)
    findings += told
    door = FrontDoor(context.system, replace(target, owner=None), owned, allowed=allowed)
    try:
        door.judge_all(incoming, target)
    except Unsupported as error:
        raise Refused(*findings, *error.findings) from None
    findings += [finding for finding in door.verdict.findings if finding.code != KIND]
    findings += [
        satisfied.stale(word, owned, target) for word in dict.fromkeys(asked) if _is_satisfied(word, words, owned)
    ]
    raise Refused(*findings)


def _is_satisfied(name: str, words: Sequence[str], owned: OwnedPython) -> bool:
    """Tell whether pip would be content with the distro's: any version was asked for."""
    return name in words and canonical(name) in owned.distributions


def _target(context: Context, named: Interpreter, arguments: argparse.Namespace) -> Tuple[InstallTarget, OwnedPython]:
    system, probe = context.system, named.facts.probe
    folders = probe.site_packages if probe else ()
    target = InstallTarget(
        Isolation.SYSTEM,
        named.path,
        targets.destination(arguments, system),
        ".".join(map(str, named.version or (0, 0, 0))),
        folders[0] if folders else "",
        stdlib.listed(system, probe.stdlib) if probe else frozenset(),
        probe.stdlib if probe else "",
        named.origin.owner,
        named.origin.label,
    )
    return target, owned_python.read(system, folders, probe.base_prefix if probe else "")


def _unbuilt(error: ToolFailed, door: FrontDoor, target: InstallTarget) -> VenvbootError:
    """Return the refusal that a failure comes to if pip would have had to build something, else the failure."""
    told = resolved.source(error.output)
    if told is None:
        return error
    name, address = told
    if not name:
        return Refused(resolved.needs_build(address))
    door.judge_all((IncomingDistribution(name, "", requested=True, built=True),), target)
    return Refused(*door.verdict.findings) if door.verdict.refused else error


def _sealed(named: Interpreter, path: str) -> Finding:
    return Finding(
        "system-target",
        Severity.ERROR,
        named.path,
        f"nothing can be installed into {named.path}: it is sealed",
        f"{path} is a file in place of the folder that pip would write to",
        "venvboot guard --undo lifts the seal; an environment needs no exception: venvboot init",
    )
