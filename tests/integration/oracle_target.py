"""Tell all that has to be the same in two environments at one place, as a JSON object: lines by their subject.

Run by the environment's Python, isolated and without writing bytecode: ``python -IB oracle_target.py DEST``. A
subject is a file (by its path from DEST on) or a distribution, as importlib.metadata finds it.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import importlib.util
import json
import marshal
import os
import stat
import struct
import sys
from types import CodeType
from typing import Any, Iterator

OWN = "venvboot.json"
NO_REFERENCES = 2  # the last version of the format that writes no references, which depend on what else is alive
ARE_SETS_SORTED = sys.version_info >= (3, 11)  # by marshal


def files(dest: str) -> Iterator[tuple[str, list[str]]]:
    """Give each file, folder and link with its mode and what is in it."""
    for folder, folders, names in os.walk(dest):
        for name in [*folders, *names]:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            yield os.path.relpath(path, dest), [*_state(info), *content(path, info, dest)]


def content(path: str, info: os.stat_result, dest: str) -> Iterator[str]:
    """Give lines that are equal for equal content: one for each row of a RECORD, a digest for most."""
    if stat.S_ISLNK(info.st_mode):
        yield f"to {os.readlink(path)}"
    elif stat.S_ISREG(info.st_mode):
        inside = path[len(dest) + 1 :]
        if _is_metadata(inside, "RECORD"):
            yield from (f"row {json.dumps(row, ensure_ascii=False)}" for row in rows(path))
        elif _is_metadata(inside, "INSTALLER"):
            with open(path, encoding="utf-8") as file:
                yield "known" if file.read().strip() in ("pip", "venvboot") else "unknown"
        elif inside != OWN:
            with open(path, "rb") as binary:
                data = binary.read()
            yield from bytecode(path, data) if _is_ours(data) else [f"{len(data)} bytes {_digest(data)}"]


def bytecode(path: str, data: bytes) -> Iterator[str]:
    """Give the code, for which path it was compiled, the form of the header, and whether that fits the source."""
    flags, moment, size = struct.unpack("<III", data[4:16])
    cache, name = os.path.split(path)
    source = os.path.join(os.path.dirname(cache), name.replace(f".{sys.implementation.cache_tag}.pyc", ".py"))
    code = marshal.loads(data[16:])
    yield f"flags {flags}"
    yield f"compiled as {code.co_filename}"
    yield f"code {_digest(marshal.dumps(steady(code, os.path.normpath(code.co_filename)), NO_REFERENCES))}"
    try:
        info = os.stat(source)
    except FileNotFoundError:
        yield "no source"
    else:
        fits = (moment, size) == (int(info.st_mtime) & 0xFFFFFFFF, info.st_size & 0xFFFFFFFF)
        yield "of its source" if fits else "of another source"


def steady(code: CodeType, path: str) -> CodeType:
    """Return what is equal for equal code: as if it were compiled for ``path``, and with its sets in one order."""
    if path == code.co_filename and ARE_SETS_SORTED:
        return code
    constants = tuple(
        steady(one, path)
        if isinstance(one, CodeType)
        else ("frozenset", *sorted(map(repr, one)))
        if isinstance(one, frozenset)
        else one
        for one in code.co_consts
    )
    return code.replace(co_filename=path, co_consts=constants)


def rows(path: str) -> Iterator[list[str]]:
    """Give the rows of a RECORD; the digest of INSTALLER, where it is right, is that of any."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if row and _is_metadata(row[0], "INSTALLER"):
                with open(os.path.join(os.path.dirname(path), "INSTALLER"), "rb") as installer:
                    data = installer.read()
                row[1:] = ["right" if row[1:] == [f"sha256={_base64(data)}", str(len(data))] else "wrong"]
            yield row


def distributions() -> Iterator[tuple[str, list[str]]]:
    """Give what importlib.metadata says of each."""
    for found in importlib.metadata.distributions():
        yield (
            f"distribution {found.metadata['Name']}",
            [
                f"version {found.version}",
                *(f"needs {needed}" for needed in found.requires or ()),
                *(f"entry point {entry.group}: {entry.name} = {entry.value}" for entry in found.entry_points),
                *(f"file {file}, {_hash(file)}" for file in found.files or ()),
            ],
        )


def _state(info: os.stat_result) -> list[str]:
    kinds = {stat.S_IFDIR: "folder", stat.S_IFREG: "file", stat.S_IFLNK: "link"}
    kind = kinds.get(stat.S_IFMT(info.st_mode), "special")
    state = [kind] if kind == "link" else [kind, f"mode {stat.S_IMODE(info.st_mode):04o} of {info.st_gid}"]
    return [*state, "shared with the cache"] if kind == "file" and info.st_nlink != 1 else state


def _is_metadata(path: str, name: str) -> bool:
    folder, file = os.path.split(path)
    return file == name and folder.endswith(".dist-info")


def _is_ours(data: bytes) -> bool:
    return len(data) >= 16 and data.startswith(importlib.util.MAGIC_NUMBER)


def _hash(file: Any) -> str:
    if file.hash is None or file.name == "INSTALLER":
        return "-"
    return f"{file.hash.mode}={file.hash.value} {file.size}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


dest = os.path.abspath(sys.argv[1])
json.dump({**dict(files(dest)), **dict(distributions())}, sys.stdout)
