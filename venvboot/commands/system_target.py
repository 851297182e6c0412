"""An installation into a Python that isn't an environment's: refused, unless exceptions let every part of it in."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from typing import FrozenSet, List, NoReturn, Optional, Sequence, Tuple

from venvboot import system_exceptions, toolchain
from venvboot.apply import execute, pip
from venvboot.commands import Context, targets
from venvboot.commands.front_door import FrontDoor
from venvboot.errors import Refused, Unsupported
from venvboot.facts import exceptions as recorded_exceptions
from venvboot.facts import owned_python, requirements, stdlib, wheels
from venvboot.facts.distributions import installed
from venvboot.model import (
    Allowance,
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
from venvboot.policy import requirement, satisfied, shadow
from venvboot.policy.changes import difference
from venvboot.render import json, text

KIND = "system-target"
_NO_MATCH = re.compile(r"No matching distribution found for (?P<name>[A-Za-z0-9._-]+)(?:==(?P<version>\S+))?$")


def into_system(
    context: Context,
    named: Interpreter,
    words: List[str],
    allowed: Sequence[Allowance],
    arguments: argparse.Namespace,
) -> Outcome:
    """Return what was installed beside the distro's packages by exceptions. Raises Refused without them."""
    system, probe = context.system, named.facts.probe
    if probe is None or not any(one.kind == KIND for one in allowed):
        refuse(context, named, words, allowed, arguments)
    target, owned = _target(context, named, arguments)
    sealed = next((folder for folder in probe.site_packages if system.is_file(folder)), "")
    if sealed:
        raise Refused(_sealed(named, sealed))
    door = FrontDoor(
        system,
        target,
        owned,
        allowed=allowed,
        recorded=recorded_exceptions.recorded(system),
        dry_run=arguments.dry_run,
    )
    before = {name: one.version for name, one in installed(system, probe.site_packages).items()}
    told = pip.install(system, context.report, target, words, targets.cache_folder(arguments, system), door.judge)
    stale = satisfied.findings(told, owned, target)
    door.refuse(*stale)
    after = {name: one.version for name, one in installed(system, probe.site_packages).items()}
    if arguments.dry_run:
        after = {**before, **{item.name: item.version for item in door.incoming}}
    elif door.verdict.used:
        execute.write_system_exceptions(system, system_exceptions.dump(door.exceptions()))
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
    plain = [word for word in words if requirement.name(word)]
    findings: List[Finding] = [shadow.system_target(named, plain, target.dest)]
    if named.facts.probe is None:
        raise Refused(*findings)
    incoming, failure = _incoming(context, named, words, {canonical(name) for name in asked}, target.stdlib)
    if failure:
        findings.append(_not_resolved(named, failure))
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


def _incoming(
    context: Context, named: Interpreter, words: List[str], requested: set[str], modules: FrozenSet[str]
) -> Tuple[Tuple[IncomingDistribution, ...], str]:
    version = named.version or (0, 0, 0)
    by_name = tuple(IncomingDistribution(name, "", requested=True) for name in sorted(requested))
    if named.refusal:
        return by_name, named.refusal.message
    context.report.say(f"looking at what {' '.join(words)} would bring to {named.path}; nothing is written there")
    with context.system.temporary_directory() as folder:
        libraries = toolchain.unpack((version[0], version[1]), folder)
        stage = f"{folder}/stage"
        failure = pip.download(context.system, context.report, named.path, libraries, words, stage)
        if failure:
            lacking = _lacking(failure)
            found = (
                pip.versions(context.system, context.report, named.path, libraries, lacking[0], folder)
                if lacking and lacking[0] in requested
                else ()
            )
            if lacking and found and lacking[1] in ("", *found):
                by_name = tuple(_as_source(one, modules) if one.name == lacking[0] else one for one in by_name)
            return by_name, failure
        return wheels.incoming(context.system, stage, requested), ""


def _as_source(item: IncomingDistribution, modules: FrozenSet[str]) -> IncomingDistribution:
    """What of old times has the name of a module of the library, and no wheel, is that module."""
    module = item.name.replace("-", "_")
    return replace(item, built=True, import_roots=(module,) if module in modules else None)


def _lacking(failure: str) -> Optional[Tuple[str, str]]:
    """Return the name, and the version if one was pinned, that pip's last words say there is no wheel of."""
    match = _NO_MATCH.search(failure)
    return (canonical(match["name"]), match["version"] or "") if match else None


def _not_resolved(named: Interpreter, failure: str) -> Finding:
    return Finding(
        "not-resolved",
        Severity.WARNING,
        named.path,
        "dependencies and modules were not looked at, only the names that were given",
        failure,
        "the refusal holds all the same",
    )


def _sealed(named: Interpreter, path: str) -> Finding:
    return Finding(
        "system-target",
        Severity.ERROR,
        named.path,
        f"nothing can be installed into {named.path}: it is sealed",
        f"{path} is a file in place of the folder that pip would write to",
        "venvboot guard --undo lifts the seal; an environment needs no exception: venvboot init",
    )
