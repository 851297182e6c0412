"""Nothing hides, damages or replaces what the distro's packages brought, but for what is excused on the record."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import Iterator, List, Sequence, Tuple

from venvboot.facts import damage, exceptions, intruders, owned_python, settings
from venvboot.model import (
    Conflict,
    Damage,
    Finding,
    IncomingDistribution,
    InstallTarget,
    Interpreter,
    Isolation,
    OwnedPython,
    Severity,
)
from venvboot.policy import conflicts
from venvboot.policy import exceptions as policy
from venvboot.system import System

KINDS = ("shadow-dist", "shadow-module", "startup-hook")
SHOWN = 3


def findings(system: System, interpreters: Sequence[Interpreter], dest: str) -> Tuple[Finding, ...]:
    """Return what is wrong with what stands there and isn't excused, and what would let more of it in.

    ``dest`` is the environment to name as the way out.
    """
    found, doubts = standing(system, interpreters, dest)
    verdict = policy.judge(found, (), exceptions.recorded(system), option="venvboot guard --allow")
    prefixes = tuple(one.facts.probe.base_prefix for one in interpreters if one.facts.probe)
    return (*verdict.findings, *_breaking(system, prefixes), *_doubts(doubts))


def standing(
    system: System, interpreters: Sequence[Interpreter], dest: str
) -> Tuple[Tuple[Conflict, ...], Tuple[str, ...]]:
    """Return what stands before, or in place of, the packages' files of each interpreter that one of them owns.

    What could not be compared is returned beside it.
    """
    found: List[Conflict] = []
    for interpreter in interpreters:
        found += _before(system, interpreter, dest)
    damages, doubts = damage.damaged(system)
    found += map(_damaged, damages)
    return _once(found), doubts


def _once(found: Sequence[Conflict]) -> Tuple[Conflict, ...]:
    """One folder may come before the packages of several interpreters."""
    return tuple({(one.name, one.version, one.kind, one.finding.evidence): one for one in found}.values())


def _before(system: System, interpreter: Interpreter, dest: str) -> Iterator[Conflict]:
    probe = interpreter.facts.probe
    if probe is None:
        return
    owned = owned_python.read(system, probe.site_packages, probe.base_prefix)
    target = InstallTarget(
        Isolation.SYSTEM, interpreter.path, dest, probe.version_text, owner=interpreter.origin.owner, there=True
    )
    for one in intruders.beside(system, owned):
        item = IncomingDistribution(one.name, one.version, requested=True)
        yield from _of_kind(conflicts.conflicts([item], replace(target, site_packages=one.location), owned))
    for folder in _folders(system, interpreter, owned):
        items = intruders.standing(system, folder)
        yield from _of_kind(conflicts.conflicts(items, replace(target, site_packages=folder), owned))
        for item in items:
            if item.name == "pip" and item.version:
                yield Conflict(item.name, item.version, _second_pip(folder, item.version, interpreter))


def _of_kind(found: Sequence[Conflict]) -> Iterator[Conflict]:
    yield from (one for one in found if one.kind in KINDS)


def _folders(system: System, interpreter: Interpreter, owned: OwnedPython) -> Iterator[str]:
    """Give what comes before the packages' folders on the path: PYTHONPATH, user sites, /usr/local."""
    probe = interpreter.facts.probe
    assert probe  # noqa: S101  # the caller looked
    yield from (entry for entry in system.environ.get("PYTHONPATH", "").split(":") if entry.startswith("/"))
    minor = "python{}.{}".format(*probe.version)
    homes = (system.environ.get("HOME", ""), "/root", *system.glob("/home/*"))
    for home in dict.fromkeys(home for home in homes if home.startswith("/")):
        yield posixpath.join(home, ".local/lib", minor, "site-packages")
    places = {posixpath.dirname(distribution.location) for distribution, _ in owned.distributions.values()}
    yield from (folder for folder in probe.site_packages if folder not in places and folder.startswith("/usr/local/"))


def _second_pip(folder: str, version: str, interpreter: Interpreter) -> Finding:
    return Finding(
        "second-pip",
        Severity.ERROR,
        posixpath.join(folder, "pip"),
        f"{interpreter.path} has a second pip, {version}, in {folder}",
        "it is not the distro's, and uninstalls files of packages as if they were its own",
        f"{interpreter.path} -m pip uninstall --break-system-packages pip; or rebuild the image without it",
    )


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
            f"{package} owns {', '.join(paths[:SHOWN])}{more}",
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
