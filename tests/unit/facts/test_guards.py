"""What stands at the places of the guard, read from a real tree."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Iterator, Tuple

import pytest

from tests.unit.conftest import Tree, debian_guarded, debian_python
from venvboot.facts import guards, interpreters
from venvboot.facts.guards import part_of
from venvboot.model import GuardFacts, Interpreter, Remembered, Standing
from venvboot.policy import guard_seal, marker, pip_conf
from venvboot.policy.judge import judge

MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
SEALED = "/usr/local/lib/python3.11/dist-packages"


def judged(tree: Tree) -> Tuple[Interpreter, ...]:
    return tuple(judge(facts) for facts in interpreters.all_of(tree.system()))


def read(tree: Tree, dest: str = "") -> GuardFacts:
    (found,) = guards.read(tree.system(), judged(tree), dest=dest)
    return found


@pytest.fixture
def debian(tree: Tree) -> Tree:
    debian_python(tree)
    return tree


def test_a_fresh_image_has_the_package_s_marker_and_an_empty_directory(debian: Tree) -> None:
    found = read(debian)
    assert (found.interpreter, found.version[:2], found.owner and found.owner.manager) == (
        "/usr/bin/python3.11",
        (3, 11),
        "dpkg",
    )
    assert (found.marker.path, found.marker.standing, found.diversion) == (
        MARKER,
        Standing.THEIRS,
        marker.diversion_of(MARKER),
    )
    assert (found.diverted, found.kept_aside) == (False, False)
    assert found.pip_conf
    assert (found.pip_conf.path, found.pip_conf.standing) == ("/usr/pip.conf", Standing.NOTHING)
    (place,) = found.seals
    info = debian.host(SEALED).stat()
    assert (place.path, place.standing, place.obstacle) == (SEALED, Standing.EMPTY, "")
    assert place.before == Remembered(0o2775, info.st_uid, info.st_gid)


def test_a_guarded_image_has_all_of_ours(tree: Tree) -> None:
    debian_guarded(tree, "/opt/venv")
    found = read(tree)
    assert found.pip_conf
    assert [found.marker.standing, found.pip_conf.standing, found.seals[0].standing] == [Standing.OURS] * 3
    assert (found.diverted, found.kept_aside) == (True, True)
    assert guard_seal.remembered(SEALED, found.seals[0].text) == Remembered(0o2775, 0, 50)


def test_a_text_that_others_could_have_written_is_not_ours(tree: Tree) -> None:
    debian_guarded(tree)
    for path in (MARKER, "/usr/pip.conf", SEALED):
        tree.host(path).chmod(0o666)
    found = read(tree)
    assert found.pip_conf
    assert [found.marker.standing, found.pip_conf.standing, found.seals[0].standing] == [Standing.THEIRS] * 3


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_nor_is_that_of_another_user(tree: Tree) -> None:
    debian_guarded(tree)
    os.chown(tree.host(MARKER), 1001, 1001)
    assert read(tree).marker.standing is Standing.THEIRS


@pytest.fixture
def reachable() -> Iterator[Tree]:
    """A tree that every user can look into: pytest's own folders are private."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Tree(Path(folder))


def test_what_cannot_be_read_is_unseen(reachable: Tree) -> None:
    debian_guarded(reachable)
    reachable.host(MARKER).chmod(0)
    before = os.geteuid()
    if before == 0:  # root reads everything
        os.seteuid(1001)
    try:
        assert read(reachable).marker.standing is Standing.UNSEEN
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("folder", ["/usr/lib/python3/dist-packages", SEALED])
def test_the_version_of_pip_is_that_of_the_first_folder_that_has_one(debian: Tree, folder: str) -> None:
    debian.directory("/usr/lib/python3/dist-packages/pip-20.3.4.egg-info")
    debian.directory(f"{folder}/pip-25.1.dist-info" if folder == SEALED else folder)
    assert read(debian).pip == ("25.1" if folder == SEALED else "20.3.4")


def test_what_a_directory_holds_is_counted_and_its_first_names_are_told(debian: Tree) -> None:
    for name in "abcdefg":
        debian.file(f"{SEALED}/{name}")
    (place,) = read(debian).seals
    assert (place.standing, place.count, place.entries) == (Standing.FULL, 7, tuple("abcde"))


def test_the_parents_that_are_missing_are_counted(debian: Tree) -> None:
    for folder in (SEALED, "/usr/local/lib/python3.11", "/usr/local/lib"):
        debian.host(folder).rmdir()
    (place,) = read(debian).seals
    assert (place.standing, place.before, place.obstacle) == (Standing.NOTHING, Remembered(made=2), "")
    debian.host("/usr/local").rmdir()
    assert read(debian).seals[0].obstacle == "there is no /usr/local"


def test_the_text_that_a_killed_run_left_is_read(debian: Tree) -> None:
    debian.file(part_of(SEALED), guard_seal.text(SEALED, Remembered()))
    assert read(debian).seals[0].remains == guard_seal.text(SEALED, Remembered())
    debian.host(part_of(SEALED)).chmod(0o666)
    assert read(debian).seals[0].remains == ""


@pytest.mark.parametrize("dest", ["/usr/local", SEALED, f"{SEALED}/env"])
def test_where_the_environment_lies_no_seal_may_stand(debian: Tree, dest: str) -> None:
    assert dest in read(debian, dest).seals[0].obstacle
    assert read(debian, "/usr/local/lib/python3.1").seals[0].obstacle == ""


@pytest.mark.parametrize("link", [SEALED, "/usr/local/lib/python3.11", "/usr/local"])
def test_a_link_on_the_way_is_an_obstacle(debian: Tree, link: str) -> None:
    place = debian.host(link)
    place.rename(debian.root / "elsewhere")
    place.symlink_to("/elsewhere")
    assert "a symbolic link leads there" in read(debian).seals[0].obstacle


def fedora(make: Interpreter) -> Interpreter:
    assert make.origin.owner
    assert make.facts.probe
    owner = replace(make.origin.owner, manager="rpm")
    return replace(make, origin=replace(make.origin, owner=owner))


def test_both_libs_of_fedora_are_sealed_and_one_where_they_are_one(debian: Tree) -> None:
    every = [fedora(one) for one in judged(debian)]
    debian.directory("/usr/local/lib64")
    (found,) = guards.read(debian.system(), every)
    assert [place.path for place in found.seals] == [
        f"/usr/local/{lib}/python3.11/site-packages" for lib in ("lib", "lib64")
    ]
    assert [place.before.made for place in found.seals] == [0, 1]
    assert found.diversion is None
    debian.host("/usr/local/lib64").rmdir()
    debian.link("/usr/local/lib64", "lib")
    (found,) = guards.read(debian.system(), every)
    (place,) = found.seals
    assert (place.path, place.obstacle) == ("/usr/local/lib/python3.11/site-packages", "")


def test_the_own_site_packages_of_a_source_build_are_not_sealed(debian: Tree) -> None:
    debian.elf("/usr/local/bin/python3.11")
    debian.file("/usr/local/lib/python3.11/os.py")
    every = [fedora(one) if one.origin.owner else one for one in judged(debian)]
    assert len(every) == 2
    (found,) = guards.read(debian.system(), every)
    assert "/usr/local/bin/python3.11" in found.seals[0].obstacle
    assert read(debian).seals[0].obstacle == ""


def test_what_is_left_of_an_interpreter_that_is_gone_is_found(tree: Tree) -> None:
    debian_guarded(tree)
    known = guards.read(tree.system(), judged(tree))
    assert guards.left_over(tree.system(), judged(tree), known) == ()
    left = guards.left_over(tree.system(), (), ())
    assert [one.marker.path for one in left] == [MARKER, ""]
    assert (left[0].diverted, left[0].kept_aside) == (True, True)
    assert [place.path for place in left[1].seals] == [SEALED]
    assert left[1].pip_conf
    assert left[1].pip_conf.text == pip_conf.text(install=False)


def test_nothing_of_others_is_left_over(debian: Tree) -> None:
    debian.file("/usr/pip.conf", "[global]\n")
    assert guards.left_over(debian.system(), judged(debian), ()) == ()


def test_the_marker_of_another_tool_s_tree_is_left_over_as_well(tree: Tree) -> None:
    tree.elf("/opt/python/bin/python3.12")
    tree.file("/opt/python/lib/python3.12/os.py")
    path = tree.file("/opt/python/lib/python3.12/EXTERNALLY-MANAGED", marker.text("/opt/venv", None))
    one = interpreters.one(tree.system(), "/opt/python/bin/python3.12")
    assert one
    (left,) = guards.left_over(tree.system(), [judge(one)], ())
    assert (left.marker.path, left.marker.standing, left.diversion) == (path, Standing.OURS, None)
