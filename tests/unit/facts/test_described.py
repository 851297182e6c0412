"""What is installed, as its metadata describes it; any member of the group may have written that."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from typing import TYPE_CHECKING, Callable

import pytest

from venvboot.facts import described
from venvboot.model import Record, canonical
from venvboot.model.sbom import Described, Source
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

SITE = "/opt/venv/lib/python3.11/site-packages"
MakeRecord = Callable[..., Record]


def metadata(tree: Tree, folder: str, text: str = "", name: str = "METADATA") -> str:
    tree.file(f"{SITE}/{folder}/{name}", text)
    return f"{SITE}/{folder}"


def names(tree: Tree, record: Record) -> list[str]:
    return [one.ref for one in described.read(tree.system(), record)[0]]


def test_each_form_of_metadata_is_read(tree: Tree, make_record: MakeRecord) -> None:
    metadata(tree, "Flask_Ext-3.1.dist-info", "Name: Flask.Ext\nVersion: 3.1\n")
    metadata(tree, "old-1.0-py3.11.egg-info", "Name: old\nVersion: 1.0\n", "PKG-INFO")
    tree.file(f"{SITE}/older-2.0-py3.11.egg-info", "Name: older\nVersion: 2.0\n")
    tree.file(f"{SITE}/module.py", "")
    assert names(tree, make_record()) == ["Flask.Ext==3.1", "old==1.0", "older==2.0"]


def test_it_is_what_importlib_finds(tree: Tree, make_record: MakeRecord) -> None:
    for name, version in (("a", "1"), ("b.c", "2.post1"), ("D_e", "3")):
        metadata(tree, f"{name}-{version}.dist-info", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    found = importlib.metadata.distributions(path=[os.fspath(tree.host(SITE))])
    told = sorted(f"{one.metadata['Name']}=={one.version}" for one in found)
    assert sorted(names(tree, make_record())) == told


def test_where_it_came_from_and_what_it_brings_is_told(tree: Tree, make_record: MakeRecord) -> None:
    info = metadata(tree, "a-1.dist-info", "Name: a\nVersion: 1\n")
    tree.file(f"{info}/direct_url.json", json.dumps({"url": "https://me:pw@x.org/a.whl", "archive_info": {}}))
    tree.file(f"{info}/sboms/part.cdx.json", "{}")
    tree.directory(f"{info}/sboms/folder")
    digest = hashlib.sha256(b"{}").hexdigest()
    assert described.read(tree.system(), make_record()) == (
        (
            Described(
                "a",
                "1",
                source=Source("archive", "https://x.org/a.whl"),
                sboms=((f"{info}/sboms/part.cdx.json", digest),),
            ),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("a-1.dist-info", "Name: ../etc\nVersion: 1\n"),
        ("a-1.dist-info", "Name: a\x1b[31m\nVersion: 1\n"),
        ("a-1.dist-info", "Name: a\nVersion: 1 2\n"),
        ("~a-1.dist-info", "Name: a\nVersion: 1\n"),
        ("a\n-1.dist-info", ""),
        (".dist-info", ""),
    ],
)
def test_what_can_be_no_distribution_is_told_and_left_out(
    tree: Tree, make_record: MakeRecord, folder: str, text: str
) -> None:
    path = metadata(tree, folder, text)
    assert described.read(tree.system(), make_record()) == ((), (path,))


def test_nothing_is_waited_for(tree: Tree, make_record: MakeRecord) -> None:
    info = tree.host(metadata(tree, "a-1.dist-info"))
    for name in ("METADATA", "direct_url.json"):
        (info / name).unlink(missing_ok=True)
        os.mkfifo(info / name)
    (info / "sboms").mkdir()
    os.mkfifo(info / "sboms" / "pipe")
    os.symlink("/dev/zero", info / "sboms" / "zero")
    os.symlink(info, info / "PKG-INFO")
    assert described.read(tree.system(), make_record()) == ((), (f"{SITE}/a-1.dist-info",))


def test_what_is_read_is_bounded(tree: Tree, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(described, "TOTAL_LIMIT", 120)
    metadata(tree, "a-1.dist-info", f"Name: a\nVersion: 1\nSummary: first\nX: {'x' * 60}\n")
    metadata(tree, "b-1.dist-info", f"Name: b\nVersion: 1\nX: {'x' * 60}\nSummary: beyond\n")
    beyond = metadata(tree, "c-1.dist-info", "Name: c\nVersion: 1\n")
    found, strange = described.read(tree.system(), make_record())
    assert [(one.ref, one.summary) for one in found] == [("a==1", "first"), ("b==1", "")]
    assert strange == (beyond,)


def test_one_in_two_spellings_is_one_and_two_versions_are_two(tree: Tree, make_record: MakeRecord) -> None:
    for folder, name in (("A_b-1.dist-info", "A_b"), ("a.b-1.dist-info", "a.b"), ("a_b-2.dist-info", "a-b")):
        metadata(tree, folder, f"Name: {name}\nVersion: {folder[4]}\n")
    found = names(tree, make_record())
    assert [canonical(ref.partition("==")[0]) for ref in found] == ["a-b", "a-b"]
    assert [ref[-1] for ref in found] == ["1", "2"]


def test_the_environment_that_runs_this_is_told_as_importlib_does(make_record: MakeRecord) -> None:
    (site,) = {os.path.dirname(os.path.dirname(os.fspath(pytest.__file__)))}
    dest, _, rest = site.partition("/lib/python")
    record = make_record(dest=dest, base_version=f"{rest.partition('/')[0]}.0")
    told = {(canonical(one.metadata["Name"]), one.version) for one in importlib.metadata.distributions(path=[site])}
    found, strange = described.read(System(), record)
    assert ({(canonical(one.name), one.version) for one in found}, strange) == (told, ())
