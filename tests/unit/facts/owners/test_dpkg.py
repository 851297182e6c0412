"""dpkg's database read without its programs: owners, aliases of merged /usr, diversions, checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING, List, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts.owners import dpkg, reading
from venvboot.facts.owners.paths import COMMANDS, PYTHON_PACKAGES
from venvboot.model import SystemPackage
from venvboot.system import System

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
    found = dpkg.owners_of(tree.system(), [path]).by_path.get(path)
    return str(found.package) if found else ""


def doubts(tree: Tree) -> Tuple[str, ...]:
    return dpkg.owners_of(tree.system(), [PYTHON]).doubts


def test_a_database_is_present_when_there_is_anything_of_it(tree: Tree) -> None:
    assert not dpkg.present(tree.system())
    tree.directory("/var/lib/dpkg")
    assert not dpkg.present(tree.system())
    tree.file("/var/lib/dpkg/status", "")
    assert dpkg.present(tree.system())


@pytest.mark.parametrize("gone", ["status", "info"])
def test_half_a_database_is_present(debian: Tree, gone: str) -> None:
    shutil.move(debian.host(f"/var/lib/dpkg/{gone}"), debian.host("/gone"))
    assert dpkg.present(debian.system())


@pytest.mark.parametrize("left", ["status", "available", "triggers/File", "info/format"])
def test_what_is_left_of_a_database_is_one_and_a_doubt(debian: Tree, left: str) -> None:
    shutil.rmtree(debian.host("/var/lib/dpkg"))
    debian.file(f"/var/lib/dpkg/{left}", "" if left == "status" else "1\n")
    assert dpkg.present(debian.system())
    assert doubts(debian) == ("dpkg (/var/lib/dpkg): neither status nor info has a package",)


def test_a_database_that_cannot_be_seen_is_present_and_a_doubt(tree: Tree) -> None:
    tree.link("/var/lib/dpkg", "dpkg")
    assert dpkg.present(tree.system())
    assert doubts(tree)[0] == "dpkg (/var/lib/dpkg/diversions): Too many levels of symbolic links"


def test_a_status_beside_that_of_distroless_is_none_of_dpkg_s(tree: Tree) -> None:
    tree.file("/var/lib/dpkg/status", "Package: a\n\n")
    tree.file("/var/lib/dpkg/status.d/a", "Package: a\n")
    assert not dpkg.present(tree.system())


def test_the_owner_of_a_file_is_the_package_that_lists_it(debian: Tree) -> None:
    found = dpkg.owners_of(debian.system(), [PYTHON, "/usr/bin/other"]).by_path
    assert set(found) == {PYTHON}
    assert found[PYTHON].package == SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")
    assert not found[PYTHON].altered


def test_the_architecture_in_a_list_s_name_is_no_part_of_the_package_s(debian: Tree) -> None:
    assert owner(debian, MARKER) == "libpython3.11-stdlib 3.11.2-6 (dpkg)"


def test_other_bytes_than_the_package_s_are_told(debian: Tree) -> None:
    assert dpkg.owners_of(debian.system(), [MARKER]).by_path[MARKER].altered
    debian.file(PYTHON, b"\x7fELF of another maker", 0o755)
    assert dpkg.owners_of(debian.system(), [PYTHON]).by_path[PYTHON].altered


def test_without_a_checksum_or_without_the_file_nothing_is_called_altered(debian: Tree) -> None:
    debian.package("tool", "1", "/usr/bin/pypy3")
    debian.elf("/usr/bin/pypy3")
    assert not dpkg.owners_of(debian.system(), ["/usr/bin/pypy3"]).by_path["/usr/bin/pypy3"].altered
    debian.host(MARKER).unlink()
    assert not dpkg.owners_of(debian.system(), [MARKER]).by_path[MARKER].altered


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
    found = dpkg.owners_of(debian.system(), [asked]).by_path
    assert found[asked].package.package == "other"
    assert found[asked].path == listed


def test_without_merged_usr_the_two_spellings_are_two_files(tree: Tree) -> None:
    tree.directory("/bin")
    tree.package("other", "1", "/bin/python3")
    assert owner(tree, "/usr/bin/python3") == ""


def test_a_part_of_a_listed_path_is_owned_by_nobody(debian: Tree) -> None:
    assert owner(debian, "/usr/bin/python3.1") == ""
    assert owner(debian, "usr/bin/python3.11") == ""


def test_a_locally_diverted_file_is_nobody_s(debian: Tree) -> None:
    debian.divert(PYTHON, f"{PYTHON}.distro")
    assert owner(debian, PYTHON) == ""
    assert dpkg.diverted(debian.system()) == {PYTHON: f"{PYTHON}.distro"}


def test_what_a_diversion_moved_away_is_still_its_package_s(debian: Tree) -> None:
    away = f"{PYTHON}.distro"
    debian.host(PYTHON).rename(debian.host(away))
    debian.divert(PYTHON, away)
    found = dpkg.owners_of(debian.system(), [away]).by_path[away]
    assert str(found.package) == "python3.11-minimal 3.11.2-6 (dpkg)"
    assert not found.altered
    debian.host(away).write_bytes(b"of another maker")
    assert dpkg.owners_of(debian.system(), [away]).by_path[away].altered


def test_a_file_moved_away_by_another_package_s_diversion_is_its_old_owner_s(debian: Tree) -> None:
    debian.package("wrapper", "1", PYTHON)
    debian.divert(PYTHON, f"{PYTHON}.real", owner="wrapper")
    assert owner(debian, PYTHON) == "wrapper 1 (dpkg)"
    assert owner(debian, f"{PYTHON}.real") == "python3.11-minimal 3.11.2-6 (dpkg)"


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
def test_files_are_those_below_a_packages_folder(tree: Tree, path: str) -> None:
    aside = ("/usr/lib/python3/dist-packages", "/usr/lib/python3.11/os.py", "/usr/share/python3/dist-packages/a.py")
    tree.package("python3-opencv", "4.6", *aside, path)
    found = dpkg.files_in(tree.system(), PYTHON_PACKAGES)
    assert found.packages == {path: SystemPackage("dpkg", "python3-opencv", "4.6")}


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
    assert dpkg.owners_of(debian.system(), [PYTHON]).by_path[PYTHON].package.version == ""


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
    found = dpkg.owners_of(debian.system(), [PYTHON, "/"]).by_path
    assert set(found) <= {PYTHON, "/"}
    assert PYTHON in found
    dpkg.files_in(debian.system(), PYTHON_PACKAGES)


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
    assert set(dpkg.owners_of(debian.system(), [path, path + "x"]).by_path) == {path}


def test_a_list_that_cannot_be_read_is_a_doubt_and_hides_no_other(debian: Tree) -> None:
    debian.directory("/var/lib/dpkg/info/folder.list")
    debian.link("/var/lib/dpkg/info/gone.list", "/nowhere")
    os.mkfifo(debian.host("/var/lib/dpkg/info/pipe.list"))
    os.truncate(debian.host(debian.file("/var/lib/dpkg/info/vast.list")), 1 << 30)
    assert owner(debian, PYTHON) == "python3.11-minimal 3.11.2-6 (dpkg)"
    assert doubts(debian) == (
        "dpkg (/var/lib/dpkg/info/folder.list): not an ordinary file",
        "dpkg (/var/lib/dpkg/info/gone.list): No such file or directory",
        "dpkg (/var/lib/dpkg/info/pipe.list): not an ordinary file",
        f"dpkg (/var/lib/dpkg/info/vast.list): over {reading.FILE_LIMIT} bytes",
    )


def test_a_whole_database_leaves_no_doubt(debian: Tree) -> None:
    assert doubts(debian) == ()


def test_without_status_owners_are_known_and_their_versions_not(debian: Tree) -> None:
    debian.host("/var/lib/dpkg/status").unlink()
    assert dpkg.owners_of(debian.system(), [PYTHON]).by_path[PYTHON].package.version == ""
    assert doubts(debian) == ()


@pytest.mark.parametrize("broken", ["gone", "empty", "overwritten", "folder gone", "a file in its place"])
def test_an_installed_package_whose_list_is_not_to_be_had_is_a_doubt(debian: Tree, broken: str) -> None:
    info = debian.host("/var/lib/dpkg/info")
    if broken == "gone":
        (info / "python3.11-minimal.list").unlink()
    elif broken == "empty":
        (info / "python3.11-minimal.list").write_text("")
    elif broken == "overwritten":
        (info / "python3.11-minimal.list").write_bytes(bytes(100) + b"\n")
    else:
        shutil.rmtree(info)
    if broken == "a file in its place":
        info.write_text("x")
    assert owner(debian, PYTHON) == ""
    missing = "1 installed packages, the first python3.11-minimal"
    if "its place" in broken or "folder" in broken:
        missing = "2 installed packages, the first libpython3.11-stdlib"
    assert doubts(debian)[-1] == f"dpkg (/var/lib/dpkg/info): no list of the files of {missing}"


@pytest.mark.parametrize("state", ["deinstall ok config-files", "purge ok not-installed"])
def test_a_package_that_is_not_installed_needs_no_list(debian: Tree, state: str) -> None:
    status = debian.host("/var/lib/dpkg/status")
    status.write_text(f"{status.read_text()}Package: old\nStatus: {state}\n\n")
    assert doubts(debian) == ()


@pytest.mark.parametrize("name", ["status", "diversions", "info/python3.11-minimal.md5sums"])
def test_what_else_of_the_database_cannot_be_read_is_a_doubt(debian: Tree, name: str) -> None:
    path = f"/var/lib/dpkg/{name}"
    debian.host(path).unlink(missing_ok=True)
    debian.directory(path)
    assert owner(debian, PYTHON).startswith("python3.11-minimal ")
    assert doubts(debian) == (f"dpkg ({path}): not an ordinary file",)


def test_a_value_with_much_white_space_takes_no_time(debian: Tree) -> None:
    blank = " " * (1 << 20)
    debian.file("/var/lib/dpkg/status", f"Package: python3.11-minimal\nVersion: 1{blank}2\nStatus:{blank}x\n\n")
    assert owner(debian, PYTHON).startswith("python3.11-minimal 1 ")


# -- files of a kind ------------------------------------------------------------------------------------

MODULE = "/usr/lib/python3/dist-packages/six.py"


@pytest.mark.parametrize("owner", [":", "other"])
def test_diverted_files_are_told_where_they_lie(tree: Tree, owner: str) -> None:
    """From within the kind, into it, and out of it."""
    tree.package("six", "1", "/usr/bin/six", "/usr/share/six.py", MODULE, md5={"/usr/share/six.py": "0" * 32})
    tree.divert("/usr/bin/six", "/usr/bin/six.distrib", owner)
    tree.divert("/usr/share/six.py", f"{MODULE}.moved", owner)
    tree.divert(MODULE, "/usr/share/six.moved", owner)
    found = dpkg.files_in(tree.system(), PYTHON_PACKAGES | COMMANDS, digests=True)
    assert set(found.packages) == {"/usr/bin/six.distrib", f"{MODULE}.moved"}
    assert found.digests == {f"{MODULE}.moved": ("md5", "0" * 32)}


def test_the_diverting_package_s_own_files_stay(tree: Tree) -> None:
    tree.package("six", "1", MODULE)
    tree.divert(MODULE, f"{MODULE}.distrib", "six")
    assert set(dpkg.files_in(tree.system(), PYTHON_PACKAGES).packages) == {MODULE}


def test_the_checksums_of_a_package_are_read_once(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [f"/usr/lib/python3/dist-packages/{number}.py" for number in range(50)]
    tree.package("many", "1", *paths, md5=dict.fromkeys(paths, "0" * 32))
    read: List[str] = []
    whole = reading.Reader.read

    def counted(reader: reading.Reader, path: str, limit: int = reading.FILE_LIMIT) -> bytes:
        read.append(path)
        return whole(reader, path, limit)

    monkeypatch.setattr(reading.Reader, "read", counted)
    assert set(dpkg.files_in(tree.system(), PYTHON_PACKAGES, digests=True).digests) == set(paths)
    assert set(dpkg.owners_of(tree.system(), paths).by_path) == set(paths)
    assert sum(path.endswith("many.md5sums") for path in read) == 2


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("Essential: yes", True),
        ("Protected: yes", True),
        ("Essential: no", False),
        ("Description: Essential: yes", False),
    ],
)
def test_packages_that_dpkg_keeps_are_essential(tree: Tree, field: str, *, kept: bool) -> None:
    head = "Status: install ok installed\n"
    tree.file("/var/lib/dpkg/status", f"Package: tar\n{field}\n{head}\nPackage: six\n{head}Version: 1\n\n")
    assert dpkg.essential(tree.system()) == ({"tar"} if kept else set())


def test_a_removed_package_is_not_essential(tree: Tree) -> None:
    tree.file("/var/lib/dpkg/status", "Package: tar\nEssential: yes\nStatus: deinstall ok config-files\n\n")
    assert dpkg.essential(tree.system()) == frozenset()


@pytest.mark.skipif(not os.path.exists("/var/lib/dpkg/status"), reason="this machine has no dpkg")
def test_the_database_of_this_machine_is_told_whole() -> None:
    system = System()
    found = dpkg.files_in(system, COMMANDS, digests=True)
    assert found.doubts == ()
    assert found.packages["/bin/tar" if "/bin/tar" in found.packages else "/usr/bin/tar"].package == "tar"
    assert len(found.digests) > 100
    assert {"tar", "dpkg"} <= dpkg.essential(system)
