"""An environment is found as an interpreter of its own, and its base with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.facts.test_finder import PATH, paths
from venvboot.facts import finder

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


def test_an_environment_is_an_interpreter_of_its_own_although_its_links_end_at_the_base(debian: Tree) -> None:
    debian.file("/opt/venv/pyvenv.cfg", "home = /usr/bin\n")
    debian.link("/opt/venv/bin/python", "/usr/bin/python3.11")
    debian.link("/opt/venv/bin/python3", "python")
    venv, base = finder.find(debian.system(PATH=f"/opt/venv/bin:{PATH}"))
    assert (venv.path, venv.real_path, venv.first_on_path) == ("/opt/venv/bin/python", "/usr/bin/python3.11", True)
    assert venv.venv is not None
    assert (venv.venv.prefix, base.venv, base.path) == ("/opt/venv", None, "/usr/bin/python3")


@pytest.mark.parametrize("copied", [True, False])
def test_with_an_environment_its_base_is_found_wherever_it_lies(debian: Tree, *, copied: bool) -> None:
    base = debian.elf("/data/tools/cpython-3.12/bin/python3.12")
    debian.elf("/data/tools/cpython-3.12/bin/python")
    debian.file("/srv/app/pyvenv.cfg", "home = /data/tools/cpython-3.12/bin\nversion = 3.12.1\n")
    debian.elf("/srv/app/bin/python") if copied else debian.link("/srv/app/bin/python", base)
    venv, distros, found = finder.find(debian.system(PATH=f"/srv/app/bin:{PATH}"))
    assert (venv.base, distros.base, found.base) == (base, "", "")
    assert (found.path, found.names, found.venv) == (base, (base,), None)


@pytest.mark.parametrize("home", ["/none", "/srv/app/bin"])
def test_a_link_tells_the_base_where_the_configuration_does_not(tree: Tree, home: str) -> None:
    base = tree.elf("/data/bin/python3.12")
    tree.file("/srv/app/pyvenv.cfg", f"home = {home}\n")
    tree.link("/srv/app/bin/python", base)
    assert paths(tree.system(PATH="/srv/app/bin")) == ["/srv/app/bin/python", base]


def test_a_program_of_another_name_is_no_base(tree: Tree) -> None:
    tree.elf("/sbin/reboot")
    tree.elf("/srv/app/bin/python")
    tree.file("/srv/app/pyvenv.cfg", "home = /none\nbase-executable = /sbin/reboot\n")
    assert paths(tree.system(PATH="/srv/app/bin")) == ["/srv/app/bin/python"]


def test_two_environments_of_one_base_are_two(debian: Tree) -> None:
    for name in ("one", "two"):
        debian.file(f"/opt/{name}/pyvenv.cfg", "home = /usr/bin\n")
        debian.link(f"/opt/{name}/bin/python", "/usr/bin/python3.11")
    assert {"/opt/one/bin/python", "/opt/two/bin/python"} <= set(paths(debian.system(PATH="/usr/bin")))


def test_two_names_of_one_environment_are_one(debian: Tree) -> None:
    debian.file("/opt/app-1/pyvenv.cfg", "home = /usr/bin\n")
    debian.link("/opt/app-1/bin/python", "/usr/bin/python3.11")
    debian.link("/opt/app", "app-1")
    found = [one.names for one in finder.find(debian.system()) if one.venv]
    assert found == [("/opt/app-1/bin/python", "/opt/app/bin/python")]
