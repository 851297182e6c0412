"""What the dynamic linker knows, and which of its libraries an addition would hide."""

from __future__ import annotations

import os
from typing import Any

import pytest

from venvboot.facts import linker

FOLDER = "/opt/rh/python27/root/usr/lib64"


@pytest.fixture
def image(tree: Any) -> Any:
    tree.file("/sbin/ldconfig", mode=0o755)
    tree.directory("/etc/ld.so.conf.d")
    tree.file(f"{FOLDER}/libpython2.7.so.1.0")
    tree.file(f"{FOLDER}/python2.7/os.py")
    return tree


def test_a_library_of_its_own_hides_nothing(image: Any) -> None:
    found = linker.read(image.system(), FOLDER)
    assert (found.has_ldconfig, found.hidden) == (True, ())


@pytest.mark.parametrize("place", ["/usr/lib64", "/lib", "/usr/lib/x86_64-linux-gnu", "/opt/other/lib"])
def test_one_that_the_system_has_too_would_hide_it(image: Any, place: str) -> None:
    image.file("/etc/ld.so.conf.d/other.conf", f"# a comment\n{FOLDER}\n/opt/other/lib # more\n")
    image.file(f"{place}/libpython2.7.so.1.0")
    assert linker.read(image.system(), FOLDER).hidden == ("libpython2.7.so.1.0",)


def test_its_own_folder_in_the_configuration_hides_nothing(image: Any) -> None:
    image.file("/etc/ld.so.conf.d/venvboot.conf", f"{FOLDER}\n")
    assert linker.read(image.system(), FOLDER).hidden == ()


@pytest.mark.parametrize("missing", ["/sbin/ldconfig", "/etc/ld.so.conf.d"])
def test_without_the_program_or_its_folder_nothing_can_be_added(image: Any, missing: str) -> None:
    place = image.host(missing)
    place.rmdir() if place.is_dir() else place.unlink()
    assert not linker.read(image.system(), FOLDER).has_ldconfig


@pytest.mark.skipif(os.geteuid() != 0, reason="needs files that belong to root")
def test_what_only_root_can_write_is_exposed_to_nobody(image: Any) -> None:
    assert linker.read(image.system(), FOLDER).exposed == ""


@pytest.mark.parametrize("open_to_others", ["/opt/rh", FOLDER, f"{FOLDER}/libpython2.7.so.1.0"])
def test_a_folder_or_a_library_that_others_may_write_is_told(image: Any, open_to_others: str) -> None:
    image.directory("/usr/lib")
    image.host(open_to_others).chmod(0o1777)
    told = linker.read(image.system(), f"/usr/lib:{FOLDER}").exposed
    if os.geteuid() == 0:
        assert told == f"{open_to_others} may be written by everybody"
    assert told


def test_a_link_to_a_library_of_others_is_told(image: Any) -> None:
    image.file("/srv/mine/libmore.so", mode=0o666)
    image.link(f"{FOLDER}/libmore.so", "/srv/mine/libmore.so")
    told = linker.read(image.system(), FOLDER).exposed
    if os.geteuid() == 0:
        assert told == "/srv/mine/libmore.so may be written by everybody"
    assert told
