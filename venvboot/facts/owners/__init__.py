"""Which package of the distro owns a file: one module per package manager, all meeting one Protocol.

Choose by database present, never by tool present: Debian's rpm(8) answers for an empty database of its own.
"""

from __future__ import annotations

from typing import Collection, Mapping, Protocol, Tuple

from venvboot.facts.owners import dpkg
from venvboot.model import Ownership, SystemPackage
from venvboot.system import System


class PackageDatabase(Protocol):
    """A package manager's database, read with plain file access in one pass and without its programs."""

    NAME: str

    def present(self, system: System) -> bool:
        """Tell whether the image has this database with something in it."""

    def owners_of(self, system: System, paths: Collection[str]) -> Mapping[str, Ownership]:
        """Return the owner of each of ``paths`` that has one, whichever alias of merged-/usr is asked."""

    def python_files(self, system: System) -> Mapping[str, SystemPackage]:
        """Return every file that packages put below a site-packages or dist-packages folder."""


DATABASES: Tuple[PackageDatabase, ...] = (dpkg,)

# Databases of other package managers, by what they leave in the image. Where one stands, a Python that no
# readable database owns may be theirs: "managed, unknown" is then the safe answer.
UNREAD = (
    ("dpkg (distroless)", "/var/lib/dpkg/status.d"),
    ("rpm", "/var/lib/rpm/rpmdb.sqlite"),
    ("rpm", "/var/lib/rpm/Packages.db"),
    ("rpm", "/var/lib/rpm/Packages"),
    ("rpm", "/usr/lib/sysimage/rpm"),
    ("apk", "/lib/apk/db/installed"),
    ("apk", "/usr/lib/apk/db/installed"),
    ("pacman", "/var/lib/pacman/local"),
    ("portage", "/var/db/pkg"),
    ("xbps", "/var/db/xbps"),
)


def present(system: System) -> Tuple[PackageDatabase, ...]:
    return tuple(database for database in DATABASES if database.present(system))


def unread(system: System) -> Tuple[str, ...]:
    """Return the databases that stand in the image and can't be read yet, as ``rpm (/var/lib/rpm/Packages)``."""
    return tuple(f"{name} ({path})" for name, path in UNREAD if system.exists(path))


def owners_of(system: System, paths: Collection[str]) -> Mapping[str, Ownership]:
    """Return the owner of each of ``paths``; of several databases the first that owns it wins."""
    owners: dict[str, Ownership] = {}
    for database in present(system):
        owners.update(database.owners_of(system, [path for path in paths if path not in owners]))
    return owners


def python_files(system: System) -> Mapping[str, SystemPackage]:
    files: dict[str, SystemPackage] = {}
    for database in reversed(present(system)):
        files.update(database.python_files(system))
    return files
