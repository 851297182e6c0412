"""Look into wheels before anything is written: names, versions and the import roots they would bring."""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import Collection, Iterator, Tuple

from venvboot.facts.distributions import canonical, import_roots
from venvboot.model import IncomingDistribution
from venvboot.system import System

_DATA = re.compile(r"[^/]+\.data/(?:pure|plat)lib/")


def incoming(system: System, folder: str, requested: Collection[str]) -> Tuple[IncomingDistribution, ...]:
    """Return what the wheels in ``folder`` would bring; ``requested`` holds canonical names."""
    names = [name for name in system.list_directory(folder) if name.endswith(".whl")]
    return tuple(_incoming(posixpath.join(folder, name), requested) for name in names)


def _incoming(path: str, requested: Collection[str]) -> IncomingDistribution:
    name, version = posixpath.basename(path).split("-")[:2]
    roots = import_roots(_site_files(path))
    return IncomingDistribution(canonical(name), version, canonical(name) in requested, roots)


def _site_files(path: str) -> Iterator[str]:
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            inside = _DATA.sub("", name, count=1)
            if not inside.endswith("/") and ".data/" not in inside:
                yield inside
