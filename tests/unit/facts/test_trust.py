"""Who but root could change what a path leads to: every folder and every link on the way is looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from venvboot.facts import trust

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs files that belong to root")


@pytest.fixture
def image(tree: Tree) -> Tree:
    """A program that is reached through two links, each in a folder of its own."""
    tree.elf("/srv/real/python3.12")
    tree.link("/opt/b/python3", "../../srv/real/python3.12")
    tree.link("/opt/a", "/opt/b")
    return tree


def test_roots_own_is_exposed_to_nobody(image: Tree) -> None:
    assert trust.exposure(image.system(), "/opt/a/python3") == ""


@pytest.mark.parametrize("step", ["/", "/opt", "/opt/b", "/srv", "/srv/real", "/srv/real/python3.12"])
def test_what_is_passed_on_the_way_counts(image: Tree, step: str) -> None:
    image.host(step).chmod(0o775)
    assert trust.exposure(image.system(), "/opt/a/python3") == f"{step} may be written by group 0"
    image.host(step).chmod(0o757)
    assert trust.exposure(image.system(), "/opt/a/python3") == f"{step} may be written by everybody"


@pytest.mark.parametrize("step", ["/opt/a", "/opt/b/python3", "/srv/real", "/srv/real/python3.12"])
def test_so_does_who_it_belongs_to_links_included(image: Tree, step: str) -> None:
    os.chown(image.host(step), 1000, 0, follow_symlinks=False)
    assert trust.exposure(image.system(), "/opt/a/python3") == f"{step} belongs to user 1000"


def test_a_sticky_folder_is_accepted_only_where_adding_to_it_does_no_harm(image: Tree) -> None:
    image.host("/srv").chmod(0o1777)
    assert trust.exposure(image.system(), "/srv/real/python3.12", sticky=True) == ""
    assert trust.exposure(image.system(), "/srv/real/python3.12") == "/srv may be written by everybody"
    image.host("/srv/real/python3.12").chmod(0o1777)
    assert trust.exposure(image.system(), "/srv/real/python3.12", sticky=True) != ""


def test_what_is_not_there_may_be_put_there(tree: Tree) -> None:
    assert trust.exposure(tree.system(), "/opt/python3") == "/opt can't be seen"


def test_a_loop_ends(tree: Tree) -> None:
    tree.link("/loop", "loop")
    assert trust.exposure(tree.system(), "/loop/python3") == ""
