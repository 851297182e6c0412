"""Headers and databases of rpm: real ones, and made-up ones for what no real one holds."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Sequence, Tuple

from venvboot.facts.owners import rpm_header

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

REAL = Path(__file__).parents[3] / "data" / "owners" / "rpm"
FOLDER = "/var/lib/rpm"
FORMS = ("rpmdb.sqlite", "Packages.db", "Packages")

INT8, INT16, INT32, STRING, BINARY, STRINGS = 2, 3, 4, 6, 7, 8
SHA256 = 8

Entry = Tuple[int, int, int, bytes]


def real(form: str) -> bytes:
    return (REAL / form).read_bytes()


def put(tree: Tree, form: str, folder: str = FOLDER) -> str:
    return tree.file(f"{folder}/{form}", real(form))


def text(tag: int, value: str) -> Entry:
    return tag, STRING, 1, value.encode() + b"\0"


def strings(tag: int, values: Sequence[bytes]) -> Entry:
    return tag, STRINGS, len(values), b"".join(value + b"\0" for value in values)


def numbers(tag: int, values: Sequence[int], kind: int = INT32) -> Entry:
    letter = {INT8: "B", INT16: "H", INT32: "I"}[kind]
    return tag, kind, len(values), struct.pack(f">{len(values)}{letter}", *values)


def blob(*entries: Entry) -> bytes:
    """Return a header that says what it holds."""
    index, data = bytearray(), bytearray()
    for tag, kind, count, value in entries:
        index += struct.pack(">4I", tag, kind, len(data), count)
        data += value
    return struct.pack(">2I", len(entries), len(data)) + index + data


def package(name: str, paths: Sequence[str], *more: Entry, version: str = "1", release: str = "1") -> bytes:
    """Return the header of a package with these files; ``more`` replaces what has the same tag."""
    encoded = [path.encode("utf-8", "surrogateescape").rpartition(b"/") for path in paths]
    folders = list(dict.fromkeys(folder + b"/" for folder, _, _ in encoded))
    usual: List[Entry] = [
        text(rpm_header.NAME, name),
        text(rpm_header.VERSION, version),
        text(rpm_header.RELEASE, release),
        numbers(rpm_header.FILE_STATES, [0] * len(paths), INT8),
        strings(rpm_header.FILE_DIGESTS, [b"0" * 64] * len(paths)),
        numbers(rpm_header.DIRECTORY_INDEXES, [folders.index(folder + b"/") for folder, _, _ in encoded]),
        strings(rpm_header.BASENAMES, [basename for _, _, basename in encoded]),
        strings(rpm_header.DIRECTORY_NAMES, folders),
        numbers(rpm_header.FILE_DIGEST_ALGORITHM, [SHA256]),
        # What a real header holds besides: sizes, modes, times, owners.
        (1, BINARY, 50 * len(paths), bytes(50 * len(paths))),
    ]
    replaced = {entry[0] for entry in more}
    return blob(*(entry for entry in usual if entry[0] not in replaced), *more)


def sqlite(tree: Tree, *blobs: Any, form: str = "rpmdb.sqlite") -> str:
    """Write a database of rpm's form with these headers."""
    path = put(tree, form)
    database = sqlite3.connect(tree.host(path))
    with database:
        database.execute("DELETE FROM Packages")
        database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(one,) for one in blobs])
    database.close()
    return path
