"""dpkg's database read without its programs: owners, aliases of merged /usr, diversions, checksums."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts.owners import dpkg
from venvboot.model import SystemPackage

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PYTHON = "/usr/bin/python3.11"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"


@pytest.fixture
def debian(tree: Tree) -> Tree:
    """Merged /usr, and a Python whose checksum is the database's."""
    tree.merged_usr()
    tree.elf(PYTHON)
    tree.file(MARKER, "[externally-managed]\n")
    intact = hashlib.md5(tree.host(PYTHON).read_bytes(), usedforsecurity=False).hexdigest()
    tree.package("python3.11-minimal", "3.11.2-6", PYTHON, md5={PYTHON: intact})
    tree.package("libpython3.11-stdlib", "3.11.2-6", MARKER, arch="amd64", md5={MARKER: "0" * 32})
    return tree


def owner(tree: Tree, path: str) -> str:
    found = dpkg.owners_of(tree.system(), [path]).get(path)
    return str(found.package) if found else ""


def test_a_database_is_present_when_it_lists_something(tree: Tree) -> None:
    assert not dpkg.present(tree.system())
    tree.file("/var/lib/dpkg/status", "")
    assert not dpkg.present(tree.system())
    tree.package("base-files", "12", "/etc/debian_version")
    assert dpkg.present(tree.system())


def test_the_owner_of_a_file_is_the_package_that_lists_it(debian: Tree) -> None:
    found = dpkg.owners_of(debian.system(), [PYTHON, "/usr/bin/other"])
    assert set(found) == {PYTHON}
    assert found[PYTHON].package == SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")
    assert not found[PYTHON].altered


def test_the_architecture_in_a_list_s_name_is_no_part_of_the_package_s(debian: Tree) -> None:
    assert owner(debian, MARKER) == "libpython3.11-stdlib 3.11.2-6 (dpkg)"


def test_other_bytes_than_the_package_s_are_told(debian: Tree) -> None:
    assert dpkg.owners_of(debian.system(), [MARKER])[MARKER].altered
    debian.file(PYTHON, b"\x7fELF of another maker", 0o755)
    assert dpkg.owners_of(debian.system(), [PYTHON])[PYTHON].altered


def test_without_a_checksum_or_without_the_file_nothing_is_called_altered(debian: Tree) -> None:
    debian.package("tool", "1", "/usr/bin/pypy3")
    debian.elf("/usr/bin/pypy3")
    assert not dpkg.owners_of(debian.system(), ["/usr/bin/pypy3"])["/usr/bin/pypy3"].altered
    debian.host(MARKER).unlink()
    assert not dpkg.owners_of(debian.system(), [MARKER])[MARKER].altered


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("/bin/python3", "/usr/bin/python3"),
        ("/usr/bin/python3", "/bin/python3"),
        ("/lib/x/os.py", "/usr/lib/x/os.py"),
    ],
)
def test_either_spelling_of_merged_usr_finds_the_owner(debian: Tree, listed: str, asked: str) -> None:
    debian.package("other", "1", listed)
    found = dpkg.owners_of(debian.system(), [asked])
    assert found[asked].package.package == "other"
    assert found[asked].path == listed


def test_without_merged_usr_the_two_spellings_are_two_files(tree: Tree) -> None:
    tree.directory("/bin")
    tree.package("other", "1", "/bin/python3")
    assert owner(tree, "/usr/bin/python3") == ""
    assert dpkg.spellings(tree.system(), "/usr/bin/python3") == {"/usr/bin/python3"}


def test_a_folder_that_only_begins_like_an_alias_is_none(debian: Tree) -> None:
    assert dpkg.spellings(debian.system(), "/binary/python3") == {"/binary/python3"}
    assert dpkg.spellings(debian.system(), "/usr/libexec/python") == {"/usr/libexec/python"}


def test_a_part_of_a_listed_path_is_owned_by_nobody(debian: Tree) -> None:
    assert owner(debian, "/usr/bin/python3.1") == ""
    assert owner(debian, "usr/bin/python3.11") == ""


def test_a_locally_diverted_file_is_nobody_s(debian: Tree) -> None:
    debian.divert(PYTHON, f"{PYTHON}.distro")
    assert owner(debian, PYTHON) == ""
    assert dpkg.diverted(debian.system()) == {PYTHON: f"{PYTHON}.distro"}


def test_a_diversion_under_the_other_spelling_counts_as_well(debian: Tree) -> None:
    debian.package("other", "1", "/bin/python3")
    debian.divert("/bin/python3", "/bin/python3.distro")
    assert owner(debian, "/usr/bin/python3") == ""


def test_a_file_that_another_package_diverts_is_the_diverting_package_s(debian: Tree) -> None:
    debian.package("a-package", "1", "/usr/bin/pypy3")
    debian.package("z-package", "2", "/usr/bin/pypy3")
    debian.divert("/usr/bin/pypy3", "/usr/bin/pypy3.real", owner="z-package")
    assert owner(debian, "/usr/bin/pypy3") == "z-package 2 (dpkg)"


def test_a_diversion_of_another_path_changes_nothing(debian: Tree) -> None:
    debian.divert("/usr/bin/python3", "/usr/bin/python3.distro")
    assert owner(debian, PYTHON) == "python3.11-minimal 3.11.2-6 (dpkg)"


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/python3/dist-packages/cv2.so",
        "/usr/lib/python3.11/site-packages/cv2/__init__.py",
        "/lib/python3/dist-packages/cv2.so",
        "/usr/lib64/python3.9/site-packages/cv2.so",
        "/usr/lib/pypy3/dist-packages/cv2.so",
    ],
)
def test_python_files_are_those_below_a_packages_folder(tree: Tree, path: str) -> None:
    aside = ("/usr/lib/python3/dist-packages", "/usr/lib/python3.11/os.py", "/usr/share/python3/dist-packages/a.py")
    tree.package("python3-opencv", "4.6", *aside, path)
    assert dpkg.python_files(tree.system()) == {path: SystemPackage("dpkg", "python3-opencv", "4.6")}


@pytest.mark.parametrize(
    "status",
    [
        "Package: python3.11-minimal\nDescription: x\n Version: 9\nVersion: 3.11.2-6\n",
        "Version: 3.11.2-6\nPackage: python3.11-minimal",
        "Package: other\nVersion: 9\n\nPackage: python3.11-minimal\nVersion: 3.11.2-6\n\nPackage: last\nVersion: 8\n",
        "\n\n\nPackage: python3.11-minimal\nVersion:  3.11.2-6 \n",
    ],
)
def test_the_version_is_the_one_of_the_package_s_own_stanza(debian: Tree, status: str) -> None:
    debian.file("/var/lib/dpkg/status", status)
    assert owner(debian, PYTHON) == "python3.11-minimal 3.11.2-6 (dpkg)"


def test_a_package_that_status_does_not_name_still_owns_its_files(debian: Tree) -> None:
    debian.file("/var/lib/dpkg/status", "Package: other\nVersion: 1\n")
    assert dpkg.owners_of(debian.system(), [PYTHON])[PYTHON].package.version == ""


@given(st.binary(max_size=60) | st.text("/usrbin\n:dp \t", max_size=40).map(str.encode))
@example(b"a\nb\n")
@example(b"\n\n:\n")
@example(b"a\nb\n:\nc\n")
def test_any_diversions_file_is_read_without_a_fault(debian: Tree, content: bytes) -> None:
    debian.file("/var/lib/dpkg/diversions", content)
    found = dpkg.diverted(debian.system())
    text = content.decode("utf-8", "replace")
    assert all(path in text and to in text for path, to in found.items())
    assert ":" in text or not found


@given(
    st.lists(st.tuples(*[st.text("/ab.", min_size=1, max_size=8)] * 2, st.sampled_from([":", "dash"])), max_size=4)
)
def test_diversions_are_read_three_lines_each_and_only_the_local_ones(
    debian: Tree, entries: List[tuple[str, str, str]]
) -> None:
    debian.file("/var/lib/dpkg/diversions", "".join(f"{path}\n{to}\n{who}\n" for path, to, who in entries))
    assert dpkg.diverted(debian.system()) == {path: to for path, to, who in entries if who == ":"}


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
@example(b"Package: x", b"/usr/bin/python3.11", b"\xff")
@example(b"Package\nVersion", b"\0\n//\n", b"0" * 32 + b"  usr/bin/python3.11")
def test_any_database_is_read_without_a_fault(debian: Tree, status: bytes, names: bytes, sums: bytes) -> None:
    debian.file("/var/lib/dpkg/status", status)
    debian.file("/var/lib/dpkg/info/a.list", names)
    debian.file("/var/lib/dpkg/info/a.md5sums", sums)
    found = dpkg.owners_of(debian.system(), [PYTHON, "/"])
    assert set(found) <= {PYTHON, "/"}
    assert PYTHON in found
    dpkg.python_files(debian.system())


@given(st.lists(st.binary(min_size=1, max_size=6).filter(lambda part: not {0, 10, 47} & set(part)), min_size=1))
@example([b"\xff"])
@example([b"a(b", b"[c]*"])
def test_every_possible_path_can_be_asked_for_and_is_found_where_it_is_listed(
    debian: Tree, parts: List[bytes]
) -> None:
    listed = b"/srv/" + b"/".join(parts)
    debian.file("/var/lib/dpkg/info/odd.list", b"/.\n" + listed + b"\n")
    debian.file("/var/lib/dpkg/info/odd.md5sums", b"0" * 32 + b"  " + listed[1:] + b"\n")
    path = os.fsdecode(listed)
    assert set(dpkg.owners_of(debian.system(), [path, path + "x"])) == {path}


def test_lists_that_cannot_be_read_are_passed_over(debian: Tree) -> None:
    debian.directory("/var/lib/dpkg/info/folder.list")
    debian.link("/var/lib/dpkg/info/gone.list", "/nowhere")
    os.mkfifo(debian.host("/var/lib/dpkg/info/pipe.list"))
    assert owner(debian, PYTHON) == "python3.11-minimal 3.11.2-6 (dpkg)"
