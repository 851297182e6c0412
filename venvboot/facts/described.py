"""The distributions in an environment as their metadata describes them; nothing of them is imported."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import Dict, List, Optional, Tuple

from venvboot.facts.distributions import libraries
from venvboot.model import Record, canonical
from venvboot.model.sbom import Described
from venvboot.policy import core_metadata
from venvboot.system import System

INFOS = (".dist-info", ".egg-info")
FILE_LIMIT = 1 << 20  # bytes of one file
TOTAL_LIMIT = 64 << 20  # bytes of them all; 150 distributions have 3 MiB
SBOMS_LIMIT = 32 << 20
MOST_SBOMS = 20


def read(system: System, record: Record) -> Tuple[Tuple[Described, ...], Tuple[str, ...]]:
    """Return what is installed, sorted by name, and the metadata folders that describe nothing."""
    found: Dict[Tuple[str, str], Described] = {}
    strange: List[str] = []
    left = TOTAL_LIMIT
    for library in libraries(system, record):
        for name in system.list_directory(library):
            if name.endswith(INFOS):
                path = posixpath.join(library, name)
                text = _metadata(system, path, min(left, FILE_LIMIT))
                left -= len(text)
                one = _described(system, path, text)
                if one:
                    found.setdefault((canonical(one.name), one.version), one)
                else:
                    strange.append(path)
    return tuple(one for _, one in sorted(found.items())), tuple(strange)


def _described(system: System, path: str, text: str) -> Optional[Described]:
    """Return what is described at ``path``; a name that begins with ``~`` is what pip left of a distribution."""
    told = core_metadata.described(core_metadata.headers(text))
    if told is None or posixpath.basename(path).startswith("~"):
        return None
    direct = _text(system, posixpath.join(path, "direct_url.json"), FILE_LIMIT)
    return replace(told, source=core_metadata.source(direct) if direct else None, sboms=_sboms(system, path))


def _metadata(system: System, path: str, limit: int) -> str:
    """Return the text of METADATA, of what setuptools has in its place, or of an .egg-info that is a file itself."""
    for place in (posixpath.join(path, "METADATA"), posixpath.join(path, "PKG-INFO"), path):
        text = _text(system, place, limit)
        if text:
            return text
    return ""


def _text(system: System, path: str, limit: int) -> str:
    return system.read_text(path, limit) or ""


def _sboms(system: System, info: str) -> Tuple[Tuple[str, str], ...]:
    """Return the documents that a distribution brings of its own parts (PEP 770), each with its sha256."""
    folder = posixpath.join(info, "sboms")
    paths = [posixpath.join(folder, name) for name in system.list_directory(folder)[:MOST_SBOMS]]
    digests = [(path, system.digest(path, limit=SBOMS_LIMIT)) for path in paths if path.isprintable()]
    return tuple((path, digest) for path, digest in digests if digest)
