"""RECORD as what was installed, whoever wrote it."""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING, List, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import installed_files
from venvboot.facts.installed_files import Recorded

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"
SITE = f"{DEST}/lib/python3.11/site-packages"
TAG = "cpython-311"

steps = st.sampled_from(["a", "b.py", "..", ".", "", "é", "x,y", '"', "opt", "venv", "pkg-1.0.dist-info", " ", "\\"])
paths = st.lists(steps, min_size=1, max_size=9).map("/".join)


def told(content: str | bytes) -> List[str]:
    data = content if isinstance(content, bytes) else content.encode()
    found = Recorded("pkg-1.0.dist-info", SITE, data).paths(DEST, TAG)
    return sorted(path[len(DEST) + 1 :] for path in found)


def table(rows: Sequence[Sequence[str]], end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def test_files_are_told_by_their_path_and_sources_with_their_bytecode() -> None:
    rows = [
        ("pkg/__init__.py", "sha256=x", "7"),
        ("pkg/__pycache__/__init__.cpython-311.pyc", "", ""),
        ("pkg/data,1.txt", "", ""),
        ("../../../bin/pkg", "", ""),
        (f"{SITE}/absolute.txt",),
        ("pkg-1.0.dist-info/RECORD", "", ""),
        ("pkg-1.0.dist-info/licenses/LICENSE", "", ""),
        ("pkg-1.0.dist-info.txt", "", ""),
    ]
    site = "lib/python3.11/site-packages"
    for end in ("\n", "\r\n"):
        assert told(table(rows, end)) == [
            "bin/pkg",
            f"{site}/absolute.txt",
            f"{site}/pkg-1.0.dist-info.txt",
            f"{site}/pkg/__init__.py",
            f"{site}/pkg/__pycache__/__init__.cpython-311.pyc",
            f"{site}/pkg/data,1.txt",
        ]


def test_bytecode_is_that_of_the_python_in_question() -> None:
    assert Recorded("x.dist-info", "/v/lib", b"a/b.py,,\n").paths("/v", "pypy310") == {
        "/v/lib/a/b.py",
        "/v/lib/a/__pycache__/b.pypy310.pyc",
    }


@pytest.mark.parametrize(
    "row",
    [
        "../../../../outside",
        "../../../../../etc/passwd",
        "/etc/passwd",
        "../../../../venv-other/x",
        "../../..",
        f"{DEST}",
        f"{DEST}/",
        "../../../../venv",
        "a/../../../../../b",
        "pkg-1.0.dist-info/../pkg-1.0.dist-info/x",
    ],
)
def test_what_leads_out_of_the_environment_is_left_out(row: str) -> None:
    assert told(table([(row, "", "")])) == []


@pytest.mark.parametrize("content", [b"\xff,,\n", b'"a\n', b"a" * 200_000 + b",,\n"], ids=["bytes", "open", "long"])
def test_what_is_no_table_lists_nothing(content: bytes) -> None:
    assert [path for path in told(content) if not path.endswith("/a")] == []


@given(content=st.binary(max_size=300))
@example(content=b"a\0b,,\n")
@example(content=b'"' * 7)
@example(content=b"\n,\n,,,\n")
def test_any_bytes_are_read_and_lead_nowhere_else(content: bytes) -> None:
    assert_inside(Recorded("pkg-1.0.dist-info", SITE, content).paths(DEST, TAG))


@given(rows=st.lists(st.tuples(paths | st.text(max_size=20), st.text(max_size=3)), max_size=5), dest=paths)
def test_any_rows_are_read_and_lead_nowhere_else(rows: List[tuple[str, str]], dest: str) -> None:
    content = table([[part.encode("utf-8", "replace").decode() for part in row] for row in rows])
    assert_inside(Recorded("pkg-1.0.dist-info", SITE, content.encode()).paths(DEST, TAG))
    other = os.path.normpath(f"/{dest}").replace("//", "/")
    assert_inside(Recorded("pkg-1.0.dist-info", f"{other}/lib", content.encode()).paths(other, TAG), other)


def assert_inside(found: frozenset[str], dest: str = DEST) -> None:
    for path in found:
        assert path.startswith(f"{dest}/")
        assert path == os.path.normpath(path)
        assert "\0" not in path
        assert not path.startswith(f"{SITE}/pkg-1.0.dist-info/")


def test_metadata_folders_are_found_and_read(tree: Tree) -> None:
    tree.file(f"{SITE}/a-1.dist-info/RECORD", "a.py,,\n")
    tree.directory(f"{SITE}/b-1.dist-info/RECORD")
    tree.file(f"{SITE}/c-1.dist-info/METADATA")
    tree.directory(f"{SITE}/other")
    system = tree.system()
    found = installed_files.metadata_of(system, SITE)
    assert found == tuple(f"{SITE}/{name}-1.dist-info" for name in "abc")
    assert [installed_files.read(system, path) for path in found] == [
        Recorded("a-1.dist-info", SITE, b"a.py,,\n"),
        None,
        None,
    ]
    assert installed_files.metadata_of(system, f"{DEST}/none") == ()


def test_a_record_that_is_too_long_is_not_read(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed_files, "RECORD_LIMIT", 6)
    for content, is_read in (("a.py,,", True), ("a.py,,\n", False)):
        tree.file(f"{SITE}/a-1.dist-info/RECORD", content)
        assert (installed_files.read(tree.system(), f"{SITE}/a-1.dist-info") is not None) == is_read
