"""What the package manager provides to an interpreter: distribution names and import roots, each with its owner."""

from __future__ import annotations

from typing import Dict, Mapping, Sequence, Tuple

from venvboot.facts import owners
from venvboot.facts.distributions import import_roots, parse
from venvboot.facts.owners.paths import links, spellings
from venvboot.model import Distribution, OwnedPython, SystemPackage
from venvboot.system import System


def read(system: System, site_packages: Sequence[str]) -> OwnedPython:
    """Return the owned distributions and import roots in the folders of one interpreter."""
    distributions: Dict[str, Tuple[Distribution, SystemPackage]] = {}
    roots: Dict[str, Tuple[str, SystemPackage]] = {}
    among = links(system)
    folders = {f"{name}/": folder for folder in site_packages for name in spellings(folder, among)}
    by_package = _by_package(owners.python_files(system), folders)
    for (folder, package), paths in by_package.items():
        for path in paths:
            distribution = parse(f"{folder}/{path.split('/')[0]}")
            if distribution:
                distributions.setdefault(distribution.name, (distribution, package))
        for root in import_roots(paths):
            roots.setdefault(root, (f"{folder}/{root}", package))
    return OwnedPython(distributions, roots)


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
