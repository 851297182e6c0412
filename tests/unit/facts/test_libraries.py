"""Shared libraries that the dynamic linker does not find: how that is told, and where they may be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.facts import libraries

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

GLIBC = (
    "/opt/rh/rh-python38/root/usr/bin/python3.8: error while loading shared libraries: "
    "libpython3.8.so.rh-python38-1.0: cannot open shared object file: No such file or directory"
)
MUSL = (
    "Error loading shared library libpython3.12.so.1.0: No such file or directory (needed by /opt/x/bin/python3.12)"
)
PYTHON = "/opt/rh/rh-python38/root/usr/bin/python3.8"


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (f"{GLIBC}\n", GLIBC),
        (f"{MUSL}\nError relocating /opt/x/bin/python3.12: Py_BytesMain: symbol not found\n", MUSL),
        ("ImportError: No module named site\n", ""),
        ("", ""),
    ],
)
def test_a_missing_library_is_told_by_the_linker_s_own_line(output: str, line: str) -> None:
    assert libraries.missing(output) == line


@given(st.text())
def test_any_output_is_read(output: str) -> None:
    assert libraries.missing(output) in ("", *(line.strip() for line in output.splitlines()))


def test_folders_with_libraries_are_taken_lib64_first(tree: Tree) -> None:
    prefix = "/opt/rh/rh-python38/root/usr"
    assert libraries.beside(tree.system(), PYTHON) == ()
    tree.file(f"{prefix}/lib/python3.8/os.py")
    assert libraries.beside(tree.system(), PYTHON) == ()
    tree.file(f"{prefix}/lib64/libpython3.8.so.rh-python38-1.0")
    assert libraries.beside(tree.system(), PYTHON) == (f"{prefix}/lib64",)
    tree.file(f"{prefix}/lib/libx.so")
    assert libraries.beside(tree.system(), PYTHON) == (f"{prefix}/lib64", f"{prefix}/lib")


@pytest.mark.parametrize(
    ("path", "enable", "collection"),
    [
        (PYTHON, "/opt/rh/rh-python38/enable", True),
        ("/opt/rh/python27/root/usr/bin/python2.7", "/opt/rh/python27/enable", True),
        (PYTHON, "/opt/rh/enable", False),
        ("/opt/tool/bin/python3", "/opt/tool/enable", False),
        ("/root/usr/bin/python3", "/enable", False),
    ],
)
def test_a_collection_has_an_enable_script_above_its_root(
    tree: Tree, path: str, enable: str, *, collection: bool
) -> None:
    assert not libraries.is_collection(tree.system(), path)
    tree.file(enable)
    assert libraries.is_collection(tree.system(), path) is collection


@pytest.mark.parametrize(
    ("value", "found"),
    [(None, ()), ("", ()), ("/a", ("/a",)), ("/x:/b//:/a", ("/a", "/b")), ("/a/b", ()), (":", ())],
)
def test_folders_that_are_in_the_variable_already_are_told(value: str, found: Tuple[str, ...]) -> None:
    environ = {} if value is None else {"LD_LIBRARY_PATH": value}
    assert libraries.present(environ, ("/a", "/b")) == found


@pytest.mark.parametrize(
    ("environ", "value"),
    [({}, "/a:/b"), ({"LD_LIBRARY_PATH": ""}, "/a:/b"), ({"LD_LIBRARY_PATH": "/x::"}, "/a:/b:/x")],
)
def test_folders_are_added_without_an_empty_entry(environ: Dict[str, str], value: str) -> None:
    given_before = dict(environ)
    assert libraries.added({**environ, "A": "1"}, ("/a", "/b")) == {"A": "1", "LD_LIBRARY_PATH": value}
    assert environ == given_before


def test_a_pipe_or_a_loop_in_place_of_a_folder_holds_nothing(tree: Tree) -> None:
    tree.directory("/opt/x")
    os.mkfifo(tree.host("/opt/x/lib"))
    tree.link("/opt/x/lib64", "lib64")
    assert libraries.beside(tree.system(), "/opt/x/bin/python3") == ()
