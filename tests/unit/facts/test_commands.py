"""The programs of an environment and their namesakes, on a real tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from venvboot.activation import wrappers
from venvboot.facts import commands

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"
BASE = "/usr/bin/python3.11"


@pytest.fixture
def environment(tree: Tree) -> Tree:
    tree.elf(BASE)
    tree.link(f"{DEST}/bin/python3", BASE)
    tree.file(f"{DEST}/bin/flask", "#!/opt/venv/bin/python\n", 0o755)
    tree.file(f"{DEST}/bin/activate", "")
    tree.directory(f"{DEST}/bin/folder")
    tree.directory(wrappers.FOLDER)
    return tree


def test_programs_are_what_may_be_started(environment: Tree) -> None:
    assert commands.read(environment.system(), DEST, BASE).programs == ("flask", "python3")


def test_wrappers_of_ours_are_told_from_old_ones_and_from_those_of_others(environment: Tree) -> None:
    environment.file(f"{wrappers.FOLDER}/flask", wrappers.text(DEST, "flask"), 0o755)
    environment.file(f"{wrappers.FOLDER}/old", wrappers.text(DEST, "old") + "# changed\n", 0o755)
    environment.file(f"{wrappers.FOLDER}/python3", wrappers.text("/srv/other", "python3"), 0o755)
    environment.link(f"{wrappers.FOLDER}/python", f"{DEST}/bin/python3")
    found = commands.read(environment.system(), DEST, BASE)
    environment.file(f"{DEST}/bin/mine", "", 0o755)
    environment.file(f"{wrappers.FOLDER}/mine", "#!/bin/sh\n", 0o755)
    found = commands.read(environment.system(), DEST, BASE)
    assert (found.wrapped, found.stale) == (("flask",), ("old",))
    assert (found.taken, found.elsewhere) == (("mine",), ("python3",))


def test_names_that_the_distro_has_are_told(environment: Tree) -> None:
    environment.file("/usr/bin/flask", "#!/usr/bin/python3\n", 0o755)
    assert commands.read(environment.system(), DEST, BASE).distro == ("flask",)


@pytest.mark.parametrize(("base", "here"), [(BASE, False), ("/usr/local/bin/python3.12", True)])
def test_a_base_among_the_wrappers_is_told(environment: Tree, base: str, *, here: bool) -> None:
    environment.elf("/usr/local/bin/python3.12")
    assert commands.read(environment.system(), DEST, base).base_here is here


def test_a_link_to_a_base_among_the_wrappers_is_told_too(environment: Tree) -> None:
    environment.elf("/usr/local/bin/python3.12")
    environment.link("/usr/bin/python3.12", "/usr/local/bin/python3.12")
    assert commands.read(environment.system(), DEST, "/usr/bin/python3.12").base_here


def test_where_their_folder_is_missing_it_can_be_made(tree: Tree) -> None:
    assert commands.read(tree.system(), DEST, BASE).writable


def test_a_link_is_a_program_only_where_it_leads_to_one_that_is_no_wrapper(environment: Tree) -> None:
    environment.link(f"{DEST}/bin/loop", f"{wrappers.FOLDER}/loop")
    environment.file(f"{wrappers.FOLDER}/loop", wrappers.text(DEST, "loop"), 0o755)
    environment.link(f"{DEST}/bin/dangling", "/nowhere")
    environment.link(f"{DEST}/bin/folder2", "/usr/bin")
    found = commands.read(environment.system(), DEST, BASE)
    assert found.programs == ("flask", "python3")
    assert "loop" in (*found.wrapped, *found.stale)


@pytest.mark.parametrize("path", ["/usr/local/bin/uv", f"{DEST}/bin/uv", "/root/.local/bin/uv", "/tools/uv"])
def test_uv_is_found_on_path_and_in_its_usual_places(environment: Tree, path: str) -> None:
    assert not commands.has_uv(environment.system(PATH="/tools"), DEST)
    environment.elf(path)
    assert commands.has_uv(environment.system(PATH="/tools"), DEST)
