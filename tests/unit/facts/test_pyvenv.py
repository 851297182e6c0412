"""A virtual environment is told by its pyvenv.cfg, read as site.py reads it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import pyvenv
from venvboot.model import VenvConfig
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


def as_site_does(text: str) -> Dict[str, str]:
    """The loop of CPython's site.venv(): lines of a text file, split at the first ``=``."""
    values = {}
    for line in io.StringIO(text, newline=None):
        if "=" in line:
            key, _, value = line.partition("=")
            values[key.strip().lower()] = value.strip()
    return values


@given(st.text("abk =\n\r\t#", max_size=30) | st.text())
@example("home = /usr/bin\r\nHOME=/other\n")
@example("a = 1\x0cinclude-system-site-packages = true")
@example("=\n = ")
def test_lines_are_read_as_site_reads_them(text: str) -> None:
    assert pyvenv.parse(text) == as_site_does(text)


@pytest.mark.parametrize(
    ("value", "shared"),
    [("true", True), ("True", True), ("TRUE ", True), ("false", False), ("1", False), ("", False)],
)
def test_only_true_means_system_site_packages(tree: Tree, value: str, *, shared: bool) -> None:
    tree.file("/opt/venv/pyvenv.cfg", f"home = /usr/bin\ninclude-system-site-packages = {value}\n")
    assert pyvenv.at(tree.system(), "/opt/venv") == VenvConfig("/opt/venv", "/usr/bin", shared)


@pytest.mark.parametrize("config", [b"", b"\xff\xfe\n", b"version = 3.11.2\n", b"home =\n"])
def test_a_config_without_home_is_no_environment(tree: Tree, config: bytes) -> None:
    tree.file("/opt/venv/pyvenv.cfg", config)
    assert pyvenv.at(tree.system(), "/opt/venv") is None


@pytest.mark.parametrize("shared", [True, False])
def test_an_environment_of_a_virtualenv_before_20_is_one(tree: Tree, *, shared: bool) -> None:
    tree.elf("/opt/python2/bin/python2.7")
    tree.elf("/opt/python2/bin/python")
    tree.file("/opt/venv/lib/python2.7/orig-prefix.txt", "/opt/python2")
    if not shared:
        tree.file("/opt/venv/lib/python2.7/no-global-site-packages.txt")
    venv = pyvenv.of_executable(tree.system(), tree.elf("/opt/venv/bin/python"))
    assert venv == VenvConfig("/opt/venv", "/opt/python2/bin", shared, "lib/python2.7/orig-prefix.txt")
    assert pyvenv.base(tree.system(), venv, "") == "/opt/python2/bin/python2.7"


@pytest.mark.parametrize("text", ["", "opt/python2", "\xff"])
def test_another_text_in_that_file_tells_nothing(tree: Tree, text: str) -> None:
    tree.file("/opt/venv/lib/python2.7/orig-prefix.txt", text)
    assert pyvenv.at(tree.system(), "/opt/venv") is None


@pytest.mark.parametrize("place", ["/opt/venv/pyvenv.cfg", "/opt/venv/bin/pyvenv.cfg"])
def test_an_executable_belongs_to_the_config_beside_or_above_it(tree: Tree, place: str) -> None:
    tree.file(place, "home = /usr/bin\n")
    found = pyvenv.of_executable(tree.system(), "/opt/venv/bin/python")
    assert found is not None
    assert found.prefix == place.rpartition("/")[0]


def test_a_config_two_folders_up_or_at_the_links_end_says_nothing(tree: Tree) -> None:
    tree.file("/opt/pyvenv.cfg", "home = /usr/bin\n")
    assert pyvenv.of_executable(tree.system(), "/opt/venv/bin/python") is None
    tree.file("/srv/env/pyvenv.cfg", "home = /usr/bin\n")
    tree.link("/usr/local/bin/python", "/srv/env/bin/python")
    assert pyvenv.of_executable(tree.system(), "/usr/local/bin/python") is None


def test_a_folder_of_that_name_is_no_config(tree: Tree) -> None:
    tree.directory("/opt/venv/pyvenv.cfg")
    assert pyvenv.at(tree.system(), "/opt/venv") is None


@pytest.mark.parametrize(
    ("config", "name", "base"),
    [
        ("home = /usr/bin\n", "python3.11", "/usr/bin/python3.11"),
        ("home = /usr/bin\nversion = 3.11.2\n", "python", "/usr/bin/python3.11"),
        ("home = /usr/bin\nversion_info = 3.11.2.final.0\n", "python", "/usr/bin/python3.11"),
        ("home = /usr/bin\nversion = x/../../..\n", "python", "/usr/bin/python3"),
        ("home = /usr/bin\n", "python", "/usr/bin/python3"),
        ("home = /opt/tool/bin\n", "python3.11", "/opt/tool/bin/pypy3.10"),
        ("home = /none\nbase-executable = /usr/bin/python3.11\n", "python", "/usr/bin/python3.11"),
        ("home = /usr/bin\nbase-executable = /none\n", "python3.11", "/usr/bin/python3.11"),
        ("home = /usr/bin\nbase-executable = usr/bin/python3.11\n", "python", "/usr/bin/python3"),
        ("home = /none\n", "python3.11", None),
        ("home = usr/bin\n", "python3.11", None),
        ("home = /usr/b\0in\n", "python3.11", None),
        ("home = /usr/bin/python3.11\n", "python3.11", None),
    ],
)
def test_the_base_is_found_by_what_the_config_says(tree: Tree, config: str, name: str, base: Optional[str]) -> None:
    tree.elf("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    tree.elf("/opt/tool/bin/pypy3.10")
    tree.file("/opt/venv/pyvenv.cfg", config)
    venv = pyvenv.at(tree.system(), "/opt/venv")
    assert venv is not None
    assert pyvenv.base(tree.system(), venv, name) == base


def test_an_environment_made_from_environments_leads_to_the_base_of_them_all(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.11")
    home = "/usr/bin"
    for name in ("one", "two", "three"):
        tree.file(f"/opt/{name}/pyvenv.cfg", f"home = {home}\n")
        tree.link(f"/opt/{name}/bin/python3.11", f"{home}/python3.11")
        home = f"/opt/{name}/bin"
    venv = pyvenv.at(tree.system(), "/opt/three")
    assert venv is not None
    assert pyvenv.base(tree.system(), venv, "python3.11") == "/usr/bin/python3.11"


@pytest.mark.parametrize("length", [1, 2, 20])
def test_environments_that_name_each_other_have_no_base(tree: Tree, length: int) -> None:
    for number in range(length):
        tree.elf(f"/opt/{number}/bin/python3")
        tree.file(f"/opt/{number}/pyvenv.cfg", f"home = /opt/{(number + 1) % length}/bin\n")
    venv = pyvenv.at(tree.system(), "/opt/0")
    assert venv is not None
    assert pyvenv.base(tree.system(), venv, "python3") is None


@pytest.mark.parametrize("words", [["venv", "--without-pip"], ["venv", "--without-pip", "--copies"]])
def test_a_real_environment_leads_to_the_interpreter_it_was_made_from(tmp_path: Path, words: list[str]) -> None:
    subprocess.run([sys.executable, "-I", "-m", *words, str(tmp_path / "env")], check=True)
    venv = pyvenv.of_executable(System(), str(tmp_path / "env" / "bin" / "python"))
    assert venv is not None
    found = pyvenv.base(System(), venv, "python3")
    assert found is not None
    assert os.path.realpath(found) == os.path.realpath(sys.executable)


def test_a_home_that_is_no_utf_8_is_read_as_the_file_system_has_it(tree: Tree) -> None:
    folder = os.fsdecode(b"/opt/\xff/bin")
    tree.elf(f"{folder}/python3")
    tree.file("/opt/venv/pyvenv.cfg", b"home = /opt/\xff/bin\n")
    venv = pyvenv.at(tree.system(), "/opt/venv")
    assert venv is not None
    assert (venv.home, pyvenv.base(tree.system(), venv, "python3")) == (folder, f"{folder}/python3")


def test_a_huge_config_is_an_environment_by_its_beginning(tree: Tree) -> None:
    tree.file("/opt/venv/pyvenv.cfg", "home = /usr/bin\n")
    os.truncate(tree.host("/opt/venv/pyvenv.cfg"), 1 << 30)
    venv = pyvenv.at(tree.system(), "/opt/venv")
    assert venv is not None
    assert venv.home == "/usr/bin"


def test_a_pipe_or_a_loop_of_that_name_is_no_config_and_is_not_waited_for(tree: Tree) -> None:
    tree.directory("/opt/one")
    os.mkfifo(tree.host("/opt/one/pyvenv.cfg"))
    tree.link("/opt/two/pyvenv.cfg", "pyvenv.cfg")
    assert (pyvenv.at(tree.system(), "/opt/one"), pyvenv.at(tree.system(), "/opt/two")) == (None, None)


@given(st.binary() | st.text("home=/usr.\0\n version 3").map(str.encode))
def test_a_config_may_hold_anything(tree: Tree, content: bytes) -> None:
    tree.elf("/usr/bin/python3")
    tree.file("/opt/venv/pyvenv.cfg", content)
    venv = pyvenv.at(tree.system(), "/opt/venv")
    assert venv is None or venv.home
    assert venv is None or pyvenv.base(tree.system(), venv, "python3") in (None, "/usr/bin/python3")
