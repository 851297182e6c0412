"""What of the distro's Python is damaged: owned files that are gone, or whose content isn't the package's."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from typing import Dict, List, Mapping, Sequence, Tuple

from venvboot.facts.owners import dpkg_filters
from venvboot.facts.owners.reading import OwnedFiles
from venvboot.model import Damage, SystemPackage
from venvboot.policy import marker
from venvboot.system import System

MOST_DIGESTED = 8 << 30  # bytes of all files together; the modules of a distro take some hundred MiB

STATE = 16  # characters of a digest

# Python makes it again, and images leave it out.
BYTECODE = (".pyc", ".pyo")
CACHE = "/__pycache__"

# Whoever guards a Python writes a text of their own, venvboot among them where it can't divert the file; and what an
# image's author had written is diverted with it.
MARKERS = (marker.NAME, posixpath.basename(marker.diversion_of(marker.NAME).diverted_to))


def damaged(system: System, told: OwnedFiles) -> Tuple[Tuple[Damage, ...], Tuple[str, ...]]:
    """Return the damage to Python's owned files, sorted by package and path, and the doubts.

    ``told`` has the files with their digests. A link and a folder of a package can be missing and not altered; in
    place of a file they alter it. What this user can't read is a doubt. Left out, as dpkg's configuration has it, is
    not missing.
    """
    left_out = dpkg_filters.read(system)
    missing: Dict[SystemPackage, List[str]] = {}
    altered: Dict[SystemPackage, Dict[str, str]] = {}
    unread: List[str] = []
    # dpkg and rpm list folders like files; what is gone of them is told by the files.
    folders = {posixpath.dirname(path) for path in told.packages}
    left = MOST_DIGESTED
    for path in sorted(told.packages.keys() - folders):
        if path.endswith((*BYTECODE, CACHE)) or f"{CACHE}/" in path:
            continue
        package = told.packages[path]
        info = system.status(path)
        if info is None:
            if not system.is_absent(path):
                unread.append(path)
            elif not (package.manager == dpkg_filters.NAME and left_out(path)):
                missing.setdefault(package, []).append(path)
        elif path not in told.digests or posixpath.basename(path) in MARKERS:
            continue
        elif not stat.S_ISREG(info.st_mode):
            altered.setdefault(package, {})[path] = "no file"
        else:
            algorithm, digest = told.digests[path]
            left -= info.st_size
            actual = system.digest(path, algorithm) if left >= 0 else None
            if actual is None:
                unread.append(path)
            elif not actual.startswith(digest):
                altered.setdefault(package, {})[path] = actual
    packages = sorted(
        missing.keys() | altered.keys(), key=lambda package: (package.manager, package.package, str(package))
    )
    damage = (_damage(each, missing.get(each, ()), altered.get(each, {})) for each in packages)
    return tuple(damage), (*told.doubts, *_doubts(unread))


def _damage(package: SystemPackage, missing: Sequence[str], altered: Mapping[str, str]) -> Damage:
    state = hashlib.sha256(repr((sorted(missing), sorted(altered.items()))).encode("utf-8", "surrogateescape"))
    return Damage(package, tuple(missing), tuple(altered), state.hexdigest()[:STATE])


def _doubts(unread: List[str]) -> Tuple[str, ...]:
    return (f"{len(unread)} files of packages can't be compared, the first {unread[0]}",) if unread else ()
