"""rpm's databases, written by rpm itself in each of their forms (``tests/data/owners/rpm``), read without it."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.facts.owners import rpm_images
from tests.unit.facts.owners.rpm_images import FOLDER, FORMS, INT8, numbers, package, put, real
from venvboot.facts.owners import rpm, rpm_header
from venvboot.facts.owners.paths import PYTHON_PACKAGES, PYTHON_TREE
from venvboot.model import Owners, SystemPackage

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PYTHON = "/usr/bin/python3.9"
OWNED = {
    PYTHON: ("python3", "3.9.21-1.el9", "Red Hat, Inc."),
    "/usr/bin/python3": ("python3", "3.9.21-1.el9", "Red Hat, Inc."),
    "/usr/lib64/python3.9/os.py": ("python3", "3.9.21-1.el9", "Red Hat, Inc."),
    "/usr/bin/python3.11": ("python3.11", "3.11.11-2.el9", "Red Hat, Inc."),
    "/usr/bin/python3.11-hardlink": ("python3.11", "3.11.11-2.el9", "Red Hat, Inc."),
    "/usr/lib64/python3.11/os.py": ("python3.11", "3.11.11-2.el9", "Red Hat, Inc."),
    "/opt/example/bin/python3.12": ("python312-example", "3.12.1-1", "Example Corp"),
    "/opt/example/lib/na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve name": (
        "python312-example",
        "3.12.1-1",
        "Example Corp",
    ),
    "/usr/bin/python3.13": ("python3.13", "3.13.1-1.amzn2023", ""),
    "/usr/bin/python3.6": ("python36u", "3.6.8-1.el7.ius", "IUS"),
}
NOBODY_S = (
    "/usr/local/bin/python3.9",
    "/usr/lib/python3.9",
    "/bin/python3.9",
    "/usr/bin/python3.1",
    "python3.9",
    "/",
    "",
)

every_form = pytest.mark.parametrize("form", FORMS)


def owners(tree: Tree, *paths: str) -> Owners:
    return rpm.owners_of(tree.system(), paths)


def listing(tree: Tree) -> dict[str, tuple[bytes, int]]:
    files = [path for path in tree.root.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@every_form
def test_owner_version_and_vendor_are_those_of_the_header(tree: Tree, form: str) -> None:
    put(tree, form)
    told = owners(tree, *OWNED, *NOBODY_S)
    assert {
        path: (one.package.package, one.package.version, one.vendor) for path, one in told.by_path.items()
    } == OWNED
    assert all(one.package.manager == "rpm" and one.path == path for path, one in told.by_path.items())
    assert told.doubts == ()


@every_form
def test_reading_leaves_every_byte_and_adds_no_file(tree: Tree, form: str) -> None:
    put(tree, form)
    before = listing(tree)
    owners(tree, *OWNED)
    rpm.files_in(tree.system(), PYTHON_PACKAGES, digests=True)
    assert listing(tree) == before


@every_form
@pytest.mark.parametrize("folder", rpm.FOLDERS)
def test_a_database_stands_in_either_folder(tree: Tree, form: str, folder: str) -> None:
    assert not rpm.present(tree.system())
    put(tree, form, folder)
    assert rpm.present(tree.system())
    assert set(owners(tree, PYTHON).by_path) == {PYTHON}


def test_a_folder_that_is_a_link_to_the_other_is_read_once(tree: Tree) -> None:
    tree.file("/usr/lib/sysimage/rpm/Packages.db", real("Packages.db")[:-1])
    tree.link("/var/lib/rpm", "../../usr/lib/sysimage/rpm")
    assert len(owners(tree, PYTHON).doubts) == 1


def test_of_several_databases_none_is_passed_over(tree: Tree) -> None:
    put(tree, "rpmdb.sqlite")
    tree.file(f"{FOLDER}/Packages", "something else")
    told = owners(tree, PYTHON)
    assert set(told.by_path) == {PYTHON}
    assert told.doubts == ("rpm (/var/lib/rpm/Packages): its beginning is not that of a BerkeleyDB hash file",)


@every_form
def test_content_that_is_not_the_package_s_is_told_and_a_link_has_none(tree: Tree, form: str) -> None:
    put(tree, form)
    tree.file(PYTHON, PYTHON + "\n")
    tree.file("/usr/bin/python3.11", "another one's")
    tree.link("/usr/bin/python3", "python3.11")
    told = owners(tree, PYTHON, "/usr/bin/python3.11", "/usr/bin/python3", "/usr/bin/python3.13").by_path
    assert [path for path, one in told.items() if one.altered] == ["/usr/bin/python3.11"]


@every_form
def test_either_spelling_of_merged_usr_finds_the_owner(tree: Tree, form: str) -> None:
    tree.merged_usr()
    put(tree, form)
    told = owners(tree, "/bin/python3.9", PYTHON).by_path
    assert {path: one.path for path, one in told.items()} == {"/bin/python3.9": PYTHON, PYTHON: PYTHON}


@every_form
@pytest.mark.parametrize("kind", ["directory", "pipe", "link to nothing", "link to itself", "other content"])
def test_what_stands_there_and_is_no_database_is_a_doubt(tree: Tree, form: str, kind: str) -> None:
    path = f"{FOLDER}/{form}"
    tree.directory(FOLDER)
    if kind == "directory":
        tree.file(f"{path}/inside")
    elif kind == "pipe":
        os.mkfifo(tree.host(path))
    elif kind == "other content":
        tree.file(path, "SQLite format")
    else:
        tree.link(path, "nothing" if kind == "link to nothing" else form)
    assert rpm.present(tree.system())
    told = owners(tree, PYTHON)
    assert told.by_path == {}
    assert len(told.doubts) == 1
    assert told.doubts[0].startswith(f"rpm ({path}): ")
    assert rpm.files_in(tree.system(), PYTHON_PACKAGES).packages == {}


def test_a_link_to_a_device_is_not_read(tree: Tree) -> None:
    tree.link(f"{FOLDER}/Packages", "/dev/zero")
    tree.directory("/dev")
    tree.link("/dev/zero", "../../../../../../../../../dev/zero")
    assert owners(tree, PYTHON).doubts


@every_form
@given(data=st.data())
def test_a_database_that_is_cut_off_anywhere_is_a_doubt(tree: Tree, form: str, data: st.DataObject) -> None:
    whole = real(form)
    pages = st.integers(1, (len(whole) - 1) // 4096).map(lambda count: count * 4096)
    end = data.draw(st.integers(1, len(whole) - 1) | st.integers(len(whole) - 200, len(whole) - 1) | pages)
    tree.file(f"{FOLDER}/{form}", whole[:end])
    told = owners(tree, *OWNED)
    assert told.doubts
    assert all(OWNED[path][0] == one.package.package for path, one in told.by_path.items())


@every_form
@given(data=st.data())
def test_a_damaged_database_is_read_without_a_fault_and_in_time(tree: Tree, form: str, data: st.DataObject) -> None:
    content = bytearray(real(form))
    places = st.integers(0, len(content) - 1) | st.integers(0, 200)
    for place in data.draw(st.lists(places, min_size=1, max_size=8)):
        damage = data.draw(st.sampled_from([b"\0" * 16, b"\xff" * 4, b"\x7f"]) | st.binary(min_size=1, max_size=40))
        content[place : place + len(damage)] = damage
    tree.file(f"{FOLDER}/{form}", bytes(content))
    before = time.monotonic()
    told = owners(tree, *OWNED)
    rpm.files_in(tree.system(), PYTHON_TREE, digests=True)
    assert time.monotonic() - before < 5
    assert set(told.by_path) <= set(OWNED)


@every_form
@given(content=st.binary(min_size=1, max_size=200))
@example(content=b"\0")
def test_anything_else_in_its_place_is_a_doubt(tree: Tree, form: str, content: bytes) -> None:
    tree.file(f"{FOLDER}/{form}", content)
    told = owners(tree, PYTHON)
    assert told.by_path == {}
    assert told.doubts


@pytest.mark.parametrize("form", ["Packages.db", "Packages"])
def test_a_database_over_the_limit_is_a_doubt_and_not_read(tree: Tree, form: str) -> None:
    put(tree, form)
    os.truncate(tree.host(f"{FOLDER}/{form}"), 1 << 40)
    assert len(owners(tree, PYTHON).doubts) == 1


def test_one_damaged_header_hides_no_other_package(tree: Tree) -> None:
    damaged = package("damaged", ["/usr/bin/python3.9"])[:-1]
    rpm_images.sqlite(tree, damaged, package("python3", [PYTHON, "/usr/bin/python3"]))
    told = owners(tree, PYTHON)
    assert told.by_path[PYTHON].package == SystemPackage("rpm", "python3", "1-1")
    assert len(told.doubts) == 1
    assert told.doubts[0].startswith(f"rpm ({FOLDER}/rpmdb.sqlite): a header of ")


def test_a_database_without_packages_owns_nothing_and_leaves_no_doubt(tree: Tree) -> None:
    """As Debian's rpm(8) makes one of its own."""
    rpm_images.sqlite(tree)
    assert owners(tree, PYTHON) == Owners({}, ())


def test_a_file_is_the_package_s_that_has_it_in_place(tree: Tree) -> None:
    """1: replaced by another package's. 2: not installed. 4: of another architecture's."""
    for state in (1, 2, 4):
        old = package("old", [PYTHON], numbers(rpm_header.FILE_STATES, [state], INT8))
        rpm_images.sqlite(tree, old, package("new", [PYTHON]))
        assert owners(tree, PYTHON).by_path[PYTHON].package.package == "new"


def test_files_are_those_below_a_packages_folder(tree: Tree) -> None:
    inside = [
        "/usr/lib/python3.9/site-packages/six.py",
        "/usr/lib64/python3.9/site-packages/yaml/__init__.py",
        "/opt/rh/rh-python38/root/usr/lib/python3.8/site-packages/wheel/x.py",
    ]
    aside = ["/usr/bin/six", "/usr/lib64/python3.9/os.py", "/usr/share/site-packages/x"]
    rpm_images.sqlite(tree, package("other", aside[:2]), package("python3-six", [*aside, *inside], version="1.16"))
    found = rpm.files_in(tree.system(), PYTHON_PACKAGES)
    assert found.packages == dict.fromkeys(inside, SystemPackage("rpm", "python3-six", "1.16-1"))


@given(st.lists(st.binary(min_size=1, max_size=6).filter(lambda part: not {0, 47} & set(part)), min_size=1))
@example([b"\xff"])
def test_every_possible_path_can_be_asked_for_and_is_found_where_it_is_listed(tree: Tree, parts: list[bytes]) -> None:
    path = os.fsdecode(b"/srv/" + b"/".join(parts))
    rpm_images.sqlite(tree, package("odd", [path]))
    assert set(owners(tree, path, path + "x").by_path) == {path}


def test_a_digest_of_another_algorithm_is_compared_with_that(tree: Tree) -> None:
    tree.file(PYTHON, "x")
    digest = hashlib.md5(b"x", usedforsecurity=False).hexdigest().encode()
    digests = rpm_images.strings(rpm_header.FILE_DIGESTS, [digest])
    rpm_images.sqlite(tree, package("old", [PYTHON], digests, numbers(rpm_header.FILE_DIGEST_ALGORITHM, [])))
    assert not owners(tree, PYTHON).by_path[PYTHON].altered
    tree.file(PYTHON, "y")
    assert owners(tree, PYTHON).by_path[PYTHON].altered


def test_with_digests_only_files_that_have_to_be_there_are_told(tree: Tree) -> None:
    paths = [f"/usr/lib/python3.9/site-packages/{name}.py" for name in ("plain", "config", "missing", "ghost")]
    flags = numbers(rpm_header.FILE_FLAGS, [0, rpm_header.CONFIG, rpm_header.MISSING_OK, rpm_header.GHOST])
    rpm_images.sqlite(tree, package("some", paths, flags))
    assert set(rpm.files_in(tree.system(), PYTHON_PACKAGES).packages) == set(paths)
    found = rpm.files_in(tree.system(), PYTHON_PACKAGES, digests=True)
    assert set(found.packages) == set(paths[:2])
    assert found.digests == {paths[0]: ("sha256", "0" * 64)}


def test_digests_of_many_files_take_no_time(tree: Tree) -> None:
    paths = [f"/usr/lib/python3.9/{number}.py" for number in range(20_000)]
    rpm_images.sqlite(tree, package("many", paths))
    before = time.monotonic()
    assert len(rpm.files_in(tree.system(), PYTHON_TREE, digests=True).digests) == len(paths)
    assert time.monotonic() - before < 5


def test_packages_that_dnf_and_yum_keep_are_essential(tree: Tree) -> None:
    tree.file("/etc/dnf/protected.d/dnf.conf", "# kept\ndnf\r\n\n  python3-dnf  # too\n")
    tree.file("/etc/yum/protected.d/systemd.conf", "systemd")
    tree.file("/etc/dnf/protected.d/notes.txt", "no")
    tree.directory("/etc/dnf/protected.d/folder.conf")
    assert rpm.essential(tree.system()) == {"dnf", "python3-dnf", "systemd"}
