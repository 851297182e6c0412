"""pacman's local database: a real one, and what only a hostile one has."""

from __future__ import annotations

import gzip
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.facts.owners.images import PYTHON, arch
from venvboot.facts.owners import pacman

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.conftest import Tree

FOLDER = "/var/lib/pacman/local"
MTREE = f"{FOLDER}/python3.11-1:3.11.2-6/mtree"
REAL = ("/usr/bin/python3.13", "/usr/lib/python3.13/os.py", "/usr/lib/python3.13/EXTERNALLY-MANAGED")
OTHER = "/usr/share/example/naïve"


@pytest.fixture
def real(tree: Tree, repository: Path) -> Tree:
    """Written by pacman 7; each file's content is its path and a newline (see ORIGIN.txt beside it)."""
    shutil.copytree(repository / "tests/data/owners/pacman/local", tree.host(FOLDER))
    for path in (*REAL, OTHER):
        tree.file(path, f"{path}\n")
    tree.link("/usr/bin/python3", "python3.13")
    return tree


@pytest.fixture
def made(tree: Tree) -> Tree:
    arch(tree)
    return tree


def altered(tree: Tree, path: str) -> bool:
    return pacman.owners_of(tree.system(), [path]).by_path[path].altered


def test_a_real_database_names_the_owner_of_files_and_links(real: Tree) -> None:
    asked = [
        *REAL,
        "/usr/bin/python3",
        OTHER,
        "/usr/bin",
        "/usr/bin/",
        "/",
        "/usr/bin/python3.1",
        "usr/bin/python3.13",
    ]
    found = pacman.owners_of(real.system(), asked)
    assert {path: str(owner.package) for path, owner in found.by_path.items()} == {
        **dict.fromkeys([*REAL, "/usr/bin/python3"], "python 3.13.7-1 (pacman)"),
        OTHER: "example 2.0-3 (pacman)",
    }
    assert found.doubts == ()
    assert not any(owner.altered for owner in found.by_path.values())


def test_a_changed_file_is_told_by_the_digest_of_a_real_mtree(real: Tree) -> None:
    for path in (REAL[0], OTHER):  # the second is written with escapes
        real.file(path, "of another maker\n")
        assert altered(real, path)
    assert not altered(real, REAL[1])


def test_a_name_of_other_bytes_than_utf_8_is_found_in_both_files(made: Tree) -> None:
    path = os.fsdecode(b"/srv/na\xefve \\033 #")
    made.file(f"{FOLDER}/odd-1-1/files", b"%FILES%\n" + os.fsencode(path)[1:] + b"\n\n")
    escaped = rb"./srv/na\357ve\040\134033\040\043 time=1.0 size=1 sha256digest=" + b"0" * 64
    made.file(f"{FOLDER}/odd-1-1/mtree", gzip.compress(b"#mtree\n" + escaped + b"\n"))
    made.host(path).parent.mkdir(parents=True)
    made.host(path).write_bytes(b"x")
    assert altered(made, path)


@pytest.mark.parametrize(
    ("folder", "package"),
    [
        ("python-3.13.7-1", "python 3.13.7-1 (pacman)"),
        ("lib32-gcc-libs-1:14.2.0-1.1", "lib32-gcc-libs 1:14.2.0-1.1 (pacman)"),
        ("odd", "odd  (pacman)"),
        ("odd-1", "odd 1 (pacman)"),
    ],
)
def test_name_and_version_are_those_of_the_folder(tree: Tree, folder: str, package: str) -> None:
    tree.file(f"{FOLDER}/{folder}/files", "%FILES%\nsrv/a\n\n")
    assert str(pacman.owners_of(tree.system(), ["/srv/a"]).by_path["/srv/a"].package) == package


def test_a_package_without_files_is_no_doubt_and_one_without_a_list_is(made: Tree) -> None:
    made.file(f"{FOLDER}/meta-1-1/files", "")
    assert pacman.owners_of(made.system(), [PYTHON]).doubts == ()
    made.host(f"{FOLDER}/meta-1-1/files").unlink()
    assert pacman.owners_of(made.system(), [PYTHON]).doubts == (
        f"pacman ({FOLDER}/meta-1-1/files): no list of files",
    )


def test_what_is_backed_up_is_not_listed_for_that(tree: Tree) -> None:
    tree.file(f"{FOLDER}/a-1-1/files", "%FILES%\nsrv/a\n\n%BACKUP%\nsrv/b\nsrv/c\t0123\n")
    assert set(pacman.owners_of(tree.system(), ["/srv/a", "/srv/b", "/srv/c", "/"]).by_path) == {"/srv/a"}


@pytest.mark.parametrize("content", ["srv/a\n", "%files%\nsrv/a\n", "\0\0\0\n", "%BACKUP%\nsrv/a\n"])
def test_a_list_of_another_form_is_a_doubt(tree: Tree, content: str) -> None:
    tree.file(f"{FOLDER}/a-1-1/files", content)
    found = pacman.owners_of(tree.system(), ["/srv/a"])
    assert found.by_path == {}
    assert found.doubts == (f"pacman ({FOLDER}/a-1-1/files): no list of files",)


@pytest.mark.parametrize(
    "words", ["type=link link=x", "sha256digest=00", "md5digest=" + "0" * 32, "sha256digest=" + "g" * 64, ""]
)
def test_without_a_digest_nothing_is_called_altered(made: Tree, words: str) -> None:
    made.file(MTREE, gzip.compress(f"#mtree\n/set type=file\n./usr/bin/python3.11 time=1.0 {words}\n".encode()))
    assert not altered(made, PYTHON)
    made.host(MTREE).unlink()
    assert not altered(made, PYTHON)
    assert pacman.owners_of(made.system(), [PYTHON]).doubts == ()


def test_an_mtree_that_is_not_compressed_is_a_doubt_and_hides_no_owner(made: Tree) -> None:
    made.file(MTREE, "#mtree\n")
    found = pacman.owners_of(made.system(), [PYTHON])
    assert not found.by_path[PYTHON].altered
    assert found.doubts == (f"pacman ({MTREE}): not in gzip's format",)


def test_what_a_small_mtree_unfolds_to_is_bounded(made: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = b"./usr/bin/python3.11 sha256digest=" + b"0" * 64 + b"\n"
    made.file(MTREE, gzip.compress(b"\n" * 5000 + digest))
    assert altered(made, PYTHON)
    monkeypatch.setattr(pacman, "FILE_LIMIT", 5000)
    assert not altered(made, PYTHON)


@given(st.binary(max_size=80))
@example(b"./usr/bin/python3.11 sha256digest=" + b"0" * 64)
@example(rb"./usr/bin/python3.11\777 \400")
def test_any_mtree_is_read_without_a_fault(made: Tree, content: bytes) -> None:
    made.file(MTREE, gzip.compress(content))
    assert PYTHON in pacman.owners_of(made.system(), [PYTHON]).by_path
