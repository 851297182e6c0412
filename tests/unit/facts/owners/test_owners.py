"""All package databases of an image together, and those that can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from venvboot.facts import owners

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


def test_an_image_without_a_database_owns_nothing(tree: Tree) -> None:
    system = tree.system()
    assert owners.present(system) == ()
    assert owners.owners_of(system, ["/usr/bin/python3"]) == {}
    assert owners.python_files(system) == {}
    assert owners.unread(system) == ()


def test_what_dpkg_owns_is_told(tree: Tree) -> None:
    tree.package("python3-yaml", "6.0", "/usr/lib/python3/dist-packages/yaml/__init__.py", "/usr/bin/python3.11")
    assert (
        owners.owners_of(tree.system(), ["/usr/bin/python3.11"])["/usr/bin/python3.11"].package.package
        == "python3-yaml"
    )
    assert list(owners.python_files(tree.system())) == ["/usr/lib/python3/dist-packages/yaml/__init__.py"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/var/lib/rpm/rpmdb.sqlite", "rpm (/var/lib/rpm/rpmdb.sqlite)"),
        ("/lib/apk/db/installed", "apk (/lib/apk/db/installed)"),
        ("/var/lib/pacman/local", "pacman (/var/lib/pacman/local)"),
        ("/var/lib/dpkg/status.d", "dpkg (distroless) (/var/lib/dpkg/status.d)"),
    ],
)
def test_a_database_that_cannot_be_read_yet_is_named(tree: Tree, path: str, told: str) -> None:
    tree.file(path)
    assert owners.unread(tree.system()) == (told,)
