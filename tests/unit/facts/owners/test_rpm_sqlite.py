"""rpm's SQLite database: the write-ahead log, and what another schema or a made-up file could do."""

from __future__ import annotations

import os
import sqlite3
import struct
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, List

import pytest

from tests.unit.facts.owners.rpm_images import FOLDER, package, put, real, sqlite
from venvboot.facts.owners import rpm_sqlite
from venvboot.facts.owners.rpm_header import Header, Unreadable

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PATH = f"{FOLDER}/rpmdb.sqlite"
LIMIT = 1 << 20
NAMES = ["python3", "python3.11", "python312-example", "python3.13", "python36u"]


def names(tree: Tree, limit: int = LIMIT) -> List[str]:
    return [Header.parse(blob).name for blob in rpm_sqlite.headers(tree.system(), PATH, limit)]


def files(tree: Tree) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in tree.host(FOLDER).iterdir()}


def made(tree: Tree, *statements: str) -> None:
    tree.directory(FOLDER)
    with closing(sqlite3.connect(tree.host(PATH))) as database, database:
        for statement in statements:
            database.execute(statement)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def leave_log(tree: Tree, *, checkpoint: bool) -> None:
    """Leave the database as a killed rpm does: a sixth package is in its log, and in the database if checkpointed."""
    put(tree, "rpmdb.sqlite")
    with closing(sqlite3.connect(tree.host(PATH), isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("INSERT INTO Packages (blob) VALUES (?)", [package("new", ["/usr/bin/new"])])
        if checkpoint:
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        left = {path: path.read_bytes() for path in (tree.host(PATH), tree.host(f"{PATH}-wal"))}
    for path, content in left.items():
        path.write_bytes(content)


@pytest.mark.parametrize("checkpoint", [False, True])
def test_what_stands_in_the_write_ahead_log_counts(tree: Tree, temporary: Path, *, checkpoint: bool) -> None:
    leave_log(tree, checkpoint=checkpoint)
    before = files(tree)
    assert len(before["rpmdb.sqlite-wal"]) > 0
    assert names(tree) == [*NAMES, "new"]
    assert files(tree) == before
    assert list(temporary.iterdir()) == []


def test_an_empty_log_needs_no_copy(tree: Tree, temporary: Path) -> None:
    put(tree, "rpmdb.sqlite")
    tree.file(f"{PATH}-wal")
    tree.file(f"{PATH}-shm", bytes(32768))
    temporary.rmdir()
    before = files(tree)
    assert names(tree) == NAMES
    assert files(tree) == before


def test_the_log_of_a_database_behind_a_link_lies_beside_its_target(tree: Tree, temporary: Path) -> None:
    leave_log(tree, checkpoint=False)
    os.rename(tree.host(PATH), tree.host(f"{FOLDER}/other"))
    os.rename(tree.host(f"{PATH}-wal"), tree.host(f"{FOLDER}/other-wal"))
    tree.link(PATH, "other")
    assert names(tree) == [*NAMES, "new"]
    assert list(temporary.iterdir()) == []


def test_a_log_that_cannot_be_copied_makes_the_database_unreadable(tree: Tree, temporary: Path) -> None:
    leave_log(tree, checkpoint=False)
    temporary.rmdir()
    with pytest.raises(Unreadable, match="cannot be written"):
        names(tree)


@pytest.mark.parametrize("log", [b"x", bytes(100_000)])
def test_a_log_that_is_none_changes_nothing(tree: Tree, temporary: Path, log: bytes) -> None:
    put(tree, "rpmdb.sqlite")
    tree.file(f"{PATH}-wal", log)
    assert names(tree) == NAMES
    assert list(temporary.iterdir()) == []


def test_a_pipe_in_the_log_s_place_is_not_waited_for(tree: Tree) -> None:
    put(tree, "rpmdb.sqlite")
    os.mkfifo(tree.host(f"{PATH}-wal"))
    assert names(tree) == NAMES


def test_a_rollback_journal_is_not_played_back(tree: Tree, tmp_path: Path) -> None:
    """It can name a super-journal, which SQLite removes: any file of the machine that reads the image."""
    victim = tmp_path / "victim"
    victim.write_text("x")
    put(tree, "rpmdb.sqlite")
    magic, name = bytes.fromhex("d9d505f920a163d7"), os.fsencode(victim)
    beginning = magic + struct.pack(">5I", 0, 0, len(real("rpmdb.sqlite")) // 4096, 512, 4096)
    end = bytes(4) + name + struct.pack(">2I", len(name), sum(name)) + magic
    tree.file(f"{PATH}-journal", beginning.ljust(512, b"\0") + end)
    with pytest.raises(Unreadable, match="interrupted"):
        names(tree)
    assert victim.exists()
    with closing(sqlite3.connect(tree.host(PATH))) as database:
        database.execute("SELECT count(*) FROM Packages")
    assert not victim.exists()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE Other (hnum INTEGER PRIMARY KEY, blob BLOB)"],
        ["CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, content BLOB)"],
        ["CREATE TABLE Packages (a, blob AS (zeroblob(900000000)))", "INSERT INTO Packages (a) VALUES (1)"],
        ["CREATE VIEW Packages AS SELECT 1 AS hnum, zeroblob(900000000) AS blob"],
        [
            """CREATE VIEW Packages AS WITH RECURSIVE n (blob) AS (SELECT 1 UNION ALL SELECT blob + 1 FROM n)
            SELECT blob FROM n WHERE blob < 0"""
        ],
        ["CREATE VIRTUAL TABLE Packages USING fts4 (blob)"],
        ["CREATE TABLE Packages (blob)", "INSERT INTO Packages VALUES (1)"],
        ["CREATE TABLE Packages (blob)", "INSERT INTO Packages VALUES (NULL)"],
    ],
)
def test_another_schema_is_unreadable_and_evaluates_nothing(tree: Tree, statements: List[str]) -> None:
    made(tree, *statements)
    before = time.monotonic()
    with pytest.raises(Unreadable):
        names(tree)
    assert time.monotonic() - before < 1


@pytest.mark.parametrize("name", [b"\xff\xfe", b"\x1b["])
def test_a_schema_that_sqlite_quotes_in_its_message_is_told_safely(tree: Tree, name: bytes) -> None:
    made(tree, "CREATE TABLE Packages (blob)", "CREATE TABLE xy (a)")
    content = tree.host(PATH).read_bytes()
    assert b"CREATE TABLE xy (a)" in content
    tree.file(PATH, content.replace(b"CREATE TABLE xy (a)", b"CREATE TABLE " + name + b" (a "))
    with pytest.raises(Unreadable) as raised:
        names(tree)
    assert str(raised.value).isprintable()


def test_rows_of_text_are_read_as_their_bytes(tree: Tree) -> None:
    made(tree, "CREATE TABLE Packages (blob TEXT)", "INSERT INTO Packages VALUES (CAST(x'ff00' AS TEXT))")
    assert list(rpm_sqlite.headers(tree.system(), PATH, LIMIT)) == [b"\xff\x00"]


def test_a_tree_of_pages_that_leads_to_one_leaf_again_and_again_ends(tree: Tree) -> None:
    """With 512 bytes a page, five levels of one page each stand for 70**5 rows."""
    size, levels, fanout = 512, 5, 70
    made(
        tree,
        f"PRAGMA page_size = {size}",
        "CREATE TABLE Packages (blob)",
        "INSERT INTO Packages VALUES (x'')",
    )
    content = bytearray(tree.host(PATH).read_bytes())
    root = len(content) // size  # the last page is the table's only one
    pages = [root, *range(root + 1, root + levels + 1)]
    content += content[-size:] * levels
    for page, child in zip(pages, pages[1:]):
        cells = struct.pack(">IB", child, 1) * fanout
        start = size - len(cells)
        head = struct.pack(">BHHHBI", 5, 0, fanout, start, 0, child)
        pointers = struct.pack(f">{fanout}H", *range(start, size, 5))
        interior = head + pointers
        content[(page - 1) * size : page * size] = interior + bytes(start - len(interior)) + cells
    content[28:32] = struct.pack(">I", len(content) // size)
    tree.file(PATH, bytes(content))
    before = time.monotonic()
    with pytest.raises(Unreadable, match="interrupted"):
        list(rpm_sqlite.headers(tree.system(), PATH, LIMIT))
    assert time.monotonic() - before < 10


def test_headers_larger_than_the_file_are_unreadable(tree: Tree) -> None:
    """The pages of one row's content are another's as well."""
    size = 512
    made(
        tree,
        f"PRAGMA page_size = {size}",
        "CREATE TABLE Packages (blob)",
        *["INSERT INTO Packages VALUES (zeroblob(20000))"] * 2,
    )
    content = tree.host(PATH).read_bytes()
    root = 2
    page = bytearray(content[(root - 1) * size : root * size])
    first = struct.unpack(">H", page[8:10])[0]
    page[3:5] = struct.pack(">H", 100)
    page[8:208] = struct.pack(">H", first) * 100
    tree.file(PATH, content[: (root - 1) * size] + bytes(page) + content[root * size :])
    with pytest.raises(Unreadable):
        list(rpm_sqlite.headers(tree.system(), PATH, LIMIT))


def test_a_database_over_the_limit_is_unreadable(tree: Tree) -> None:
    put(tree, "rpmdb.sqlite")
    assert names(tree, len(real("rpmdb.sqlite"))) == NAMES
    with pytest.raises(Unreadable, match="over"):
        names(tree, len(real("rpmdb.sqlite")) - 1)


@pytest.mark.parametrize("name", ["a?mode=rwc&x=#y", "50%41", b"\xff".decode("utf-8", "surrogateescape"), "a b\n"])
def test_any_folder_can_be_an_image_s_root(tree: Tree, name: str) -> None:
    tree.root = tree.root / name
    put(tree, "rpmdb.sqlite")
    assert names(tree) == NAMES


def test_links_are_followed_inside_the_root(tree: Tree) -> None:
    sqlite(tree, package("inside", []))
    os.rename(tree.host(PATH), tree.host("/database"))
    tree.link(PATH, "/database")
    assert names(tree) == ["inside"]


def test_a_python_whose_sqlite3_cannot_be_imported_simulated(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tree, "rpmdb.sqlite")
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with pytest.raises(Unreadable, match="no sqlite3"):
        names(tree)
