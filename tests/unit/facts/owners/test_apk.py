"""apk's installed database, written here to its documented form."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.facts.owners.images import LINK, PYTHON, alpine, digest, q1
from venvboot.facts.owners import apk
from venvboot.facts.owners.paths import Sought

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

OLD, NEW = "/lib/apk/db/installed", "/usr/lib/apk/db/installed"
PLACES = pytest.mark.parametrize("place", [OLD, NEW])


def package(tree: Tree, path: str) -> str:
    found = apk.owners_of(tree.system(), [path]).by_path.get(path)
    return str(found.package) if found else ""


@PLACES
def test_either_place_is_read(tree: Tree, place: str) -> None:
    tree.file(place, "P:busybox\nV:1.36.1-r29\nF:bin\nR:busybox\n\n")
    assert apk.present(tree.system())
    assert package(tree, "/bin/busybox") == "busybox 1.36.1-r29 (apk)"


def test_of_two_files_both_are_read_and_of_merged_usr_the_one_only_once(tree: Tree) -> None:
    tree.file(OLD, "P:a\nV:1\nF:srv\nR:a\n\nodd\n")
    tree.file(NEW, "P:b\nV:2\nF:srv\nR:b\n\nodd\n")
    found = apk.owners_of(tree.system(), ["/srv/a", "/srv/b"])
    assert {path: owner.package.package for path, owner in found.by_path.items()} == {"/srv/a": "a", "/srv/b": "b"}
    assert len(found.doubts) == 2
    tree.host(OLD).unlink()
    for folder in ("/lib/apk/db", "/lib/apk", "/lib"):
        tree.host(folder).rmdir()
    tree.link("/lib", "usr/lib")
    assert apk.owners_of(tree.system(), ["/srv/b"]).doubts == (f"apk ({NEW}): a line that is no field",)


def test_a_virtual_package_owns_nothing(tree: Tree) -> None:
    """The Alpine variant of the python image has one, and its Python is not apk's."""
    tree.file(OLD, "C:Q1=\nP:.python-rundeps\nV:20240101.000000\nA:noarch\nD:so:libz.so.1\nt:1\n\n")
    found = apk.owners_of(tree.system(), ["/usr/local/bin/python3.12"])
    assert (found.by_path, found.doubts) == ({}, ())


def test_a_file_in_the_root_folder_and_one_of_many_folders_deep(tree: Tree) -> None:
    tree.file(OLD, "P:a\nV:1\nF:\nR:init\nF:usr\nF:usr/lib\nF:usr/lib/a/b\nM:0:0:1777\nR:c d\na:0:0:755\n\n")
    assert package(tree, "/init") == package(tree, "/usr/lib/a/b/c d") == "a 1 (apk)"
    assert package(tree, "/usr/lib") == package(tree, "/usr/lib/init") == ""


def test_a_file_has_a_digest_and_a_link_has_none(tree: Tree) -> None:
    sought = Sought(frozenset((b"bin/",)), re.compile(rb"/bin/"))
    alpine(tree)
    told = apk.files_in(tree.system(), sought, digests=True)
    assert (set(told.packages), set(told.digests)) == ({LINK, PYTHON}, {PYTHON})


def test_a_link_is_never_altered_its_checksum_is_that_of_a_name(tree: Tree) -> None:
    alpine(tree)
    assert not apk.owners_of(tree.system(), [LINK]).by_path[LINK].altered
    tree.host(LINK).unlink()
    tree.elf(LINK)
    assert apk.owners_of(tree.system(), [LINK]).by_path[LINK].altered


def test_with_flag_s_the_checksum_is_the_first_part_of_sha256(tree: Tree) -> None:
    tree.elf(PYTHON)
    short = q1(digest(tree, PYTHON, "sha256")[:40])
    for flag, altered in {"S": False, "xS": False, "f": True}.items():
        tree.file(OLD, f"P:a\nV:1\nf:{flag}\nF:usr/bin\nR:python3.11\na:0:0:755\nZ:{short}\n\n")
        assert apk.owners_of(tree.system(), [PYTHON]).by_path[PYTHON].altered is altered


@pytest.mark.parametrize("checksum", ["", "Q1", "Q1====", "Q1AAAA", "Q2" + "A" * 43 + "=", "0" * 40, "Q1" + "é" * 27])
def test_a_checksum_of_another_form_is_none(tree: Tree, checksum: str) -> None:
    tree.elf(PYTHON)
    tree.file(OLD, f"P:a\nV:1\nF:usr/bin\nR:python3.11\nZ:{checksum}\n\n")
    assert not apk.owners_of(tree.system(), [PYTHON]).by_path[PYTHON].altered


@pytest.mark.parametrize("line", ["no field", "R", ":", "\0\0\0"])
def test_a_line_that_is_no_field_is_a_doubt_and_hides_nothing(tree: Tree, line: str) -> None:
    tree.file(OLD, f"P:a\nV:1\n{line}\nF:srv\n{line}\nR:a\n\n")
    found = apk.owners_of(tree.system(), ["/srv/a"])
    assert list(found.by_path) == ["/srv/a"]
    assert found.doubts == (f"apk ({OLD}): a line that is no field",)


@given(
    st.lists(
        st.tuples(st.text("ab/.- ", max_size=5), st.text("abc.+ ", min_size=1, max_size=5), st.booleans()), max_size=8
    )
)
def test_exactly_the_listed_files_are_owned(tree: Tree, files: List[tuple[str, str, bool]]) -> None:
    lines = (f"F:{folder}\nR:{name}\n" + f"a:0:0:755\nZ:{q1('00' * 20)}\n" * full for folder, name, full in files)
    tree.file(OLD, "P:a\nV:1\n" + "".join(lines) + "\n")
    listed = {f"/{folder}/{name}" if folder else f"/{name}" for folder, name, _ in files}
    asked = listed | {f"/{folder}" for folder, _, _ in files} | {f"/{name}" for _, name, _ in files}
    assert set(apk.owners_of(tree.system(), sorted(asked)).by_path) == listed


def test_the_checksum_of_an_empty_file_is_known(tree: Tree) -> None:
    path = tree.file("/srv/a")
    tree.file(OLD, f"P:a\nV:1\nF:srv\nR:a\nZ:{q1(hashlib.sha1(usedforsecurity=False).hexdigest())}\n\n")
    assert not apk.owners_of(tree.system(), [path]).by_path[path].altered
