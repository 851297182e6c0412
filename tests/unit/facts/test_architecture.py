"""The architecture of a package, as each kind of database has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.facts.owners import rpm_images
from venvboot.facts import architecture
from venvboot.facts.owners import rpm, rpm_header
from venvboot.facts.owners.reading import Reader
from venvboot.model import SystemPackage

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


def of(tree: Tree, manager: str, package: str, version: str) -> str:
    return architecture.of(tree.system(), SystemPackage(manager, package, version))


def test_dpkg_tells_it_in_status(tree: Tree) -> None:
    tree.package("python3.11-minimal", "3.11.2-6", "/usr/bin/python3.11")
    assert of(tree, "dpkg", "python3.11-minimal", "3.11.2-6") == "amd64"
    assert of(tree, "dpkg", "python3.11-minimal", "3.11.2-7") == ""
    assert of(tree, "dpkg", "python3", "3.11.2-6") == ""


def test_of_two_architectures_none_is_guessed(tree: Tree) -> None:
    stanza = "Package: a\nVersion: 1\nArchitecture: {}\n\n"
    tree.file("/var/lib/dpkg/status", stanza.format("amd64") + stanza.format("i386"))
    assert of(tree, "dpkg", "a", "1") == ""


def test_distroless_has_a_file_for_each(tree: Tree) -> None:
    tree.file("/var/lib/dpkg/status.d/python3.11", "Package: python3.11\nVersion: 1\nArchitecture: arm64\n")
    tree.file("/var/lib/dpkg/status.d/python3.11.md5sums", "")
    assert of(tree, "distroless", "python3.11", "1") == "arm64"


@pytest.mark.parametrize("place", ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"])
def test_apk_has_a_letter_for_it(tree: Tree, place: str) -> None:
    tree.file(place, "P:busybox\nV:1\nA:x86_64\n\nP:python3\nV:3.12.1-r0\nA:aarch64\n\n")
    assert of(tree, "apk", "python3", "3.12.1-r0") == "aarch64"


def test_pacman_has_it_in_desc(tree: Tree) -> None:
    tree.file("/var/lib/pacman/local/python-3.12.1-1/desc", "%NAME%\npython\n\n%ARCH%\nx86_64\n\n")
    assert of(tree, "pacman", "python", "3.12.1-1") == "x86_64"


def test_rpm_has_a_tag_for_it(tree: Tree) -> None:
    more = rpm_images.text(rpm_header.ARCHITECTURE, "x86_64")
    rpm_images.sqlite(
        tree, rpm_images.package("python3", ["/usr/bin/python3"], more), rpm_images.package("other", ["/a"])
    )
    assert of(tree, "rpm", "python3", "1-1") == "x86_64"
    assert of(tree, "rpm", "other", "1-1") == ""


@pytest.mark.parametrize("form", rpm_images.FORMS)
def test_real_databases_of_rpm_tell_it(tree: Tree, form: str) -> None:
    rpm_images.put(tree, form)
    told = {
        architecture.of(tree.system(), SystemPackage("rpm", name, version))
        for name, version in rpm_images_packages(tree)
    }
    assert told <= {"noarch", "x86_64", "(none)"}
    assert told - {""}


def rpm_images_packages(tree: Tree) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = list(
        rpm.listed(Reader(tree.system(), "rpm"), lambda header: [(header.name, header.version)])
    )
    return found


@pytest.mark.parametrize("told", ["a" * 41, "x\x1b[31m", "\u0430md64"])
def test_what_can_be_none_is_left_out(tree: Tree, told: str) -> None:
    tree.file("/var/lib/dpkg/status", f"Package: a\nVersion: 1\nArchitecture: {told}\n\n")
    assert of(tree, "dpkg", "a", "1") == ""


@pytest.mark.parametrize("manager", ["portage", "xbps", "conda", "dpkg", "rpm", "pacman", "apk", "distroless"])
def test_without_a_database_it_is_not_told(tree: Tree, manager: str) -> None:
    assert of(tree, manager, "python3", "1") == ""
