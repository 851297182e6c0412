"""What stands where the environment shall be: every state told apart, and why one forbids writing."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Callable

import pytest

from venvboot import hook, record
from venvboot.facts import destination
from venvboot.model import Destination, Occupant, Piece, Record

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"
SITE = f"{DEST}/lib/python3.11/site-packages"


@pytest.fixture
def environment(tree: Tree, make_record: Callable[..., Record]) -> Tree:
    """A whole environment with its hook; every directory is of this process's group with g+rwxs."""
    tree.file(f"{DEST}/pyvenv.cfg", "home = /usr/bin\n")
    tree.elf("/usr/bin/python3.11")
    tree.link(f"{DEST}/bin/python", "/usr/bin/python3.11")
    tree.file(f"{DEST}/bin/pip")
    for name, content in hook.files().items():
        tree.file(f"{SITE}/{name}", content)
    tree.file(f"{DEST}/{record.NAME}", record.dump(make_record(group=os.getegid())))
    for folder in (DEST, f"{DEST}/bin", f"{DEST}/lib", f"{DEST}/lib/python3.11", SITE, f"{SITE}/pip"):
        tree.directory(folder, 0o2775)
    return tree


def test_nothing_an_empty_folder_and_a_half_made_environment_can_be_written(tree: Tree) -> None:
    assert destination.examine(tree.system(), DEST) == Destination(DEST, Occupant.NOTHING)
    tree.directory(DEST)
    assert destination.examine(tree.system(), DEST) == Destination(DEST, Occupant.EMPTY)
    tree.file(f"{DEST}/pyvenv.cfg")
    tree.file(f"{DEST}/{record.HALF_MADE_NAME}")
    assert destination.examine(tree.system(), DEST) == Destination(DEST, Occupant.HALF_MADE)


def test_a_whole_environment_is_told_with_its_record(environment: Tree, make_record: Callable[..., Record]) -> None:
    found = destination.examine(environment.system(), DEST)
    assert (found.occupant, found.obstacle, found.hook_intact, found.unshared) == (
        Occupant.ENVIRONMENT,
        "",
        True,
        (),
    )
    assert found.record == make_record(group=os.getegid())


def test_a_finished_environment_that_still_has_the_sign_of_a_half_made_one_is_finished(environment: Tree) -> None:
    environment.file(f"{DEST}/{record.HALF_MADE_NAME}")
    assert destination.examine(environment.system(), DEST).occupant is Occupant.ENVIRONMENT


@pytest.mark.parametrize(
    ("name", "obstacle"),
    [
        ("pyvenv.cfg", "/opt/venv/pyvenv.cfg is missing"),
        ("bin/python", "/opt/venv/bin/python is missing"),
        ("bin/pip", "/opt/venv/bin/pip is missing"),
    ],
)
def test_an_environment_that_lost_an_essential_part_is_damaged(environment: Tree, name: str, obstacle: str) -> None:
    environment.host(f"{DEST}/{name}").unlink()
    assert destination.examine(environment.system(), DEST).obstacle == obstacle


@pytest.mark.parametrize("content", ["", "{}", "\0", "[" * 2000])
def test_an_environment_whose_record_cannot_be_read_is_damaged(environment: Tree, content: str) -> None:
    environment.file(f"{DEST}/{record.NAME}", content)
    found = destination.examine(environment.system(), DEST)
    assert (found.occupant, found.record) == (Occupant.ENVIRONMENT, None)
    assert found.obstacle == "its record /opt/venv/venvboot.json can't be read"


def test_a_record_that_is_no_ordinary_file_is_not_read(environment: Tree) -> None:
    place = environment.host(f"{DEST}/{record.NAME}")
    place.unlink()
    os.mkfifo(place)
    assert "can't be read" in destination.examine(environment.system(), DEST).obstacle


def test_a_copied_environment_is_damaged_since_its_scripts_name_the_old_place(environment: Tree) -> None:
    environment.host(DEST).rename(environment.host("/opt/copy"))
    found = destination.examine(environment.system(), "/opt/copy")
    assert found.occupant is Occupant.ENVIRONMENT
    assert found.obstacle != ""


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["pyvenv.cfg"], "it is a virtual environment of another maker"),
        (["app.py"], "it holds app.py"),
        (["a", "b", "c"], "it holds a and 2 more"),
        (["bin/python", "pyvenv.cfg"], "it is a virtual environment of another maker and 1 more"),
    ],
)
def test_what_venvboot_did_not_make_is_left_alone(tree: Tree, names: list[str], told: str) -> None:
    for name in names:
        tree.file(f"{DEST}/{name}")
    found = destination.examine(tree.system(), DEST)
    assert (found.occupant, found.obstacle) == (Occupant.FOREIGN, told)


def test_a_link_or_a_file_in_place_of_the_folder_is_foreign(tree: Tree) -> None:
    tree.directory("/srv/env")
    tree.link(DEST, "/srv/env")
    assert destination.examine(tree.system(), DEST).obstacle == "it is a symbolic link to /srv/env"
    tree.file("/opt/file")
    assert destination.examine(tree.system(), "/opt/file").obstacle == "it is no folder"


@pytest.mark.parametrize("mode", [0o755, 0o775, 0o2755, 0o2765, 0o2757])
def test_directories_that_the_group_cannot_write_are_listed_parents_first(environment: Tree, mode: int) -> None:
    environment.directory(f"{DEST}/lib", mode)
    environment.directory(SITE, mode)
    found = destination.unshared_directories(environment.system(), DEST, os.getegid())
    assert [(one.path, one.mode) for one in found] == [(f"{DEST}/lib", mode), (SITE, mode)]


def test_directories_of_another_group_are_not_shared(environment: Tree) -> None:
    found = destination.unshared_directories(environment.system(), DEST, os.getegid() + 1)
    assert len(found) == 6
    assert {one.gid for one in found} == {os.getegid()}


def test_links_to_directories_are_not_followed(environment: Tree) -> None:
    environment.directory("/srv/other", 0o755)
    environment.link(f"{DEST}/lib64", "/srv/other")
    assert destination.unshared_directories(environment.system(), DEST, os.getegid()) == ()


@pytest.mark.parametrize("name", hook.NAMES)
def test_a_hook_that_is_gone_or_changed_is_not_intact(environment: Tree, name: str) -> None:
    assert destination.hook_intact(environment.system(), SITE)
    environment.file(f"{SITE}/{name}", hook.files()[name] + "# more\n")
    assert not destination.hook_intact(environment.system(), SITE)
    environment.host(f"{SITE}/{name}").unlink()
    assert not destination.hook_intact(environment.system(), SITE)


def test_a_file_is_ours_by_its_first_line(tree: Tree) -> None:
    def ours(content: str) -> bool:
        tree.file("/etc/profile.d/zz.sh", content)
        return destination.file_state(tree.system(), Piece("/etc/profile.d/zz.sh", "", "x")).ours

    assert ours("# Written by venvboot: login shells\n")
    assert not ours("export PATH\n# Written by venvboot\n")
    assert not ours("")


def test_a_file_that_is_not_there_has_no_digest_and_is_not_ours(tree: Tree) -> None:
    piece = Piece("/etc/profile.d/zz.sh", "", "x", needs="/etc/profile.d")
    found = destination.file_state(tree.system(), piece)
    assert (found.exists, found.sha256, found.ours, found.reader_present) == (False, None, False, False)
    tree.directory("/etc/profile.d")
    assert destination.file_state(tree.system(), piece).reader_present


def test_a_link_is_never_the_file_that_was_promised(tree: Tree) -> None:
    tree.file("/srv/zz.sh", "# Written by venvboot\n")
    tree.link("/etc/zz.sh", "/srv/zz.sh")
    assert destination.file_state(tree.system(), Piece("/etc/zz.sh", "", "x")).sha256 is None


def test_a_folder_in_place_of_the_file_is_told_and_raises_nothing(tree: Tree) -> None:
    tree.directory("/etc/profile.d/zz.sh")
    found = destination.file_state(tree.system(), Piece("/etc/profile.d/zz.sh", "", "x"))
    assert (found.exists, found.sha256, found.ours) == (True, None, False)


def test_a_record_that_names_another_group_than_the_folder_has_is_not_obeyed(environment: Tree) -> None:
    """Any member of the group can write the record, and only root or the owner give the folder away."""
    text = environment.host(f"{DEST}/{record.NAME}").read_text()
    environment.file(f"{DEST}/{record.NAME}", re.sub(r'"group": \d+', f'"group": {os.getegid() + 1}', text))
    assert "its record, which the group can write, says" in destination.examine(environment.system(), DEST).obstacle


def test_an_environment_that_lost_its_isolation_its_pip_or_its_python_is_damaged(environment: Tree) -> None:
    def obstacle() -> str:
        return destination.examine(environment.system(), DEST).obstacle

    environment.host(f"{SITE}/pip").rmdir()
    assert obstacle() == f"{SITE}/pip is missing"
    environment.file(f"{DEST}/pyvenv.cfg", "include-system-site-packages = true\n")
    assert obstacle() == f"{DEST}/pyvenv.cfg no longer isolates it from its base's packages"
    environment.host(f"{DEST}/bin/python").unlink()
    environment.link(f"{DEST}/bin/python", "/nowhere")
    assert obstacle() == f"{DEST}/bin/python leads nowhere"


def test_a_python_whose_base_is_gone_is_no_damage_of_the_environment(environment: Tree) -> None:
    environment.host("/usr/bin/python3.11").unlink()
    assert destination.examine(environment.system(), DEST).obstacle == ""
