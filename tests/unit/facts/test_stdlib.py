"""The standard library's modules, as its folder shows them and as the interpreter itself knows them."""

from __future__ import annotations

import sys
import sysconfig

import pytest

from tests.unit.conftest import Tree
from venvboot.facts import stdlib
from venvboot.system import System

LIB = "/usr/lib/python3.9"


def test_modules_packages_and_libraries_are_listed(tree: Tree) -> None:
    for name in ("enum.py", "json/__init__.py", "lib-dynload/_ssl.cpython-39.so", "test/__init__.py", "notes.txt"):
        tree.file(f"{LIB}/{name}")
    tree.directory(f"{LIB}/dist-packages")
    tree.directory(f"{LIB}/empty")
    assert stdlib.listed(tree.system(), LIB, {"sys"}) == {"enum", "json", "_ssl", "sys"}


def test_a_folder_that_is_missing_has_none(tree: Tree) -> None:
    assert stdlib.listed(tree.system(), LIB) == frozenset()


@pytest.mark.skipif(sys.version_info < (3, 10), reason="Python knows its own only from 3.10 on")
def test_the_folder_of_this_python_has_what_it_says_of_itself() -> None:
    told = set(getattr(sys, "stdlib_module_names", ()))
    listed = stdlib.listed(System(), sysconfig.get_path("stdlib"), set(sys.builtin_module_names))
    # What other systems have is told too; what a distro puts beside it isn't.
    elsewhere = {"msvcrt", "winreg", "winsound", "nt", "ntpath", "_winapi", "_overlapped", "_scproxy", "idlelib"}
    assert {name for name in told - listed if not name.startswith("_")} <= {
        *elsewhere,
        *("msilib", "nturl2path", "ossaudiodev", "spwd", "nis", "tkinter", "turtledemo", "lib2to3", "ensurepip"),
        *("dbm", "curses", "readline", "sqlite3", "bz2", "lzma", "ctypes", "turtle", "venv", "distutils"),
    }
    assert {"enum", "dataclasses", "wsgiref", "sys", "json", "concurrent", "typing"} <= listed
