"""xbps's property lists, written here to their documented form, and by the standard library's own writer."""

from __future__ import annotations

import plistlib
from typing import TYPE_CHECKING, Dict, List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.facts.owners.images import PYTHON, entry, plist, void
from venvboot.facts.owners import xbps

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

FOLDER = "/var/db/xbps"
FILES = f"{FOLDER}/.a-files.plist"


@pytest.fixture
def image(tree: Tree) -> Tree:
    void(tree)
    return tree


def test_files_configuration_and_links_are_owned_and_folders_are_not(tree: Tree) -> None:
    arrays = {
        "conf_files": entry(file="/etc/a.conf", sha256="00"),
        "dirs": entry(file="/srv/folder"),
        "files": entry(file="/srv/a", mtime="1", sha256="00", size="1"),
        "links": entry(file="/srv/link", target="/srv/a"),
    }
    tree.file(FILES, plist(**arrays))
    asked = ["/etc/a.conf", "/srv/folder", "/srv/a", "/srv/link", "00", "1"]
    assert set(xbps.owners_of(tree.system(), asked).by_path) == {"/etc/a.conf", "/srv/a", "/srv/link"}


def test_without_the_list_of_packages_owners_are_known_and_versions_not(image: Tree) -> None:
    image.host(f"{FOLDER}/pkgdb-0.38.plist").unlink()
    found = xbps.owners_of(image.system(), [PYTHON])
    assert (found.by_path[PYTHON].package.package, found.by_path[PYTHON].package.version) == ("python3.11", "")
    assert found.doubts == ()


def test_a_package_that_has_files_and_no_list_of_them_is_a_doubt(image: Tree) -> None:
    image.host(f"{FOLDER}/.python3.11-files.plist").unlink()
    found = xbps.owners_of(image.system(), [PYTHON])
    assert found.by_path == {}
    assert found.doubts == (f"xbps ({FOLDER}): no list of the files of 1 installed packages",)


@pytest.mark.parametrize("content", ["", "x", plist()[:-10], plist() + "x", "bplist00\0", "\x1f\x8b\x08"])
def test_what_is_no_whole_property_list_is_a_doubt(image: Tree, content: str) -> None:
    image.file(FILES, content)
    found = xbps.owners_of(image.system(), [PYTHON])
    assert PYTHON in found.by_path
    assert found.doubts == (f"xbps ({FILES}): no whole property list",)


def test_entities_are_not_expanded(tree: Tree) -> None:
    head = '<!DOCTYPE plist [<!ENTITY a "/srv"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    tree.file(FILES, head + plist(files=entry(file="&c;", sha256="00") + entry(file="&a;/a", sha256="00")))
    assert xbps.owners_of(tree.system(), ["/srv/a", "/srv", "/srv" * 16]).by_path == {}


@pytest.mark.parametrize("hostile", ["<integer>{}</integer>", "<!-- {} -->", "<a b='{}'/>", "<string>{}"])
def test_a_number_or_tag_of_megabytes_takes_no_time(tree: Tree, hostile: str) -> None:
    content = plist(files=hostile.format("9" * (8 << 20)) + entry(file="/srv/a", sha256="00"))
    tree.file(FILES, content)
    assert "/srv/a" in xbps.owners_of(tree.system(), ["/srv/a"]).by_path


paths = st.text(st.characters(blacklist_categories=["Cc", "Cs"]) | st.sampled_from("&<>;\"'"), max_size=8).map(
    "/srv/".__add__
)


@given(st.dictionaries(paths, st.sampled_from(["file", "link", "folder"]), max_size=6))
@example({"/srv/&amp;": "file", "/srv/&lt;": "link", "/srv/<": "file", "/srv/</dict>": "file"})
def test_what_the_standard_library_writes_is_read_as_it_was(tree: Tree, kinds: Dict[str, str]) -> None:
    words: Dict[str, Dict[str, object]] = {
        "file": {"sha256": "00" * 32, "size": 1},
        "link": {"target": "/srv/target"},
        "folder": {},
    }
    entries: List[Dict[str, object]] = [{"file": path, **words[kind]} for path, kind in kinds.items()]
    tree.file(FILES, plistlib.dumps({"files": entries}))
    found = xbps.owners_of(tree.system(), [*kinds, "/srv/target"])
    assert set(found.by_path) == {path for path, kind in kinds.items() if kind != "folder"}
    assert found.doubts == ()
