"""Reading a database within bounds: what can't be read, and what is too much, becomes a doubt."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING, List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts.owners import reading
from venvboot.facts.owners.paths import COMMANDS
from venvboot.facts.owners.reading import Listed, Reader
from venvboot.model import SystemPackage

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PACKAGE = SystemPackage("x", "package", "1")


def doubts(reader: Reader) -> List[str]:
    return list(reader.owners({}, ()).doubts)


def test_what_is_not_there_is_no_doubt(tree: Tree) -> None:
    reader = Reader(tree.system(), "x")
    assert reader.read("/db/list") == b""
    assert reader.names("/db") == ()
    assert doubts(reader) == []


@pytest.mark.parametrize("kind", ["directory", "pipe", "loop", "dangling link", "too large", "below a file"])
def test_what_stands_there_and_cannot_be_read_is_a_doubt(tree: Tree, kind: str) -> None:
    path = "/db/list"
    if kind == "directory":
        tree.directory(path)
    elif kind == "pipe":
        tree.directory("/db")
        os.mkfifo(tree.host(path))
    elif kind == "loop":
        tree.link(path, "list")
    elif kind == "dangling link":
        tree.link(path, "/nowhere")
    elif kind == "too large":
        tree.file(path, bytes(101))
    else:
        tree.file("/db")
    reader = Reader(tree.system(), "x")
    assert reader.read(path, 100) == b""
    assert len(doubts(reader)) == 1
    assert doubts(reader)[0].startswith("x (/db/list): ")


def test_a_file_of_a_gigabyte_is_never_taken_into_memory(tree: Tree) -> None:
    os.truncate(tree.host(tree.file("/db/list")), 1 << 30)
    reader = Reader(tree.system(), "x")
    tracemalloc.start()
    try:
        assert reader.read("/db/list") == b""
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert doubts(reader) == [f"x (/db/list): over {reading.FILE_LIMIT} bytes"]


def test_all_files_together_are_bounded(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TOTAL_LIMIT", 10)
    reader = Reader(tree.system(), "x")
    for name in "abc":
        tree.file(f"/db/{name}", name * 4)
    assert [reader.read(f"/db/{name}") for name in "abc"] == [b"aaaa", b"bbbb", b""]
    assert doubts(reader) == ["x (/db/c): over 2 bytes"]


def test_a_folder_with_more_names_than_are_read_is_a_doubt(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "NAMES_LIMIT", 2)
    tree.file("/db/a")
    reader = Reader(tree.system(), "x")
    assert reader.names("/db") == ("a",)
    assert doubts(reader) == []
    tree.file("/db/b")
    assert reader.names("/db") == ("a", "b")
    assert doubts(reader) == ["x (/db): 2 entries or more"]


def test_a_file_in_place_of_a_folder_is_a_doubt(tree: Tree) -> None:
    tree.file("/db")
    reader = Reader(tree.system(), "x")
    assert reader.names("/db") == ()
    assert doubts(reader) == ["x (/db): Not a directory"]


def test_ten_doubts_are_enough(tree: Tree) -> None:
    reader = Reader(tree.system(), "x")
    for number in range(1000):
        reader.doubt("/db", str(number))
    assert doubts(reader) == [f"x (/db): {number}" for number in range(10)]


@given(st.lists(st.binary(max_size=6).filter(lambda part: b"\n" not in part)), st.binary(max_size=6))
@example([b"a", b"", b"b"], b"rest")
@example([], b"rest")
@example([], b"")
def test_lines_are_whole_and_a_rest_is_a_doubt(tree: Tree, lines: List[bytes], rest: bytes) -> None:
    rest = rest.replace(b"\n", b"")
    tree.file("/db/list", b"".join(line + b"\n" for line in lines) + rest)
    reader = Reader(tree.system(), "x")
    assert list(reader.lines("/db/list")) == [line + b"\n" for line in lines]
    assert doubts(reader) == (["x (/db/list): ends within a line"] if rest else [])


@given(st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\n\n"]), max_size=12).map(b"".join))
@example(b"\n\n\n")
@example(b"a\n\nb\n")
def test_stanzas_are_what_empty_lines_set_apart(content: bytes) -> None:
    assert [part for part in reading.stanzas(content) if part] == [part for part in content.split(b"\n\n") if part]


def test_who_lists_a_path_first_owns_it_under_every_name_asked(tree: Tree) -> None:
    other = SystemPackage("x", "other", "2")
    found = Reader(tree.system(), "x").owners(
        {b"/usr/bin/a": ("/bin/a", "/usr/bin/a"), b"/b": ("/b",)},
        [Listed(b"/usr/bin/a", PACKAGE, vendor="Maker"), Listed(b"/usr/bin/a", other), Listed(b"/c", other)],
    )
    assert set(found.by_path) == {"/bin/a", "/usr/bin/a"}
    for owner in found.by_path.values():
        assert (owner.package, owner.path, owner.altered, owner.vendor) == (PACKAGE, "/usr/bin/a", False, "Maker")


@pytest.mark.parametrize(
    ("digest", "altered"),
    [
        (None, False),
        (("sha1", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"), False),
        (("sha1", "86f7e437"), False),
        (("sha1", "86f7e438"), True),
        (("md5", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"), True),
    ],
)
def test_altered_is_what_has_another_digest(tree: Tree, digest: tuple[str, str] | None, *, altered: bool) -> None:
    path = tree.file("/usr/bin/a", "a")
    found = Reader(tree.system(), "x").owners({b"/usr/bin/a": (path,)}, [Listed(b"/usr/bin/a", PACKAGE, digest)])
    assert found.by_path[path].altered is altered


def test_what_cannot_be_read_is_not_called_altered(tree: Tree) -> None:
    path = tree.directory("/usr/bin/a")
    listed = [Listed(b"/usr/bin/a", PACKAGE, ("sha1", "00"))]
    assert not Reader(tree.system(), "x").owners({b"/usr/bin/a": (path,)}, listed).by_path[path].altered


def test_anything_but_nothing_and_the_empty_stands(tree: Tree) -> None:
    system = tree.system()
    for path in ("/gone", tree.file("/empty"), tree.directory("/folder"), tree.link("/to-folder", "folder")):
        assert not reading.stands(system, path)
    os.mkfifo(tree.host("/pipe"))
    tree.file("/full/file", "x")
    for path in ("/pipe", "/full", "/full/file", tree.link("/loop", "loop"), tree.link("/dangling", "gone")):
        assert reading.stands(system, path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_what_may_not_be_seen_stands(tree: Tree) -> None:
    tree.directory("/locked", mode=0o700)
    assert not reading.stands(tree.system(), "/locked/gone")
    os.seteuid(12345)
    try:
        assert reading.stands(tree.system(), "/locked/gone")
    finally:
        os.seteuid(0)


def test_a_name_is_printed_whatever_its_bytes_and_within_a_bound() -> None:
    assert reading.text(b"na\xefve") == "na�ve"
    assert len(reading.text(b"x" * (1 << 20))) == reading.PATH_MAX


@given(st.binary(max_size=40) | st.lists(st.sampled_from([b"a", b"bb", b"\n"])).map(b"".join), st.binary(max_size=2))
@example(b"a\n\na", b"")
@example(b"a\n\na", b"\n")
@example(b"xay\nb\nab", b"a")
def test_lines_with_a_word_are_those_that_have_it(content: bytes, word: bytes) -> None:
    found = list(reading.lines_with(content, [word]))
    if word and b"\n" not in word:
        assert found == [line for line in content.split(b"\n") if word in line]
        assert set(reading.lines_with(content, [word, b"b"])) == set(found) | set(reading.lines_with(content, [b"b"]))


def test_a_path_longer_than_any_of_the_file_system_is_left_out(tree: Tree) -> None:
    listed = [Listed(b"/bin/" + b"x" * size, PACKAGE) for size in (1, reading.PATH_MAX)]
    found = Reader(tree.system(), "x").files(COMMANDS, listed, digests=False)
    assert found.packages == {"/bin/x": PACKAGE}
