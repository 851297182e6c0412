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
    assert path in paths.PYTHON_PACKAGES
    assert path in paths.PYTHON_TREE
    assert b"-packages/" in path


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
    assert path not in paths.PYTHON_PACKAGES


@pytest.mark.parametrize("path", [b"/bin/x", b"/sbin/x", b"/usr/bin/x", b"/usr/sbin/x y"])
def test_commands_lie_in_the_system_s_folders(path: bytes) -> None:
    assert path in paths.COMMANDS
    assert path in paths.COMMANDS | paths.PYTHON_TREE
    assert path not in paths.PYTHON_TREE


@pytest.mark.parametrize(
    "path",
    [b"/usr/bin", b"/usr/bin/", b"/usr/bin/x/y", b"/usr/local/bin/x", b"/usr/lib/x/bin/y", b"/usr/xbin/y", b"bin/x"],
)
def test_other_programs_are_no_commands(path: bytes) -> None:
    assert path not in paths.COMMANDS


@pytest.mark.parametrize("path", [b"/usr/lib/python3.11/os.py", b"/usr/lib64/pypy3.10/x", b"/usr/lib/python3/a/b.py"])
def test_the_standard_library_is_in_the_tree(path: bytes) -> None:
    assert path in paths.PYTHON_TREE
    assert path not in paths.PYTHON_PACKAGES


@given(
    st.lists(st.sampled_from([b"/usr", b"/lib", b"/lib64", b"/python3", b"/pypy", b"/site-packages", b"/bin", b"/x"]))
)
def test_the_folder_of_each_file_of_a_kind_has_one_of_its_words(parts: list[bytes]) -> None:
    path = b"".join(parts)
    folder = path.rpartition(b"/")[0] + b"/"
    for sought in (paths.PYTHON_PACKAGES, paths.PYTHON_TREE, paths.COMMANDS):
        if path in sought:
            assert any(word in folder[1:] for word in sought.words)
            assert path in sought | paths.COMMANDS
