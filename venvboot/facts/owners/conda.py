"""conda's database, one in each prefix: a ``conda-meta/NAME-VERSION-BUILD.json`` for each package (PrefixRecord).

``files`` are relative to the prefix. ``paths_data`` has a digest of each, ``sha256_in_prefix`` where conda wrote the
prefix into the file and ``sha256`` otherwise.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import Any, Iterator, Mapping, Tuple

from venvboot.facts.owners.paths import Sought
from venvboot.facts.owners.reading import Listed, OwnedFiles, Reader, text
from venvboot.model import SystemPackage
from venvboot.system import System

NAME = "conda"
FOLDER = "conda-meta"
SUFFIX = ".json"

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def present(system: System, prefix: str) -> bool:
    return any(name.endswith(SUFFIX) for name in system.list_directory(posixpath.join(prefix, FOLDER)))


def files_in(system: System, prefix: str, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that would be ``sought`` if ``prefix`` were the root, under their whole paths."""
    reader = Reader(system, NAME)
    listed = _listed(reader, posixpath.join(prefix, FOLDER), digests=digests)
    return reader.files(sought, listed, digests=digests, below=prefix.rstrip("/"))


def _listed(reader: Reader, folder: str, *, digests: bool) -> Iterator[Listed]:
    for record in reader.names(folder):
        if record.endswith(SUFFIX):
            told = _record(reader, f"{folder}/{record}")
            package = SystemPackage(NAME, _word(told.get("name")), _word(told.get("version")))
            known = _digests(told) if digests else {}
            for name in _list(told.get("files")):
                if isinstance(name, str):
                    yield Listed(b"/" + _bytes(name), package, known.get(name))


def _record(reader: Reader, path: str) -> Mapping[str, Any]:
    """Return a package's record; one that isn't an object with a list of files is a doubt."""
    content = reader.read(path)
    try:
        # No number is wanted, and one of some megabytes can keep int() busy for hours.
        told = json.loads(content, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, dict) and isinstance(told.get("files"), list):
        return told
    reader.doubt(path, "no record of a package's files")
    return {}


def _digests(told: Mapping[str, Any]) -> Mapping[str, Tuple[str, str]]:
    data = told.get("paths_data")
    entries = [
        entry for entry in _list(data.get("paths") if isinstance(data, dict) else None) if isinstance(entry, dict)
    ]
    words = [(entry.get("_path"), entry.get("sha256_in_prefix") or entry.get("sha256")) for entry in entries]
    return {
        path: ("sha256", digest)
        for path, digest in words
        if isinstance(path, str) and isinstance(digest, str) and _SHA256.match(digest)
    }


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(value: object) -> str:
    return text(_bytes(value)) if isinstance(value, str) else ""


def _bytes(string: str) -> bytes:
    return string.encode("utf-8", "replace")  # JSON can hold halves of characters
