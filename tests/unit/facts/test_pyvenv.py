"""A virtual environment is told by its pyvenv.cfg, read as site.py reads it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Dict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import pyvenv
from venvboot.model import VenvConfig

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


def test_a_config_without_home_is_an_environment_all_the_same(tree: Tree) -> None:
    tree.file("/opt/venv/pyvenv.cfg", b"\xff\xfe\n")
    assert pyvenv.at(tree.system(), "/opt/venv") == VenvConfig("/opt/venv", "", system_site_packages=False)


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
