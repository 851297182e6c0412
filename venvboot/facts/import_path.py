"""The folders that a Python imports from before it comes to those of the distro's packages.

Which they are depends on who starts it and with which variables; every user's are looked at.
"""

from __future__ import annotations

import posixpath
from typing import Iterator, Tuple

from venvboot.facts.stdlib import DYNAMIC
from venvboot.model import OwnedPython, Probe
from venvboot.system import System

USERS = "/etc/passwd"
USERS_LIMIT = 1 << 20  # bytes
MOST_HOMES = 1000
HOME_FIELD = 5


def before_the_library(system: System) -> Tuple[str, ...]:
    """Return the folders that come before the standard library: those of PYTHONPATH."""
    return tuple(entry for entry in _entries(system) if entry.startswith("/"))


def of_the_working_directory(system: System) -> Tuple[str, ...]:
    """Return the entries of PYTHONPATH that mean another folder in each working directory."""
    return tuple(entry for entry in _entries(system) if not entry.startswith("/"))


def library(probe: Probe) -> Tuple[str, ...]:
    """Return the folders of the standard library, which come before all others."""
    return (probe.stdlib, posixpath.join(probe.stdlib, DYNAMIC))


def archive(probe: Probe) -> str:
    """Return the archive that comes before the standard library wherever there is one ("site", Python's manual)."""
    return posixpath.join(posixpath.dirname(probe.stdlib), "python{}{}.zip".format(*probe.version))


def before_the_packages(system: System, probe: Probe, owned: OwnedPython) -> Tuple[str, ...]:
    """Return the folders that come between the two: user sites, and those of /usr/local."""
    minor = "python{}.{}".format(*probe.version)
    users = [posixpath.join(home, ".local") for home in _homes(system)]
    base = system.environ.get("PYTHONUSERBASE", "")
    users += [base] if base.startswith("/") else []
    places = {posixpath.dirname(distribution.location) for distribution, _ in owned.distributions.values()}
    local = (folder for folder in probe.site_packages if folder not in places and folder.startswith("/usr/local/"))
    return tuple(dict.fromkeys((*(f"{user}/lib/{minor}/site-packages" for user in users), *local)))


def _entries(system: System) -> Tuple[str, ...]:
    value = system.environ.get("PYTHONPATH", "")
    return tuple(value.split(":")) if value else ()


def _homes(system: System) -> Tuple[str, ...]:
    homes = (system.environ.get("HOME", ""), "/root", *_recorded_homes(system), *system.glob("/home/*"))
    return tuple(dict.fromkeys(posixpath.normpath(home) for home in homes if home.startswith("/")))


def _recorded_homes(system: System) -> Iterator[str]:
    lines = (system.read_text(USERS, USERS_LIMIT) or "").splitlines()[:MOST_HOMES]
    yield from (fields[HOME_FIELD] for fields in (line.split(":") for line in lines) if len(fields) > HOME_FIELD)
