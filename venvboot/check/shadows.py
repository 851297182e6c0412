"""Nothing hides, damages or replaces what the distro's packages brought, but for what is excused on the record."""

from __future__ import annotations

from typing import Iterator, List, Sequence, Tuple

from venvboot import system_exceptions
from venvboot.check import intrusions
from venvboot.facts import damage, exceptions, import_path, owners, settings
from venvboot.facts.owners.paths import PYTHON_TREE
from venvboot.model import (
    Conflict,
    Damage,
    Finding,
    Interpreter,
    Severity,
)
from venvboot.policy import exceptions as policy
from venvboot.system import System

SHOWN = 3


def findings(system: System, interpreters: Sequence[Interpreter], dest: str) -> Tuple[Finding, ...]:
    """Return what is wrong with what stands there and isn't excused, and what would let more of it in.

    ``dest`` is the environment to name as the way out.
    """
    found, doubts = standing(system, interpreters, dest)
    verdict = policy.judge(found, (), exceptions.recorded(system), option="venvboot guard --allow")
    prefixes = tuple(one.facts.probe.base_prefix for one in interpreters if one.facts.probe)
    excused = map(policy.told, verdict.used)
    why = exceptions.problem(system)
    broken = [policy.not_obeyed(system_exceptions.PATH, why, Severity.WARNING)] if why else []
    return (*verdict.findings, *excused, *broken, *_breaking(system, prefixes), *_relative(system), *_doubts(doubts))


def standing(
    system: System, interpreters: Sequence[Interpreter], dest: str
) -> Tuple[Tuple[Conflict, ...], Tuple[str, ...]]:
    """Return what stands before, or in place of, the packages' files of each interpreter that one of them owns.

    What could not be compared is returned beside it.
    """
    found: List[Conflict] = []
    files = owners.files_in(system, PYTHON_TREE).packages  # with digests some databases leave files out
    for interpreter in interpreters:
        found += intrusions.found(system, interpreter, files, dest)
    tree = owners.files_in(system, PYTHON_TREE, digests=True)
    damages, doubts = damage.damaged(system, tree)
    found += map(_damaged, damages)
    return _once(found), doubts


def _once(found: Sequence[Conflict]) -> Tuple[Conflict, ...]:
    """One folder may come before the packages of several interpreters."""
    return tuple({(one.name, one.version, one.kind, one.finding.evidence): one for one in found}.values())


def _damaged(found: Damage) -> Conflict:
    parts = [(found.missing, "missing"), (found.altered, "altered")]
    told = " and ".join(f"{len(paths)} {word}" for paths, word in parts if paths)
    paths = (*found.missing, *found.altered)
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    package = found.package
    repair = {
        "dpkg": f"apt-get install --reinstall {package.package}",
        "rpm": f"dnf reinstall {package.package}",
        "apk": f"apk fix {package.package}",
        "pacman": f"pacman -S {package.package}",
    }.get(package.manager, f"reinstall {package.package} with {package.manager}")
    return Conflict(
        package.package,
        package.version,
        Finding(
            "damaged",
            Severity.ERROR,
            package.package,
            f"files of the package {package.package} are not as it installed them: {told}",
            f"{package} owns {', '.join(paths[:SHOWN])}{more}; what stands there: {found.state}",
            f"{repair}; better: rebuild from a base image in which nothing broke it",
        ),
    )


def _breaking(system: System, prefixes: Tuple[str, ...]) -> Iterator[Finding]:
    for where in settings.breaking(system, prefixes):
        yield Finding(
            "break-system-packages",
            Severity.ERROR,
            where,
            f"{where} lets pip or uv install into the distro's Python",
            "the marker that refuses it is passed over",
            "take it out: an environment needs no such permission",
        )


def _relative(system: System) -> Iterator[Finding]:
    for entry in import_path.of_the_working_directory(system):
        yield Finding(
            "python-path-relative",
            Severity.WARNING,
            "PYTHONPATH",
            "what PYTHONPATH brings can't be told: it depends on the working directory",
            f"it has {entry!r}, and Python imports from there first" if entry else "it has an empty entry",
            "name folders from / on in PYTHONPATH",
        )


def _doubts(doubts: Sequence[str]) -> Iterator[Finding]:
    for doubt in doubts:
        yield Finding(
            "not-compared",
            Severity.WARNING,
            doubt.partition(":")[0],
            "some files of packages were not compared with what the package installed",
            doubt,
            "run check as root, or repair the package database",
        )
