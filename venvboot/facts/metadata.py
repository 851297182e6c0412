"""Metadata in an environment that can't be read to its end: pip and pip-tools would wait for a pipe, or a device.

Any member of the group can put it there.
"""

from __future__ import annotations

import posixpath
import stat
from typing import Iterable, Iterator, Optional, Tuple

from venvboot.policy.amounts import amount
from venvboot.system import System

MOST = 64 << 20  # bytes
LINK_LIMIT = 1 << 16  # bytes
_LINK = ".egg-link"
_METADATA = (".dist-info", ".egg-info", ".egg", _LINK)
_OF_EGG = "EGG-INFO"


def unreadable(system: System, libraries: Iterable[str]) -> Optional[Tuple[str, str]]:
    """Return the path of such a file in folders of site-packages, and what it is; None where there is none."""
    for path in (path for library in libraries for path in _looked_into(system, library)):
        info = system.status(path)
        if info and stat.S_ISLNK(info.st_mode):
            info = system.status(system.realpath(path))
        if info is None or stat.S_ISDIR(info.st_mode):
            continue
        if not stat.S_ISREG(info.st_mode):
            return path, "it is a pipe, a socket or a device, which can't be read to its end"
        if info.st_size > MOST:
            return path, f"it has {amount(info.st_size)}, and no metadata has more than {amount(MOST)}"
    return None


def _looked_into(system: System, folder: str, *, through_links: bool = True) -> Iterator[str]:
    for name in system.list_directory(folder):
        if not name.endswith(_METADATA):
            continue
        path = posixpath.join(folder, name)
        yield path
        for inner in (path, posixpath.join(path, _OF_EGG)):
            yield from (posixpath.join(inner, file) for file in system.list_directory(inner))
        if name.endswith(_LINK) and through_links:
            target = _target(system, path)
            yield target
            yield from _looked_into(system, target, through_links=False)


def _target(system: System, link: str) -> str:
    """Return the folder that setuptools has noted for a project that is installed where it lies."""
    lines = (system.read_text(link, LINK_LIMIT) or "").split("\n")
    return posixpath.join(posixpath.dirname(link), next((line.strip() for line in lines if line.strip()), ""))
