"""Environments as a whole: what is there, byte for byte, and what importlib.metadata makes of it."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import stat
from importlib import metadata
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Set

from tests.integration.tool import site

STAGE = ".venvboot-sync"
PYC_HEADER = 16  # bytes: it has the time of the source


class Entry(NamedTuple):
    mode: int
    group: int
    content: str


Tree = Dict[str, Entry]


def tree(folder: Path) -> Tree:
    """Return all that is in ``folder``: type and mode, group, and digest or target; bytecode without its header."""
    return {str(path.relative_to(folder)): _entry(path) for path in _below(folder)}


def difference(one: Tree, other: Tree) -> List[str]:
    """Return the paths that are in one alone or not the same, for a message that can be read."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def exact(folder: Path) -> Dict[str, object]:
    """Return the same with the bytes themselves and the time of each; of the folder too, but for its time."""
    info = folder.lstat()
    found: Dict[str, object] = {"": (info.st_mode, info.st_uid, info.st_gid)}
    for path in _below(folder):
        info = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(info.st_mode) else b""
        found[str(path.relative_to(folder))] = (info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, content)
    return found


def installed(venv: Path) -> Dict[str, str]:
    """Return name and version of each distribution but pip, as importlib.metadata tells them."""
    found = [(one.metadata["Name"], one.version) for one in metadata.distributions(path=[str(site(venv))])]
    assert len(found) == len(dict(found)), f"one is there twice: {found}"
    return {name: version for name, version in found if name != "pip"}


def faults(venv: Path, own: Set[str]) -> List[str]:
    """Return what contradicts the RECORDs: files that are gone or changed, files of nobody, and empty folders.

    ``own`` are the paths of the environment as it was made, with its pip.
    """
    library = site(venv)
    found, owned = [], set(own)
    records = (path for path in library.glob("*.dist-info/RECORD") if str(path.relative_to(venv)) not in own)
    for record in records:
        with record.open(newline="") as file:
            for name, digest, size in csv.reader(file):
                path = Path(os.path.normpath(library / name))
                owned.add(str(path.relative_to(venv)))
                if not path.is_file():
                    found.append(f"{name} of {record.parent.name} is gone")
                elif digest and (digest, size) != _recorded(path):
                    found.append(f"{name} of {record.parent.name} is another")
    files = (path for path in _below(venv) if not path.is_dir() or path.is_symlink())
    empty = (path for path in _below(venv) if path.is_dir() and not path.is_symlink() and not any(path.iterdir()))
    names = [str(path.relative_to(venv)) for path in (*files, *empty)]
    return found + [f"{name} is nobody's" for name in names if name not in owned]


def holding(folder: Path, text: bytes) -> List[str]:
    """Return the files with ``text`` in their bytes or their name."""
    files = (path for path in _below(folder) if path.is_symlink() or not path.is_dir())
    return [
        str(path)
        for path in files
        if text in str(path.relative_to(folder)).encode()
        or text in (os.readlink(path).encode() if path.is_symlink() else path.read_bytes())
    ]


def _recorded(path: Path) -> tuple[str, str]:
    content = path.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={digest}", str(len(content))


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        yield from (Path(place, name) for name in (*folders, *files))


def _entry(path: Path) -> Entry:
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(info.st_mode):
        data = path.read_bytes()
        content = hashlib.sha256(data[PYC_HEADER:] if path.suffix == ".pyc" else data).hexdigest()
    else:
        content = ""
    return Entry(info.st_mode, info.st_gid, content)
