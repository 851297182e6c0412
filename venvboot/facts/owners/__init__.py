"""Which package of the distro owns a file: one module per package manager, all meeting one Protocol.

Choose by database present, never by tool present: Debian's rpm(8) answers for an empty database of its own.
"""

from __future__ import annotations

from typing import Collection, Mapping, Protocol, Tuple

from venvboot.facts.owners import apk, distroless, dpkg, pacman, portage, rpm, xbps
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

    def python_files(self, system: System) -> Mapping[str, SystemPackage]:
        """Return every file that packages put below a site-packages or dist-packages folder."""


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


def python_files(system: System) -> Mapping[str, SystemPackage]:
    files: dict[str, SystemPackage] = {}
    for database in reversed(present(system)):
        files.update(database.python_files(system))
    return files
