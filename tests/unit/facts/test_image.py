"""os-release and the process's surroundings, read from real files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import image
from venvboot.model import Distro

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PLAIN = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=10)
QUOTABLE = st.text("abc XYZ0189.:/()#=~+'", max_size=15)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('ID=debian\nVERSION_ID="12"\n', {"ID": "debian", "VERSION_ID": "12"}),
        ("ID='rhel'\n", {"ID": "rhel"}),
        ('ID_LIKE="rhel centos fedora"', {"ID_LIKE": "rhel centos fedora"}),
        ("# ID=not-this\n\n  ID=alpine  \n", {"ID": "alpine"}),
        ("ID=first\nID=second\n", {"ID": "second"}),
        ("ID=\n", {"ID": ""}),
        ('PRETTY_NAME="a = b # c"\n', {"PRETTY_NAME": "a = b # c"}),
        ('NAME="not closed\nID=debian\n', {"ID": "debian"}),
        ("no assignment\n", {}),
        ("", {}),
    ],
)
def test_assignments_are_unquoted_and_the_rest_is_passed_over(text: str, values: Dict[str, str]) -> None:
    assert image.parse_os_release(text) == values


@given(st.text())
@example('A="\\')
@example("=\n=x")
@example("\0=\0")
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert all(isinstance(value, str) for value in image.parse_os_release(text).values())


@given(st.dictionaries(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=8), PLAIN | QUOTABLE, max_size=5))
def test_values_in_double_quotes_are_read_back(values: Dict[str, str]) -> None:
    text = "".join(f'{key}="{value}"\n' for key, value in values.items())
    assert image.parse_os_release(text) == values


def test_the_file_in_etc_wins_over_the_one_in_usr_lib(tree: Tree) -> None:
    tree.file("/usr/lib/os-release", "ID=vendor\n")
    assert image.read(tree.system()).os_release == {"ID": "vendor"}
    tree.file("/etc/os-release", "ID=local\n")
    assert image.read(tree.system()).os_release == {"ID": "local"}


def test_a_link_from_etc_is_followed_inside_the_image(tree: Tree) -> None:
    tree.file("/usr/lib/os-release", "ID=debian\n")
    tree.link("/etc/os-release", "/usr/lib/os-release")
    assert image.read(tree.system()).os_release == {"ID": "debian"}


def test_an_image_without_the_file_has_no_distro(tree: Tree) -> None:
    found = image.read(tree.system(PATH="/bin"))
    assert (found.os_release, found.environ) == ({}, {"PATH": "/bin"})


def test_the_process_is_the_one_that_asks(tree: Tree) -> None:
    found = image.read(tree.system())
    assert (found.uid, found.gid, found.groups) == (os.geteuid(), os.getegid(), tuple(os.getgroups()))
    assert found.privileged is (os.geteuid() == 0)
    assert found.in_group(os.getegid())
    assert not found.in_group(123456)


@pytest.mark.parametrize(
    ("text", "names", "release"),
    [
        ("ID=debian\nVERSION_ID=12\n", ("debian",), "debian-12"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', ("rocky", "rhel", "centos", "fedora"), "rocky-"),
        ("", ("",), "-"),
    ],
)
def test_the_distro_is_its_id_and_what_it_is_like(
    tree: Tree, text: str, names: tuple[str, ...], release: str
) -> None:
    tree.file("/etc/os-release", text)
    assert image.distro(tree.system()) == Distro(names, release)


def test_a_minimal_image_installs_with_microdnf(tree: Tree) -> None:
    tree.file("/usr/bin/microdnf", mode=0o755)
    assert image.distro(tree.system()).dnf == "microdnf"
    tree.file("/usr/bin/dnf", mode=0o755)
    assert image.distro(tree.system()).dnf == "dnf"
