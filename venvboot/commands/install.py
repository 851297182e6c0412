"""``install``: unlocked requirements into the environment; refused for any other Python."""

from __future__ import annotations

import argparse
from typing import Collection, List, Sequence, Tuple

from venvboot import options, toolchain
from venvboot.apply import pip
from venvboot.commands import Context, judged, targets
from venvboot.errors import Refused, UsageError, VenvbootError
from venvboot.facts import owned_python, wheels
from venvboot.facts.destination import read_record
from venvboot.facts.distributions import canonical, installed
from venvboot.model import Finding, IncomingDistribution, Interpreter, Outcome, Record, Severity, Status
from venvboot.policy import requirement, shadow
from venvboot.policy.changes import difference
from venvboot.render import json, text


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("requirements", metavar="REQ", nargs="*", help="requirements as pip takes them")
    parser.add_argument("-r", "--requirement", metavar="FILE", action="append", help="requirements from a file")
    options.add_target(parser)
    options.add_cache(parser)
    options.add_dry_run(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what was added, removed and changed. Raises Refused (3) for a Python that isn't an environment's."""
    words = _words(arguments)
    record = target(arguments, context, words)
    cache = targets.cache_folder(arguments, context.system)
    folders = [record.site_packages]
    before = installed(context.system, folders)
    if arguments.dry_run:
        would = pip.would_install(context.system, context.report, record, words, cache)
        old = {name: found.version for name, found in before.items()}
        made = difference(old, {**old, **would})
        return Outcome(Status.DONE, product=text.changes(made), data={"changes": json.changes(made)})
    targets.refuse_outsiders(context.system, record)
    pip.install(context.system, context.report, record, words, cache)
    after = installed(context.system, folders)
    _refuse_elsewhere(words, record.dest, after.keys())
    made = difference(
        {name: found.version for name, found in before.items()},
        {name: found.version for name, found in after.items()},
    )
    return Outcome(Status.DONE, targets.rehashed(context, record), data={"changes": json.changes(made)})


def _refuse_elsewhere(words: List[str], dest: str, present: Collection[str]) -> None:
    plain = [word for word in words if ";" not in word]  # a marker may rule a requirement out
    missing = [name for name in map(requirement.name, plain) if name and canonical(name) not in present]
    if missing:
        raise VenvbootError(elsewhere(missing, dest))


def elsewhere(names: Sequence[str], dest: str) -> Finding:
    """Return the finding for distributions that pip said it installed and that aren't there."""
    return Finding(
        "installed-elsewhere",
        Severity.ERROR,
        ", ".join(names),
        f"pip reported success, but {', '.join(names)} is not in {dest}",
        "a pip.conf sends it elsewhere",
        f"look at `{dest}/bin/pip config debug`",
    )


def target(arguments: argparse.Namespace, context: Context, words: List[str]) -> Record:
    """Return the record of the environment to write into. Raises Refused for another Python, with what it hides."""
    if not arguments.target_python:
        return targets.environment(context.system, targets.destination(arguments, context.system))
    if arguments.venv and arguments.venv != context.system.environ.get("VENVBOOT_VENV"):
        raise UsageError("--venv and --python both name the environment", "give one of them")
    if "/" in arguments.target_python:
        named = judged.at(context.system, arguments.target_python)
    else:
        named, _ = judged.base(context.system, arguments.target_python)
    venv = named.facts.candidate.venv
    if venv and read_record(context.system, venv.prefix):
        return targets.environment(context.system, venv.prefix)
    raise Refused(*_refusals(context, named, words, targets.destination(arguments, context.system)))


def _words(arguments: argparse.Namespace) -> List[str]:
    for word in arguments.requirements:
        if word.startswith("-"):
            raise UsageError(f"{word} is no requirement", "options of pip are set in pip.conf or as PIP_* variables")
    files = [word for file in arguments.requirement or [] for word in ("-r", file)]
    if not arguments.requirements and not files:
        raise UsageError("nothing to install was named", "venvboot install NAME, or -r FILE")
    return [*files, *arguments.requirements]


def _refusals(context: Context, named: Interpreter, words: List[str], dest: str) -> Tuple[Finding, ...]:
    names = [name for name in map(requirement.name, words) if name]
    findings: List[Finding] = [shadow.system_target(named, [word for word in words if requirement.name(word)], dest)]
    probe = named.facts.probe
    if probe is None:
        return tuple(findings)
    owned = owned_python.read(context.system, probe.site_packages)
    incoming, failure = _incoming(context, named, words, {canonical(name) for name in names})
    if failure:
        findings.append(
            Finding(
                "not-resolved",
                Severity.WARNING,
                named.path,
                "dependencies and modules were not looked at, only the names that were given",
                failure,
                "the refusal holds all the same",
            )
        )
    findings.extend(shadow.shadows(incoming, owned, named))
    return tuple(findings)


def _incoming(
    context: Context, named: Interpreter, words: List[str], requested: set[str]
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
            return by_name, failure
        return wheels.incoming(context.system, stage, requested), ""
