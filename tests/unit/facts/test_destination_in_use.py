"""What is used as it stands: an environment of another maker, and a Python's own prefix."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Callable

import pytest

from venvboot import record as record_file
from venvboot.facts import destination
from venvboot.model import Destination, Occupant, Record

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

S2I = "/opt/app-root"
PREFIX = "/usr/local"
SITE = f"{PREFIX}/lib/python3.11/site-packages"


@pytest.fixture
def s2i(tree: Tree) -> Tree:
    tree.elf("/usr/bin/python3.11")
    tree.link(f"{S2I}/bin/python", "/usr/bin/python3.11")
    tree.file(f"{S2I}/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    tree.file(f"{S2I}/lib/python3.11/site-packages/pip/__init__.py")
    tree.file(f"{S2I}/bin/pip", mode=0o755)
    return tree


@pytest.fixture
def source(tree: Tree) -> Tree:
    tree.elf(f"{PREFIX}/bin/python3.11")
    tree.file(f"{SITE}/pip/__init__.py")
    tree.file(f"{PREFIX}/lib/python3.11/os.py")
    tree.directory(f"{PREFIX}/share/man/man1")
    tree.directory(f"{PREFIX}/share/ca-certificates")
    return tree


def test_an_environment_of_another_maker_may_be_adopted_only_where_it_is_in_use(s2i: Tree) -> None:
    found = destination.examine(s2i.system(), S2I, in_use=True)
    assert (found.occupant, found.obstacle) == (Occupant.ADOPTABLE, "")
    assert destination.examine(s2i.system(), S2I).occupant is Occupant.FOREIGN


def test_what_it_lacks_is_the_obstacle(s2i: Tree) -> None:
    def obstacle() -> str:
        return destination.examine(s2i.system(), S2I, in_use=True).obstacle

    s2i.host(f"{S2I}/lib/python3.11/site-packages/pip/__init__.py").unlink()
    s2i.host(f"{S2I}/lib/python3.11/site-packages/pip").rmdir()
    assert obstacle() == "it has no pip"
    s2i.host("/usr/bin/python3.11").unlink()
    assert obstacle() == f"{S2I}/bin/python leads nowhere: its base /usr/bin is gone"
    s2i.file(f"{S2I}/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = true\n")
    assert "does not isolate it" in obstacle()


def test_a_prefix_is_used_directly_where_it_has_pip(source: Tree) -> None:
    found = destination.examine_prefix(source.system(), PREFIX, SITE)
    assert (found.occupant, found.obstacle, found.record) == (Occupant.PREFIX, "", None)
    source.host(f"{SITE}/pip/__init__.py").unlink()
    source.host(f"{SITE}/pip").rmdir()
    assert destination.examine_prefix(source.system(), PREFIX, SITE).obstacle.startswith("it has no pip")


def test_once_recorded_it_is_known_by_its_record(source: Tree, make_record: Callable[..., Record]) -> None:
    record = make_record(dest=PREFIX, direct=True, base_path=f"{PREFIX}/bin/python3.11")
    source.file(f"{PREFIX}/{record_file.NAME}", record_file.dump(record))
    found = destination.examine_prefix(source.system(), PREFIX, SITE)
    assert (found.occupant, found.record) == (Occupant.ENVIRONMENT, record)
    assert destination.examine(source.system(), PREFIX).obstacle == ""
    source.file(f"{PREFIX}/{record_file.NAME}", "{")
    assert "can't be read" in destination.examine_prefix(source.system(), PREFIX, SITE).obstacle


def test_of_a_prefix_only_what_an_installer_writes_into_is_shared(source: Tree) -> None:
    found = destination.unshared_directories(source.system(), PREFIX, os.getegid(), SITE)
    paths = {one.path for one in found}
    assert {SITE, f"{SITE}/pip", f"{PREFIX}/bin", f"{PREFIX}/share", f"{PREFIX}/share/man/man1"} <= paths
    assert not paths & {PREFIX, f"{PREFIX}/lib", f"{PREFIX}/lib/python3.11", f"{PREFIX}/share/ca-certificates"}


def test_hook_and_sharing_are_looked_at_for_the_group_that_was_asked(source: Tree) -> None:
    bare = Destination(PREFIX, Occupant.PREFIX)
    found = destination.with_sharing(source.system(), bare, os.getegid(), SITE, direct=True)
    assert not found.hook_intact
    assert f"{PREFIX}/bin" in {one.path for one in found.unshared}
