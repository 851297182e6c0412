"""Which package of the distro owns a file: one module per package manager, all meeting one Protocol.

Choose by database present, never by tool present: Debian's rpm(8) answers for an empty database of its own.
"""

from __future__ import annotations

from typing import Collection, Dict, FrozenSet, Protocol, Sequence, Tuple

from venvboot.facts.owners import apk, distroless, dpkg, pacman, portage, rpm, xbps
from venvboot.facts.owners.paths import Sought
from venvboot.facts.owners.reading import OwnedFiles
from venvboot.model import Owners, Ownership, SystemPackage
from venvboot.system import System


class PackageDatabase(Protocol):
    """A package manager's database, read in one pass whatever the number of paths.

    With plain file access wherever its format allows, so that it works in an unpacked image and without the package
    manager's programs.
    """

    NAME: str

    def present(self, system: System) -> bool:
        """Tell whether the image has this database with something in it, readable or not."""

    def owners_of(self, system: System, paths: Collection[str]) -> Owners:
        """Return the owner of each of ``paths`` that has one, whichever alias of merged-/usr is asked.

        What can't be read, or isn't in the database's format, becomes a doubt and never an exception.
        """

    def files_in(self, system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
        """Return every file of a package that is ``sought``, where it lies.

        With ``digests``, which take longer, those of what the packages installed too.
        """


# Cheapest first; the first that owns a path wins.
DATABASES: Tuple[PackageDatabase, ...] = (dpkg, distroless, apk, pacman, portage, xbps, rpm)


def present(system: System) -> Tuple[PackageDatabase, ...]:
    return tuple(database for database in DATABASES if database.present(system))


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owner of each of ``paths``, and what could not be read of any database of the image."""
    found: dict[str, Ownership] = {}
    doubts: list[str] = []
    databases = present(system)
    for database in databases:
        told = database.owners_of(system, [path for path in paths if path not in found])
        found.update(told.by_path)
        doubts.extend(told.doubts)
    return Owners(found, tuple(doubts), no_database=not databases)


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files of all databases that are ``sought``, and what could not be read of any of them."""
    databases = present(system)
    return merged(
        [database.files_in(system, sought, digests=digests) for database in databases], no_database=not databases
    )


def merged(told: Sequence[OwnedFiles], *, no_database: bool) -> OwnedFiles:
    """Return what all of them tell; the first that has a path owns it."""
    packages: Dict[str, SystemPackage] = {}
    found: Dict[str, Tuple[str, str]] = {}
    for files in told:
        found.update({path: digest for path, digest in files.digests.items() if path not in packages})
        packages = {**files.packages, **packages}
    return OwnedFiles(packages, found, tuple(doubt for files in told for doubt in files.doubts), no_database)


def essential(system: System) -> FrozenSet[str]:
    """Return the names of the packages that the distro can't do without, as its package manager has them marked."""
    return dpkg.essential(system) | rpm.essential(system)
