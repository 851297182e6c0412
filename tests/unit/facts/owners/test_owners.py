"""All package databases alike: what each tells of a small image, and what it makes of one that is damaged."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, List, Set, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.facts.owners.images import FILES, IMAGES, LANDMARK, LINK, MODULE, PYTHON, Image, digest
from venvboot.facts import owners
from venvboot.facts.owners.paths import COMMANDS, PYTHON_PACKAGES, PYTHON_TREE, Sought
from venvboot.facts.owners.reading import OwnedFiles
from venvboot.model import Owners, SystemPackage

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.conftest import Tree

LISTED = {LINK, *FILES}
EVERY = PYTHON_TREE | COMMANDS
# Names that a damaged list might be taken to have: each beginning of a listed one, and what is one letter longer.
ASKED = sorted({name[:end] for name in LISTED for end in range(1, len(name) + 1)} | {name + "x" for name in LISTED})

every_image = pytest.mark.parametrize("image", IMAGES, ids=[image.database.NAME for image in IMAGES])


@pytest.fixture
def made(tree: Tree, image: Image) -> Tree:
    image.make(tree)
    return tree


def database_files(tree: Tree, image: Image) -> List[Path]:
    return sorted(path for path in tree.host(image.folder).rglob("*") if path.is_file())


def owners_of(tree: Tree, image: Image, *paths: str) -> Owners:
    return image.database.owners_of(tree.system(), paths or ASKED)


def test_an_image_without_a_database_owns_nothing(tree: Tree) -> None:
    system = tree.system()
    assert owners.present(system) == ()
    assert owners.owners_of(system, ["/usr/bin/python3"]) == Owners({}, no_database=True)
    assert owners.files_in(system, PYTHON_TREE) == OwnedFiles(no_database=True)
    assert owners.essential(system) == frozenset()


@every_image
def test_an_absent_database_owns_nothing_and_is_no_doubt(tree: Tree, image: Image) -> None:
    assert not image.database.present(tree.system())
    assert owners_of(tree, image) == Owners({})
    assert image.database.files_in(tree.system(), PYTHON_TREE, digests=True) == OwnedFiles()


@every_image
def test_a_database_in_a_place_that_cannot_be_seen_is_a_doubt(tree: Tree, image: Image) -> None:
    for folder in ("/var", "/lib", "/usr"):
        tree.link(folder, folder[1:])
    assert image.database.present(tree.system())
    assert owners_of(tree, image).doubts


@every_image
def test_the_package_that_lists_a_file_owns_it(made: Tree, image: Image) -> None:
    assert image.database.present(made.system())
    found = owners_of(made, image)
    # No link has a checksum in a list of checksums.
    assert set(found.by_path) == (LISTED - {LINK} if image.database.NAME == "distroless" else LISTED)
    assert {str(owner.package) for owner in found.by_path.values()} == {image.package}
    assert {path for path, owner in found.by_path.items() if owner.path != path} == set()
    assert found.doubts == ()


@every_image
def test_an_unchanged_file_is_not_altered_and_another_content_is(made: Tree, image: Image) -> None:
    assert not any(owner.altered for owner in owners_of(made, image, *LISTED).by_path.values())
    made.elf(PYTHON)
    made.host(PYTHON).write_bytes(b"\x7fELF of another maker")
    assert [path for path, owner in owners_of(made, image, *FILES).by_path.items() if owner.altered] == [PYTHON]


@every_image
def test_what_cannot_be_hashed_is_not_altered(made: Tree, image: Image) -> None:
    made.host(PYTHON).unlink()
    made.directory(PYTHON)
    made.host(LANDMARK).unlink()
    assert not any(owner.altered for owner in owners_of(made, image, *FILES).by_path.values())


@every_image
def test_every_name_of_merged_usr_is_known(made: Tree, image: Image) -> None:
    asked = [PYTHON, PYTHON.replace("/usr", ""), LANDMARK.replace("/usr", "")]
    found = owners_of(made, image, *asked)
    assert {path: owner.path for path, owner in found.by_path.items()} == {
        path: path if path.startswith("/usr") else f"/usr{path}" for path in asked
    }


def package_of(image: Image) -> SystemPackage:
    name, version = image.package.split(" ")[:2]
    return SystemPackage(image.database.NAME, name, version)


@every_image
@pytest.mark.parametrize(
    ("sought", "files"),
    [
        (PYTHON_PACKAGES, {MODULE}),
        (PYTHON_TREE, {LANDMARK, MODULE}),
        (COMMANDS, {PYTHON, LINK}),
        (PYTHON_PACKAGES | COMMANDS, {MODULE, PYTHON, LINK}),
        (EVERY, LISTED),
    ],
)
def test_files_of_a_kind_are_told_with_their_package(
    made: Tree, image: Image, sought: Sought, files: Set[str]
) -> None:
    found = image.database.files_in(made.system(), sought)
    told = files - {LINK} if image.database.NAME == "distroless" else files
    assert found == OwnedFiles(dict.fromkeys(told, package_of(image)))


@every_image
def test_digests_are_those_of_the_files_as_installed(made: Tree, image: Image) -> None:
    found = image.database.files_in(made.system(), EVERY, digests=True)
    assert found.packages == image.database.files_in(made.system(), EVERY).packages
    assert set(found.digests) - {LINK} == set(FILES)
    for path in FILES:
        algorithm, expected = found.digests[path]
        assert digest(made, path, algorithm).startswith(expected)


@every_image
def test_all_databases_together_tell_what_each_does(made: Tree, image: Image) -> None:
    assert owners.present(made.system()) == (image.database,)
    assert owners.owners_of(made.system(), FILES) == owners_of(made, image, *FILES)
    alone = image.database.files_in(made.system(), EVERY, digests=True)
    assert owners.files_in(made.system(), EVERY, digests=True) == alone


def test_of_two_databases_the_first_that_owns_a_path_wins_and_both_doubt(tree: Tree) -> None:
    dpkg, apk = IMAGES[0], IMAGES[2]
    apk.make(tree)
    for place in (LINK, "/bin", "/sbin", "/lib", "/lib64"):
        tree.host(place).unlink()
    dpkg.make(tree)
    tree.file("/var/lib/dpkg/info/bad.list", "/etc")
    tree.file("/usr/lib/apk/db/installed", tree.host("/usr/lib/apk/db/installed").read_bytes() + b"R:x")
    found = owners.owners_of(tree.system(), [PYTHON, "/usr/bin/other"])
    assert str(found.by_path[PYTHON].package) == dpkg.package
    assert [doubt.split(" ")[0] for doubt in found.doubts] == ["dpkg", "apk"]
    files = owners.files_in(tree.system(), EVERY, digests=True)
    assert (str(files.packages[PYTHON]), files.digests[PYTHON][0]) == (dpkg.package, "md5")
    assert files.doubts == found.doubts


# -- damage ----------------------------------------------------------------------------------------------------------


@every_image
@pytest.mark.parametrize("kind", ["directory", "pipe", "loop", "dangling link", "gigabyte"])
def test_whatever_stands_in_place_of_a_file_is_a_doubt_where_the_owner_is_lost(
    made: Tree, image: Image, kind: str
) -> None:
    for path in database_files(made, image):
        content = path.read_bytes()
        path.unlink()
        if kind == "directory":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "loop":
            path.symlink_to(path.name)
        elif kind == "dangling link":
            path.symlink_to("/nowhere")
        else:
            path.write_bytes(b"")
            os.truncate(path, 1 << 30)
        found = owners_of(made, image, PYTHON)
        assert PYTHON in found.by_path or found.doubts, path
        assert all(doubt.startswith(f"{image.database.NAME} (/") for doubt in found.doubts)
        assert image.database.present(made.system())
        image.database.files_in(made.system(), EVERY, digests=True)
        shutil.rmtree(path) if kind == "directory" else path.unlink()
        path.write_bytes(content)
    assert owners_of(made, image).doubts == ()


@every_image
def test_a_file_or_a_pipe_in_place_of_the_whole_database_is_a_doubt(made: Tree, image: Image) -> None:
    folder = next(path.parent for path in database_files(made, image))
    shutil.rmtree(folder)
    folder.write_text("x")
    found = owners_of(made, image, PYTHON)
    assert found.by_path == {}
    assert image.database.NAME in ("dpkg", "apk") or found.doubts
    image.database.files_in(made.system(), EVERY, digests=True)


@every_image
def test_a_list_that_was_cut_off_names_no_owner_that_it_did_not_list_and_is_a_doubt(made: Tree, image: Image) -> None:
    """At each byte of each file; a cut between two lines of a list is not to be seen."""
    whole = set(owners_of(made, image).by_path)
    for path in database_files(made, image):
        content = path.read_bytes()
        for end in range(len(content)):
            path.write_bytes(content[:end])
            found = owners_of(made, image)
            assert set(found.by_path) <= whole, (path, end)
            unseen = content[:end][-1:] in (b"", b"\n") and image.database.NAME != "xbps"
            assert PYTHON in found.by_path or found.doubts or unseen, (path, end)
        path.write_bytes(content)


damages = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.integers(0, 40),
        st.binary(max_size=12) | st.sampled_from([b"\n", b"\n\n", b" ", b"/"]),
    ),
    min_size=1,
    max_size=4,
)


@every_image
@given(data=st.data(), damage=damages)
def test_a_damaged_database_is_read_without_a_fault(
    tree: Tree, image: Image, data: st.DataObject, damage: List[Tuple[int, int, bytes]]
) -> None:
    if not tree.host(PYTHON).exists():
        image.make(tree)
    path = data.draw(st.sampled_from(database_files(tree, image)))
    content = whole = path.read_bytes()
    for start, length, put in damage:
        content = content[: start % (len(content) + 1)] + put + content[start % (len(content) + 1) + length :]
    path.write_bytes(content)
    try:
        found = owners_of(tree, image, *ASKED, "/", "/\n", "", "\udcff")
        image.database.present(tree.system())
        image.database.files_in(tree.system(), EVERY, digests=True)
    finally:
        path.write_bytes(whole)
    for owned in found.by_path.values():
        assert os.fsencode(os.path.basename(owned.path)) in content + b"".join(
            other.read_bytes() for other in database_files(tree, image)
        )


@every_image
@given(data=st.data(), content=st.binary(max_size=200))
def test_any_bytes_are_read_without_a_fault(tree: Tree, image: Image, data: st.DataObject, content: bytes) -> None:
    if not tree.host(PYTHON).exists():
        image.make(tree)
    path = data.draw(st.sampled_from(database_files(tree, image)))
    whole = path.read_bytes()
    path.write_bytes(content)
    try:
        assert set(owners_of(tree, image).by_path) <= LISTED
        image.database.files_in(tree.system(), EVERY, digests=True)
    finally:
        path.write_bytes(whole)
