"""What the package manager provides to an interpreter: distributions, import roots, commands, and whose each is."""

from __future__ import annotations

import posixpath
from typing import Collection, Dict, Mapping, Sequence, Tuple

from venvboot.facts import owners
from venvboot.facts.distributions import import_roots, parse
from venvboot.facts.owners import conda
from venvboot.facts.owners.paths import COMMANDS, PYTHON_PACKAGES, links, spellings
from venvboot.model import Distribution, OwnedPython, SystemPackage
from venvboot.system import System

SOUGHT = PYTHON_PACKAGES | COMMANDS
FOLDERS = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")


def read(system: System, site_packages: Sequence[str], prefix: str = "") -> OwnedPython:
    """Return what is owned in the folders of one interpreter, and the commands of the distro and of its ``prefix``.

    conda's database is its prefix's own: of any other prefix the distro's databases alone are read.
    """
    told = owners.files_in(system, SOUGHT)
    if prefix and conda.present(system, prefix):
        told = owners.merged([told, conda.files_in(system, prefix, SOUGHT)], no_database=False)
    distributions: Dict[str, Tuple[Distribution, SystemPackage]] = {}
    roots: Dict[str, Tuple[str, SystemPackage]] = {}
    among = links(system)
    folders = {f"{name}/": folder for folder in site_packages for name in spellings(folder, among)}
    by_package = _by_package(told.packages, folders)
    for (folder, package), paths in by_package.items():
        for path in paths:
            distribution = parse(f"{folder}/{path.split('/')[0]}")
            if distribution:
                distributions.setdefault(distribution.name, (distribution, package))
        for root in import_roots(paths):
            roots.setdefault(root, (f"{folder}/{root}", package))
    commands = _commands(told.packages, (*FOLDERS, posixpath.join(prefix, "bin")))
    return OwnedPython(distributions, roots, commands, owners.essential(system), told.doubts, told.no_database)


def _commands(
    files: Mapping[str, SystemPackage], folders: Collection[str]
) -> Mapping[str, Tuple[str, SystemPackage]]:
    commands: Dict[str, Tuple[str, SystemPackage]] = {}
    for path, package in files.items():
        folder, name = posixpath.split(path)
        if folder in folders:
            commands.setdefault(name, (path, package))
    return commands


def _by_package(
    files: Mapping[str, SystemPackage], folders: Mapping[str, str]
) -> Mapping[Tuple[str, SystemPackage], Sequence[str]]:
    grouped: Dict[Tuple[str, SystemPackage], list[str]] = {}
    for path, package in files.items():
        for beginning, folder in folders.items():
            if path.startswith(beginning):
                grouped.setdefault((folder, package), []).append(path[len(beginning) :])
                break
    return grouped
