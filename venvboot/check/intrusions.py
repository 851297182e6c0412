"""What an interpreter imports before, or in place of, what the distro's packages brought."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import Collection, FrozenSet, Iterator, Sequence

from venvboot.facts import import_path, intruders, owned_python
from venvboot.facts.distributions import import_roots
from venvboot.facts.stdlib import NO_MODULES
from venvboot.model import (
    Conflict,
    Finding,
    IncomingDistribution,
    InstallTarget,
    Interpreter,
    Isolation,
    OwnedPython,
    Probe,
    Severity,
)
from venvboot.policy import conflicts
from venvboot.system import System

KINDS = ("shadow-dist", "shadow-module", "shadow-stdlib", "startup-hook")


@dataclass(frozen=True)
class _Place:
    """One interpreter, and what packages brought: ``packaged`` are their files and the folders around."""

    system: System
    target: InstallTarget
    owned: OwnedPython
    packaged: FrozenSet[str]

    def against(self, items: Sequence[IncomingDistribution], stands: str) -> Iterator[Conflict]:
        """Give what speaks against ``items`` at the path ``stands``."""
        judged = conflicts.conflicts(items, replace(self.target, site_packages=stands), self.owned)
        yield from (one for one in judged if one.kind in KINDS)

    def of_folder(self, folder: str) -> Iterator[Conflict]:
        """Give what stands in a folder that comes first."""
        items = intruders.standing(self.system, folder)
        yield from self.against(items, folder)
        for item in items:
            if item.name == "pip" and item.version:
                yield Conflict(item.name, item.version, _second_pip(folder, item.version, self.target.python))

    def of_strangers(self, folder: str) -> Iterator[Conflict]:
        """Give what stands among the packages' own files in one of their folders."""
        if folder in self.packaged:
            for item in intruders.within(self.system, folder, self.packaged):
                yield from self.against([item], posixpath.join(folder, item.name))


def found(system: System, interpreter: Interpreter, files: Collection[str], dest: str) -> Iterator[Conflict]:
    """Give the conflicts with what stands there; ``files`` are all that packages brought for any Python.

    ``dest`` is the environment to name as the way out. Modules of a package's own folder that nobody brought are told
    where they stand at the top of it; what is put deeper into a package is not seen.
    """
    probe = interpreter.facts.probe
    if probe is None:
        return
    owned = owned_python.read(system, probe.site_packages, probe.base_prefix)
    target = InstallTarget(
        Isolation.SYSTEM, interpreter.path, dest, probe.version_text, owner=interpreter.origin.owner, there=True
    )
    packages = _Place(system, target, owned, _with_folders(files))
    library = replace(packages, target=replace(target, stdlib=_modules(probe, files), stdlib_folder=probe.stdlib))
    for one in intruders.beside(system, owned):
        yield from packages.against([IncomingDistribution(one.name, one.version, requested=True)], one.location)
    for folder in import_path.before_the_library(system):
        yield from library.of_folder(folder)
    yield from _archive(library, import_path.archive(probe))
    for folder in import_path.library(probe):
        yield from library.of_strangers(folder)
    for folder in import_path.before_the_packages(system, probe, owned):
        yield from packages.of_folder(folder)
    for folder in sorted({posixpath.dirname(one.location) for one, _ in owned.distributions.values()}):
        yield from packages.of_strangers(folder)


def _with_folders(paths: Collection[str]) -> FrozenSet[str]:
    """Not every database lists the folders."""
    found = set(paths)
    for path in paths:
        folder = posixpath.dirname(path)
        while folder not in found and folder != "/":
            found.add(folder)
            folder = posixpath.dirname(folder)
    return frozenset(found)


def _modules(probe: Probe, files: Collection[str]) -> FrozenSet[str]:
    """Return the modules of the standard library as the packages brought it; others may stand among them."""
    names = {
        root
        for folder in import_path.library(probe)
        for root in import_roots(path[len(folder) + 1 :] for path in files if path.startswith(f"{folder}/"))
        if "/" not in root
    }
    return frozenset(names).difference(NO_MODULES)


def _archive(place: _Place, path: str) -> Iterator[Conflict]:
    target = place.target
    if path not in place.packaged and target.stdlib and place.system.status(path) is not None:
        item = IncomingDistribution(posixpath.basename(path), "", requested=True)
        modules = sorted(target.stdlib)
        yield Conflict(item.name, "", conflicts.in_the_stdlib(item, replace(target, site_packages=path), modules))


def _second_pip(folder: str, version: str, python: str) -> Finding:
    return Finding(
        "second-pip",
        Severity.ERROR,
        posixpath.join(folder, "pip"),
        f"{python} has a second pip, {version}, in {folder}",
        "it is not the distro's, and uninstalls files of packages as if they were its own",
        f"{python} -m pip uninstall --break-system-packages pip; or rebuild the image without it",
    )
