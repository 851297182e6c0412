"""What dpkg was told to leave out, as slim images have it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.facts.owners import dpkg_filters

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DOC = "/usr/share/doc/tar/copyright"


def left_out(tree: Tree, path: str, content: str, name: str = "dpkg.cfg.d/docker") -> bool:
    tree.file(f"/etc/dpkg/{name}", content)
    return dpkg_filters.read(tree.system())(path)


def test_without_filters_nothing_is_left_out(tree: Tree) -> None:
    assert not dpkg_filters.read(tree.system())(DOC)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("path-exclude /usr/share/doc/*", True),
        ("path-exclude=/usr/share/doc/*", True),
        ("path-exclude = '/usr/share/doc/*'\n", True),
        ("# all\n  path-exclude\t/usr/*\r\n", True),
        ("path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\n", False),
        ("path-include /usr/share/doc/*/copyright\npath-exclude /usr/share/doc/*\n", True),
        ("path-exclude /usr/share/do?/[st]*", True),
        ("path-exclude /usr/share/doc", False),
        ("#path-exclude /usr/*", False),
        ("path-excludes /usr/*", False),
        ("path-exclude", False),
        ("path-exclude /usr/*\npath-exclude [z-a]*", True),
    ],
)
def test_the_last_filter_that_matches_decides(tree: Tree, content: str, *, told: bool) -> None:
    assert left_out(tree, DOC, content) is told


def test_the_file_is_read_after_the_folder_and_other_names_are_not(tree: Tree) -> None:
    assert left_out(tree, DOC, "path-exclude /usr/*", "dpkg.cfg.d/z")
    assert not left_out(tree, DOC, "path-include /usr/*", "dpkg.cfg")
    assert not left_out(tree, "/opt/x", "path-exclude /opt/*", "dpkg.cfg.d/z.dpkg-old")


@given(
    content=st.text(max_size=60)
    | st.lists(st.sampled_from(["*", "[", "]", "!", "?", "\\", "a", "-", "z"])).map("".join)
)
def test_any_filter_is_read_without_a_fault(tree: Tree, content: str) -> None:
    assert left_out(tree, DOC, f"path-exclude {content}") in (True, False)


def test_a_filter_of_many_asterisks_takes_no_time(tree: Tree) -> None:
    before = time.monotonic()
    left_out(tree, "/" + "a" * 2000, "path-exclude " + "*a" * 200 + "b\n")
    assert time.monotonic() - before < 5
