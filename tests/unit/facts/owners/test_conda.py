"""conda's database: what its records tell of a prefix, and what is made of other files in their place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts.owners import conda
from venvboot.facts.owners.paths import COMMANDS, PYTHON_PACKAGES, PYTHON_TREE
from venvboot.facts.owners.reading import OwnedFiles
from venvboot.model import SystemPackage

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PREFIX = "/opt/conda"
RECORD = f"{PREFIX}/conda-meta/six-1.16.0-pyhd3eb1b0_1.json"
SIX = "lib/python3.11/site-packages/six.py"
EVERY = PYTHON_TREE | COMMANDS


def record(tree: Tree, **more: Any) -> None:
    told = {"name": "six", "version": "1.16.0", "files": [SIX, "bin/six", "share/six"], "size": 12, **more}
    tree.file(RECORD, json.dumps(told))


def read(tree: Tree) -> OwnedFiles:
    return conda.files_in(tree.system(), PREFIX, EVERY, digests=True)


def test_files_lie_below_the_prefix(tree: Tree) -> None:
    assert not conda.present(tree.system(), PREFIX)
    record(tree)
    tree.file(f"{PREFIX}/conda-meta/history", "==> 2024 <==\n")
    assert conda.present(tree.system(), PREFIX)
    package = SystemPackage("conda", "six", "1.16.0")
    assert read(tree) == OwnedFiles({f"{PREFIX}/{SIX}": package, f"{PREFIX}/bin/six": package})
    assert set(conda.files_in(tree.system(), f"{PREFIX}/", PYTHON_PACKAGES).packages) == {f"{PREFIX}/{SIX}"}


def test_the_digest_is_that_of_the_file_as_it_was_put_there(tree: Tree) -> None:
    paths = [
        {"_path": SIX, "sha256": "0" * 64},
        {"_path": "bin/six", "sha256": "1" * 64, "sha256_in_prefix": "2" * 64},
        {"_path": "share/six", "sha256": "3" * 64},
    ]
    record(tree, paths_data={"paths": paths, "paths_version": 1})
    assert read(tree).digests == {f"{PREFIX}/{SIX}": ("sha256", "0" * 64), f"{PREFIX}/bin/six": ("sha256", "2" * 64)}
    assert conda.files_in(tree.system(), PREFIX, EVERY).digests == {}


@pytest.mark.parametrize(
    "data", [None, [], {"paths": {}}, {"paths": [None, {}, {"_path": SIX}, {"_path": SIX, "sha256": "../x"}]}]
)
def test_without_a_digest_the_file_is_owned_all_the_same(tree: Tree, data: Any) -> None:
    record(tree, paths_data=data)
    found = read(tree)
    assert len(found.packages) == 2
    assert (found.digests, found.doubts) == ({}, ())


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"files": {}}', "[" * 100_000, '{"files": ' + "9" * 100, b"\xff", b"\0"]
)
def test_what_is_no_record_is_a_doubt(tree: Tree, content: str | bytes) -> None:
    tree.file(RECORD, content)
    assert read(tree) == OwnedFiles(doubts=(f"conda ({RECORD}): no record of a package's files",))


def test_numbers_of_any_length_take_no_time(tree: Tree) -> None:
    tree.file(RECORD, '{"files": ["bin/six"], "size": ' + "9" * (1 << 20) + "}")
    assert set(read(tree).packages) == {f"{PREFIX}/bin/six"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([SIX, "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(name=values, files=values, paths_data=values)
@example(name="\ud800", files=["lib/python3/\ud800", "bin/\udcff"], paths_data={"paths": []})
def test_any_record_is_read_without_a_fault(tree: Tree, name: Any, files: Any, paths_data: Any) -> None:
    record(tree, name=name, files=files, paths_data=paths_data)
    assert all(path.startswith(f"{PREFIX}/") for path in read(tree).packages)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_without_a_fault(tree: Tree, content: bytes) -> None:
    tree.file(RECORD, content)
    read(tree)
