"""Portage's database of installed packages, written here to its documented form."""

from __future__ import annotations

from typing import TYPE_CHECKING, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.facts.owners.images import PYTHON, gentoo
from venvboot.facts.owners import portage

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

CONTENTS = "/var/db/pkg/dev-lang/python-3.11.9/CONTENTS"
MD5 = "0" * 32


@pytest.mark.parametrize(
    ("folder", "package"),
    [
        ("dev-lang/python-3.11.9", "dev-lang/python 3.11.9 (portage)"),
        ("dev-lang/python-3.12.3_p1-r2", "dev-lang/python 3.12.3_p1-r2 (portage)"),
        ("dev-lang/python-3.13.0_rc1_p2", "dev-lang/python 3.13.0_rc1_p2 (portage)"),
        ("dev-python/pypy3_10-exe-7.3.15_p1", "dev-python/pypy3_10-exe 7.3.15_p1 (portage)"),
        ("dev-libs/openssl-1.1.1w-r3", "dev-libs/openssl 1.1.1w-r3 (portage)"),
        ("app-misc/a-1b-2", "app-misc/a-1b 2 (portage)"),
        ("odd/python", "odd/python  (portage)"),
    ],
)
def test_name_and_version_are_those_of_the_folders(tree: Tree, folder: str, package: str) -> None:
    tree.file(f"/var/db/pkg/{folder}/CONTENTS", f"obj /srv/a {MD5} 1\n")
    assert str(portage.owners_of(tree.system(), ["/srv/a"]).by_path["/srv/a"].package) == package


def test_paths_may_hold_spaces_arrows_and_what_looks_like_a_digest(tree: Tree) -> None:
    files = ["/srv/a b", f"/srv/a {MD5} 1", "/srv/ ", "/srv/a -> b"]
    links = ["/srv/to b", "/srv/x -> y"]
    lines = [f"obj {path} {MD5} 1700000000\n" for path in files] + [f"sym {path} -> ../a b 17\n" for path in links]
    tree.file(CONTENTS, "".join(lines))
    found = portage.owners_of(tree.system(), [*files, *links, "/srv/a", "/srv/to", "/srv/x", f"/srv/a {MD5}"])
    assert set(found.by_path) == {*files, *links}
    assert found.doubts == ()


def test_folders_pipes_and_devices_are_not_asked_for(tree: Tree) -> None:
    tree.file(CONTENTS, "dir /srv/a\nfif /srv/b\ndev /srv/c\n")
    assert portage.owners_of(tree.system(), ["/srv/a", "/srv/b", "/srv/c"]).by_path == {}


def test_a_package_without_contents_is_no_doubt(tree: Tree) -> None:
    """A virtual package has none."""
    gentoo(tree)
    assert not tree.host("/var/db/pkg/virtual/libcrypt-2/CONTENTS").exists()
    assert portage.owners_of(tree.system(), [PYTHON]).doubts == ()


@pytest.mark.parametrize("name", [".cache", "-MERGING-python-3.11.9", ".python.portage_lockfile"])
def test_locks_and_half_made_packages_are_passed_over(tree: Tree, name: str) -> None:
    gentoo(tree)
    tree.file(f"/var/db/pkg/dev-lang/{name}/CONTENTS", f"obj /srv/a {MD5} 1\nodd\n")
    found = portage.owners_of(tree.system(), ["/srv/a"])
    assert (found.by_path, found.doubts) == ({}, ())


def test_a_file_among_the_categories_is_a_doubt_and_hides_nothing(tree: Tree) -> None:
    gentoo(tree)
    tree.file("/var/db/pkg/a-file")
    found = portage.owners_of(tree.system(), [PYTHON])
    assert PYTHON in found.by_path
    assert found.doubts == ("portage (/var/db/pkg/a-file): Not a directory",)


@pytest.mark.parametrize(
    "line", ["", "obj", "obj /srv/b", f"obj /srv/b {MD5}", "sym /srv/b", "odd /srv/b", "dir", "\0"]
)
def test_a_line_that_is_no_entry_is_a_doubt_and_hides_nothing(tree: Tree, line: str) -> None:
    tree.file(CONTENTS, f"dir /srv\n{line}\nobj /srv/a {MD5} 1\n")
    found = portage.owners_of(tree.system(), ["/srv/a", "/srv/b"])
    assert list(found.by_path) == ["/srv/a"]
    assert found.doubts == (f"portage ({CONTENTS}): a line that is no entry",)


@pytest.mark.parametrize("content", ["\n", "srv/a\n", "\0\0\n", "OBJ /srv/c 0 1\n"])
def test_another_file_in_place_of_contents_is_a_doubt(tree: Tree, content: str) -> None:
    tree.file(CONTENTS, content)
    assert portage.owners_of(tree.system(), ["/srv/b"]).doubts == (f"portage ({CONTENTS}): no list of files",)


names = st.text("ab ->0\\é", min_size=1, max_size=6)


@given(st.lists(names, max_size=5), st.lists(names.filter(lambda name: "-> " not in name), max_size=5))
def test_exactly_the_listed_files_and_links_are_owned(tree: Tree, files: List[str], links: List[str]) -> None:
    lines = [f"obj /srv/{name} {MD5} 1\n" for name in files] + [f"sym /lnk/{name} -> x 1\n" for name in links]
    tree.file(CONTENTS, "".join(lines))
    listed = {f"/srv/{name}" for name in files} | {f"/lnk/{name}" for name in links}
    asked = listed | {f"/srv/{name[:-1]}" for name in files} | {f"/lnk/{name} -> x" for name in links}
    assert set(portage.owners_of(tree.system(), sorted(asked)).by_path) == listed
