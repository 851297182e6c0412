"""dpkg's packages in an image without dpkg: stanzas and checksums in ``status.d``, written here to that form."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.unit.facts.owners.images import PYTHON, distroless
from venvboot.facts import owners
from venvboot.facts.owners import distroless as database

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

FOLDER = "/var/lib/dpkg/status.d"


@pytest.fixture
def image(tree: Tree) -> Tree:
    distroless(tree)
    return tree


def test_it_is_not_dpkg_s_database(image: Tree) -> None:
    assert [found.NAME for found in owners.present(image.system())] == ["distroless"]


def test_name_and_version_are_the_stanza_s_whatever_its_file_is_called(image: Tree) -> None:
    for suffix in ("", ".md5sums"):
        image.host(f"{FOLDER}/python3.11{suffix}").rename(image.host(f"{FOLDER}/cHl0aG9uMy4xMQ=={suffix}"))
    found = database.owners_of(image.system(), [PYTHON])
    assert str(found.by_path[PYTHON].package) == "python3.11 3.11.2-6 (distroless)"
    assert found.doubts == ()


def test_without_a_stanza_the_file_s_name_is_the_package_s(image: Tree) -> None:
    image.host(f"{FOLDER}/python3.11").unlink()
    package = database.owners_of(image.system(), [PYTHON]).by_path[PYTHON].package
    assert (package.package, package.version) == ("python3.11", "")


def test_packages_without_a_list_of_their_files_are_a_doubt(image: Tree) -> None:
    image.host(f"{FOLDER}/python3.11.md5sums").unlink()
    found = database.owners_of(image.system(), [PYTHON])
    assert found.by_path == {}
    assert found.doubts == (f"distroless ({FOLDER}): no list of the files of 1 packages, the first python3.11",)


@pytest.mark.parametrize("line", ["usr/bin/other", f"{'0' * 31}  usr/bin/other", f"{'g' * 32}  usr/bin/other", ""])
def test_a_line_without_a_checksum_lists_nothing_and_is_a_doubt(image: Tree, line: str) -> None:
    sums = f"{FOLDER}/python3.11.md5sums"
    image.file(sums, f"{line}\n{image.host(sums).read_text()}")
    found = database.owners_of(image.system(), [PYTHON, "/usr/bin/other"])
    assert list(found.by_path) == [PYTHON]
    assert found.doubts == (f"distroless ({sums}): a line without a checksum",)


def test_names_may_be_of_any_bytes(image: Tree) -> None:
    name = os.fsdecode(b"na\xefve")
    image.file(f"{FOLDER}/{name}.md5sums", b"0" * 32 + b"  srv/na\xefve\n")
    path = os.fsdecode(b"/srv/na\xefve")
    assert database.owners_of(image.system(), [path]).by_path[path].package.package == "na�ve"
