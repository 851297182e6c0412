"""Spellings of a path where folders are links, and which paths lie below a folder of Python packages."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Set

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts.owners import paths

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


def spelled(tree: Tree, path: str) -> Set[str]:
    return paths.spellings(path, paths.links(tree.system()))


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/usr/bin/python3", {"/usr/bin/python3", "/bin/python3"}),
        ("/bin/python3", {"/usr/bin/python3", "/bin/python3"}),
        ("/lib/x/os.py", {"/usr/lib/x/os.py", "/lib/x/os.py"}),
        ("/usr/lib64/x", {"/usr/lib64/x", "/lib64/x"}),
        ("/usr/local/bin/python3", {"/usr/local/bin/python3"}),
        ("/binary/python3", {"/binary/python3"}),
        ("/usr/libexec/python", {"/usr/libexec/python"}),
        ("/bin", {"/bin"}),
    ],
)
def test_merged_usr_gives_a_file_two_names(tree: Tree, path: str, names: Set[str]) -> None:
    tree.merged_usr()
    assert spelled(tree, path) == names


def test_without_merged_usr_the_two_are_two_files(tree: Tree) -> None:
    tree.directory("/bin")
    assert spelled(tree, "/usr/bin/python3") == {"/usr/bin/python3"}


def test_folders_merged_into_one_another_give_every_name_through_any_of_them(tree: Tree) -> None:
    """Arch has one folder of programs and Fedora 42 as well, Arch also one of libraries."""
    for alias, target in {"/bin": "usr/bin", "/sbin": "usr/bin", "/usr/sbin": "bin", "/usr/lib64": "lib"}.items():
        tree.link(alias, target)
    every = {f"{folder}/python3" for folder in ("/usr/bin", "/bin", "/sbin", "/usr/sbin")}
    for name in every:
        assert spelled(tree, name) == every
    assert spelled(tree, "/usr/lib/x") == {"/usr/lib/x", "/usr/lib64/x"}


@pytest.mark.parametrize("target", ["bin", "/", "/nowhere/at/all", "../../.."])
def test_a_link_to_itself_to_the_root_or_to_nothing_keeps_the_path_s_own_name(tree: Tree, target: str) -> None:
    tree.link("/bin", target)
    assert {"/usr/bin/python3"} <= spelled(tree, "/usr/bin/python3")
    assert all(name.startswith("/") for name in spelled(tree, "/bin/python3"))


def test_two_names_of_one_file_are_both_wanted(tree: Tree) -> None:
    tree.merged_usr()
    wanted = paths.wanted(tree.system(), ["/bin/python3", "/usr/bin/python3"])
    assert wanted[b"/usr/bin/python3"] == wanted[b"/bin/python3"] == ("/bin/python3", "/usr/bin/python3")


@given(st.binary(max_size=40))
@example(b"\xff\xfe")
def test_any_name_of_the_file_system_can_be_wanted(tree: Tree, name: bytes) -> None:
    path = os.fsdecode(b"/usr/bin/" + name)
    assert paths.wanted(tree.system(), [path]) == {b"/usr/bin/" + name: (path,)}


@pytest.mark.parametrize(
    "path",
    [
        b"/usr/lib/python3/dist-packages/cv2.so",
        b"/usr/lib/python3.11/site-packages/cv2/__init__.py",
        b"/lib/python3/dist-packages/cv2.so",
        b"/usr/lib64/python3.9/site-packages/cv2.so",
        b"/usr/lib/pypy3.10/site-packages/cv2.so",
        b"/opt/rh/rh-python38/root/usr/lib/python3.8/site-packages/cv2.so",
    ],
)
def test_files_below_a_packages_folder(path: bytes) -> None:
    assert paths.PYTHON_FILE.search(path)
    assert paths.PYTHON_FOLDER in path


@pytest.mark.parametrize(
    "path",
    [
        b"/usr/lib/python3/dist-packages",
        b"/usr/lib/python3/dist-packages/",
        b"/usr/lib/python3.11/os.py",
        b"/usr/share/python3/dist-packages/a.py",
        b"/usr/lib/ruby/site-packages/a.py",
        b"/usr/lib/python3/x/dist-packages/a.py",
    ],
)
def test_other_files_are_not_python_s(path: bytes) -> None:
    assert not paths.PYTHON_FILE.search(path)
