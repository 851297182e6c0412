"""What an installation would bring to a Python that isn't an environment's, learned without running any of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import FrozenSet, Optional, Sequence, Tuple

from venvboot import toolchain
from venvboot.apply import pip, programs
from venvboot.commands import Context
from venvboot.facts import wheels
from venvboot.model import Finding, IncomingDistribution, Interpreter, Severity, canonical
from venvboot.policy.requirement import ANYTHING

_NO_MATCH = re.compile(r"No matching distribution found for (?P<name>[A-Za-z0-9._-]+)(?:==(?P<version>\S+))?$")
_NEEDS_BUILD = re.compile(programs.NEEDS_BUILD, re.MULTILINE)
NAMELESS = "-"

Resolved = Tuple[Tuple[IncomingDistribution, ...], Tuple[Finding, ...]]


def incoming(
    context: Context, named: Interpreter, words: Sequence[str], requested: FrozenSet[str], modules: FrozenSet[str]
) -> Resolved:
    """Return the distributions that ``words`` would bring, and what there is to tell of those that can't be learned.

    Where pip can't resolve without a build, they are those ``requested``, by name alone. ``modules`` are those of the
    library.
    """
    by_name = {name: IncomingDistribution(name, "", requested=True) for name in sorted(requested)}
    if named.refusal:
        return tuple(by_name.values()), (_not_resolved(named, named.refusal.message),)
    context.report.say(f"looking at what {' '.join(words)} would bring to {named.path}; nothing is written there")
    version = named.version or (0, 0, 0)
    with context.system.temporary_directory() as folder:
        libraries = toolchain.unpack((version[0], version[1]), folder)
        stage = f"{folder}/stage"
        failure = pip.download(context.system, context.report, named.path, libraries, words, stage)
        if not failure:
            return wheels.incoming(context.system, stage, requested), ()
        name, version_named = _lacking(failure)
        if name in requested:
            found = pip.versions(context.system, context.report, named.path, libraries, name, folder)
            if found and version_named in ("", *found):
                by_name[name] = _as_source(by_name[name], modules)
    told = source(failure)
    if told and told[0]:
        by_name[told[0]] = _as_source(
            by_name.get(told[0], IncomingDistribution(told[0], "", requested=True)), modules
        )
    nameless = () if told is None or told[0] else (needs_build(told[1]),)
    return tuple(by_name.values()), (*nameless, _not_resolved(named, failure))


def source(output: str) -> Optional[Tuple[str, str]]:
    """Return name and address of what pip said it would have to build; the name is empty if only a build tells it."""
    match = _NEEDS_BUILD.search(output)
    return ("" if match["name"] == NAMELESS else canonical(match["name"]), match["source"]) if match else None


def needs_build(what: str) -> Finding:
    """Return the refusal of what has no name before it is built, so that no exception can be for it."""
    return Finding(
        "needs-build",
        Severity.ERROR,
        what,
        f"{what} comes as source, and building it runs its own code",
        "it was not built: what it is called, and what it needs, is told by its own code",
        "give a wheel of it, built in another stage: pip wheel --no-deps; or its name with it: 'NAME @ ADDRESS'",
    )


def source_refused(name: str, where: str) -> Finding:
    """Return the refusal of what comes as source and wasn't named as one that may be built; ``name`` may be empty."""
    return Finding(
        "needs-build",
        Severity.ERROR,
        name or where,
        f"{name or where} comes as source, and building it runs its own code",
        f"there is no wheel of it that this Python can use: {where}",
        f"choose a version that has a wheel; or let it be built: --build {name or ANYTHING}",
    )


def _as_source(item: IncomingDistribution, modules: FrozenSet[str]) -> IncomingDistribution:
    """What of old times has the name of a module of the library, and no wheel, is that module."""
    module = item.name.replace("-", "_")
    return replace(item, built=True, import_roots=(module,) if module in modules else None)


def _lacking(failure: str) -> Tuple[str, str]:
    """Return the name, and the version if one was pinned, that pip's last words say there is no wheel of."""
    match = _NO_MATCH.search(failure)
    return (canonical(match["name"]), match["version"] or "") if match else ("", "")


def _not_resolved(named: Interpreter, failure: str) -> Finding:
    return Finding(
        "not-resolved",
        Severity.WARNING,
        named.path,
        "dependencies and modules were not looked at, only the names that were given",
        failure,
        "the refusal holds all the same",
    )
