"""Whatever a RECORD says, whoever put whatever into an environment: what is removed is a distribution's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List

import pytest

from tests.unit.apply import real
from venvboot.apply import removal
from venvboot.descriptors import tree
from venvboot.facts import installed_files
from venvboot.facts.installed_files import Recorded
from venvboot.system import System

PYC = f"__pycache__/one.{real.TAG}.pyc"
LONG = "x" * 300


def recorded(*infos: Path) -> List[Recorded]:
    found = [installed_files.read(System(), str(info)) for info in infos]
    return [one for one in found if one]


def remove(place: real.Environment, *infos: Path) -> None:
    removal.remove(System(), place.record, recorded(*infos))


def site(place: real.Environment) -> List[str]:
    """Return what is left in site-packages."""
    top = f"{place.site.relative_to(place.dest)}/"
    return [path[len(top) :] for path in place.tree() if path.startswith(top)]


def test_bytecode_and_metadata_go_with_a_distribution(place: real.Environment) -> None:
    info = place.installed("one", "one.py", "../../../bin/one")
    place.file(str(place.site / PYC))
    place.file(str(place.site / "__pycache__/one.cpython-399.pyc"))
    place.file(str(info / "licenses/LICENSE"))
    remove(place, info)
    assert site(place) == ["__pycache__/one.cpython-399.pyc"]
    assert [path.name for path in (place.dest / "bin").iterdir()] == ["python"]


def test_what_is_another_s_too_goes_with_the_last_of_them(place: real.Environment) -> None:
    one, two, three = (place.installed(name, "same/a.py", f"same/{name}.py") for name in ("one", "two", "three"))
    assert removal.files(System(), place.record, recorded(one)) == {
        f"{place.site}/same/one.py",
        f"{place.site}/same/__pycache__/one.{real.TAG}.pyc",
    }
    remove(place, one, two)
    assert [path for path in site(place) if "dist-info" not in path] == ["same/a.py", "same/three.py"]
    remove(place, three)
    assert site(place) == []


def test_what_has_no_record_owns_nothing(place: real.Environment) -> None:
    one, two = place.installed("one", "same.py"), place.installed("two", "same.py")
    (two / "RECORD").unlink()
    remove(place, one)
    assert site(place) == ["two-1.0.dist-info/METADATA"]


@pytest.mark.parametrize(
    "row",
    [
        "a\0b.py",
        "a\0b/c.py",
        f"{LONG}.py",
        f"{LONG}/{LONG}/a.txt",
        "a/" * 60_000 + "b",
        "file/below.py",
        "link/theirs",
        "link",
        "folder",
        ".",
        "..",
        "",
        "../../..",
        "../../../../outside/theirs",
        "\u2028",
    ],
    ids=lambda row: ascii(row[:20]),
)
def test_no_row_stops_a_removal_or_leads_it_elsewhere(place: real.Environment, tmp_path: Path, row: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/theirs").touch()
    (place.site / "link").symlink_to(tmp_path / "outside")
    place.file(str(place.site / "file"))
    place.file(str(place.site / "folder/mine"))
    info = place.installed("one", "one.py")
    (info / "RECORD").write_text(real.table([(row, "", ""), ("one.py", "", ""), ("z/gone.py", "", "")]))
    remove(place, info)
    assert site(place) == ["file", "folder/mine", *(["link"] if row != "link" else [])]
    assert (tmp_path / "outside/theirs").exists()


def test_a_folder_that_became_a_link_is_not_gone_through(place: real.Environment, tmp_path: Path) -> None:
    """A member of the group moves it away and puts a link in its place."""
    info = place.installed("one", "one/a.py", "one/b/c.py")
    (place.site / "one").rename(tmp_path / "theirs")
    (place.site / "one").symlink_to(tmp_path / "theirs")
    remove(place, info)
    assert site(place) == ["one"]
    assert (tmp_path / "theirs/a.py").exists()
    assert (tmp_path / "theirs/b/c.py").exists()


@pytest.mark.parametrize("name", ["one-1.0.dist-info", "lib"])
def test_metadata_that_is_a_link_is_not_gone_through(place: real.Environment, tmp_path: Path, name: str) -> None:
    info = place.installed("one", "one.py")
    moved = place.dest / "lib" if name == "lib" else info
    going = recorded(info)
    moved.rename(tmp_path / "theirs")
    moved.symlink_to(tmp_path / "theirs")
    removal.remove(System(), place.record, going)
    left = sorted(path.name for path in (tmp_path / "theirs").rglob("*") if not path.is_dir())
    assert left == ["METADATA", "RECORD", *(["one.py"] if name == "lib" else [])]
    assert moved.is_symlink() == (name == "lib")


def test_a_tree_is_removed_and_no_link_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "theirs").touch()
    top = tmp_path / "top"
    (top / "a/b/c").mkdir(parents=True)
    (top / "a/file").touch()
    (top / "a/to-folder").symlink_to(outside)
    (top / "a/to-file").symlink_to(outside / "theirs")
    (top / "to-nothing").symlink_to("none")
    os.mkfifo(top / "pipe")
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "file").touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        for name in ("top", "link", "file"):
            tree(name, dir_fd=folder)
        with pytest.raises(FileNotFoundError):
            tree("top", dir_fd=folder)
    finally:
        os.close(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (outside / "theirs").exists()
