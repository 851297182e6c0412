"""What of the distro's Python is damaged, on images of each package manager and on this machine."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Dict, Tuple

import pytest

from tests.unit.facts.owners import rpm_images
from tests.unit.facts.owners.images import IMAGES, LANDMARK, MODULE, PYTHON, Image
from venvboot.facts import owners
from venvboot.facts.damage import damaged
from venvboot.facts.owners import rpm_header
from venvboot.facts.owners.paths import PYTHON_TREE
from venvboot.model import Damage
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DIST = "/usr/lib/python3/dist-packages"
STDLIB = "/usr/lib/python3.11"
SIX = f"{DIST}/six.py"

every_image = pytest.mark.parametrize("image", IMAGES, ids=[image.database.NAME for image in IMAGES])


def package(tree: Tree, name: str, *paths: str) -> None:
    """Install files that hold their own paths; a path with a slash at its end is a folder."""
    files = [path for path in paths if not path.endswith("/")]
    for path in files:
        tree.file(path, path)
    md5 = {path: hashlib.md5(path.encode(), usedforsecurity=False).hexdigest() for path in files}
    tree.package(name, "1", *(path.rstrip("/") for path in paths), md5=md5)


def looked(system: System) -> Tuple[Tuple[Damage, ...], Tuple[str, ...]]:
    return damaged(system, owners.files_in(system, PYTHON_TREE, digests=True))


def told(tree: Tree) -> Dict[str, Tuple[Tuple[str, ...], Tuple[str, ...]]]:
    damage, doubts = looked(tree.system())
    assert doubts == ()
    return {one.package.package: (one.missing, one.altered) for one in damage}


@every_image
def test_a_whole_image_has_no_damage(tree: Tree, image: Image) -> None:
    image.make(tree)
    assert looked(tree.system()) == ((), ())


@every_image
def test_what_is_gone_and_what_has_another_content_is_damage(tree: Tree, image: Image) -> None:
    image.make(tree)
    tree.host(LANDMARK).unlink()
    tree.file(MODULE, "of another maker")
    tree.file(PYTHON, "is no file of Python's folders")
    ((found,), doubts) = looked(tree.system())
    assert f"{found.package}" == image.package
    assert (found.missing, found.altered, doubts) == ((LANDMARK,), (MODULE,), ())


def test_packages_and_their_files_are_sorted(tree: Tree) -> None:
    for name in "ba":
        package(tree, name, *(f"{DIST}/{name}{number}.py" for number in (2, 1)))
        for number in (1, 2):
            tree.host(f"{DIST}/{name}{number}.py").unlink()
    assert list(told(tree).items()) == [(name, ((f"{DIST}/{name}1.py", f"{DIST}/{name}2.py"), ())) for name in "ab"]


@pytest.mark.parametrize(
    "path",
    [f"{DIST}/six.pyc", f"{DIST}/__pycache__/six.cpython-311.pyc", f"{DIST}/__pycache__/x", f"{DIST}/__pycache__"],
)
def test_bytecode_may_be_gone_or_another(tree: Tree, path: str) -> None:
    package(tree, "six", path)
    tree.host(path).unlink()
    assert told(tree) == {}
    tree.file(path, "x")
    assert told(tree) == {}


def test_of_a_folder_that_is_gone_its_files_are_told(tree: Tree) -> None:
    package(tree, "six", f"{DIST}/", f"{DIST}/six/", f"{DIST}/six/a.py")
    tree.host(f"{DIST}/six/a.py").unlink()
    tree.host(f"{DIST}/six").rmdir()
    assert told(tree) == {"six": ((f"{DIST}/six/a.py",), ())}


def test_a_link_or_a_folder_in_place_of_a_file_is_damage_and_a_package_s_own_is_not(tree: Tree) -> None:
    package(tree, "six", SIX, f"{DIST}/yaml.py")
    tree.package("link", "1", f"{DIST}/link.py", f"{DIST}/gone.py")
    tree.link(f"{DIST}/link.py", "/etc/link.py")
    for path in (SIX, f"{DIST}/yaml.py"):
        tree.host(path).unlink()
    tree.link(SIX, f"{DIST}/elsewhere.py")
    tree.file(f"{DIST}/elsewhere.py", SIX)
    tree.directory(f"{DIST}/yaml.py")
    assert told(tree) == {"link": ((f"{DIST}/gone.py",), ()), "six": ((), (SIX, f"{DIST}/yaml.py"))}


def test_what_dpkg_was_told_to_leave_out_is_not_missing_and_what_is_there_is_compared(tree: Tree) -> None:
    package(tree, "six", f"{DIST}/tests/a.py", f"{DIST}/tests/b.py", SIX)
    tree.file("/etc/dpkg/dpkg.cfg.d/slim", f"path-exclude {DIST}/tests/*\n")
    tree.host(f"{DIST}/tests/a.py").unlink()
    assert told(tree) == {}
    tree.file(f"{DIST}/tests/b.py", "x")
    assert told(tree) == {"six": ((), (f"{DIST}/tests/b.py",))}


def test_a_diverted_marker_is_no_damage_and_one_without_its_original_is(tree: Tree) -> None:
    marker = f"{STDLIB}/EXTERNALLY-MANAGED"
    package(tree, "stdlib", marker)
    tree.divert(marker, f"{marker}.distro")
    tree.host(marker).rename(tree.host(f"{marker}.distro"))
    tree.file(marker, "# Written by venvboot\n")
    assert told(tree) == {}
    tree.host(marker).unlink()
    assert told(tree) == {}
    tree.host(f"{marker}.distro").unlink()
    assert told(tree) == {"stdlib": ((f"{marker}.distro",), ())}
    tree.file(f"{marker}.distro", "what the image's author had written")
    assert told(tree) == {}


def test_a_marker_of_another_text_is_no_damage_and_one_that_is_gone_is(tree: Tree) -> None:
    marker = f"{STDLIB}/EXTERNALLY-MANAGED"
    package(tree, "stdlib", marker)
    tree.file(marker, "# Written by venvboot\n")
    assert told(tree) == {}
    tree.host(marker).unlink()
    assert told(tree) == {"stdlib": ((marker,), ())}


def test_a_ghost_of_rpm_s_is_not_missing(tree: Tree) -> None:
    paths = ["/usr/lib/python3.9/ghost.py", "/usr/lib/python3.9/gone.py"]
    flags = rpm_images.numbers(rpm_header.FILE_FLAGS, [rpm_header.GHOST, 0])
    rpm_images.sqlite(tree, rpm_images.package("some", paths, flags))
    assert told(tree) == {"some": (("/usr/lib/python3.9/gone.py",), ())}


def test_doubts_of_the_database_are_told(tree: Tree) -> None:
    package(tree, "six", SIX)
    tree.file("/var/lib/dpkg/info/bad.list", "/etc")
    damage, doubts = looked(tree.system())
    assert (damage, len(doubts)) == ((), 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_what_this_user_cannot_read_is_a_doubt(tree: Tree) -> None:
    package(tree, "six", SIX, f"{DIST}/locked/a.py")
    tree.host(SIX).chmod(0)
    tree.host(f"{DIST}/locked").chmod(0o700)
    for folder in (tree.root, *tree.root.parents):
        if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp/pytest-of-root"):
            folder.chmod(0o755)
    os.seteuid(12345)
    try:
        found = looked(tree.system())
    finally:
        os.seteuid(0)
    assert found == ((), (f"2 files of packages can't be compared, the first {DIST}/locked/a.py",))


def test_what_is_compared_is_bounded(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tree, "six", SIX)
    monkeypatch.setattr("venvboot.facts.damage.MOST_DIGESTED", 3)
    assert looked(tree.system()) == ((), (f"1 files of packages can't be compared, the first {SIX}",))


@pytest.mark.skipif(not os.path.exists("/var/lib/dpkg/status"), reason="this machine has no dpkg")
def test_this_machine_is_looked_through_in_little_time() -> None:
    before = time.monotonic()
    damage, _ = looked(System())
    assert time.monotonic() - before < 20
    assert all(one.missing or one.altered for one in damage)
