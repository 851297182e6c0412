"""What stands in the way of a commit is told before anything is changed, and nothing is written through a link."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Callable, ContextManager, List, Sequence

import pytest

from tests.unit.apply import real
from venvboot.apply import stage
from venvboot.descriptors import open_directory
from venvboot.errors import NotWritten, VenvbootError
from venvboot.facts import stages
from venvboot.model import Finding
from venvboot.render import text
from venvboot.system import System


def refused(place: real.Environment, *paths: str, going: Sequence[Path] = ()) -> Finding:
    """Return why a commit is refused; nothing is changed then."""
    before = place.tree()
    with pytest.raises(VenvbootError) as caught:
        real.commit(place, *paths, going=going)
    assert place.tree() == before
    (finding,) = caught.value.findings
    return finding


def opened(path: Path) -> ContextManager[int]:
    return open_directory(str(path), str(path))


def stand(place: real.Environment, kind: str, path: str, outside: Path) -> None:
    made = place.dest / path
    made.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        made.mkdir()
    elif kind == "link":
        made.symlink_to(outside)
    else:
        made.touch()


@pytest.mark.parametrize(
    ("kind", "path", "comes"),
    [
        ("file", "share/x", "share/x/y/new.txt"),
        ("link", "share/x", "share/x/y/new.txt"),
        ("link", "share", "share/x/y/new.txt"),
        ("folder", "share/x", "share/x"),
        ("file", "{site}/pkg", "{site}/pkg/new.py"),
        ("folder", "{site}/new.py", "{site}/new.py"),
        ("file", "{site}/new-1.dist-info", "share/x"),
        ("link", "{site}/new-1.dist-info", "share/x"),
        ("folder", "{site}/new-1.dist-info/RECORD", "share/x"),
    ],
)
def test_a_folder_where_a_file_comes_or_the_other_way_about_is_told(
    place: real.Environment, tmp_path: Path, golden: Callable[[str, str], None], kind: str, path: str, comes: str
) -> None:
    path, comes = (one.format(site=real.site(place)) for one in (path, comes))
    (tmp_path / "outside").mkdir()
    stand(place, kind, path, tmp_path / "outside")
    finding = refused(place, comes)
    assert (finding.code, finding.subject) == ("in-the-way", f"{place.dest}/{path}")
    assert list((tmp_path / "outside").iterdir()) == []
    if path == "share/x":
        golden(f"in_the_way_{kind}.txt", text.finding(finding).replace(str(place.dest), "/opt/venv"))


def test_a_link_where_a_file_comes_is_replaced_and_not_followed(place: real.Environment, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs\n")
    (place.dest / "bin/new").symlink_to(tmp_path / "theirs")
    (place.dest / "bin/other").symlink_to("nowhere")
    real.commit(place, "bin/new", "bin/other")
    for name in ("new", "other"):
        assert not (place.dest / "bin" / name).is_symlink()
        assert (place.dest / "bin" / name).read_text() == "new\n"
    assert (tmp_path / "theirs").read_text() == "theirs\n"


@pytest.mark.parametrize("moved", ["lib", "bin"])
def test_a_folder_of_the_environment_that_became_a_link_is_told(
    place: real.Environment, tmp_path: Path, moved: str
) -> None:
    (place.dest / moved).rename(tmp_path / "theirs")
    (place.dest / moved).symlink_to(tmp_path / "theirs")
    before = sorted(tmp_path.rglob("*"))
    assert refused(place, f"{moved}/x/new.py").subject == f"{place.dest}/{moved}"
    assert sorted(tmp_path.rglob("*")) == before


def test_what_a_distribution_that_goes_has_brought_is_not_in_the_way(place: real.Environment) -> None:
    gone = place.installed("gone", "pkg", "../../../share/y")
    other = place.installed("other", "../../../share/y")
    new = f"{real.site(place)}/pkg/new.py"
    assert refused(place, new).subject == f"{place.site}/pkg"
    assert refused(place, "share/y/new", going=[gone]).subject == f"{place.dest}/share/y"
    real.commit(place, new, "share/y", going=[gone])
    assert (place.site / "pkg/new.py").exists()
    assert not gone.exists()
    assert other.exists()


def test_a_folder_that_becomes_empty_is_not_in_the_way(place: real.Environment) -> None:
    gone = place.installed("gone", "new/__init__.py", "new/a/b.py", "new/a/c.txt")
    for path in ("new/__pycache__/__init__", "new/a/__pycache__/b"):
        place.file(f"{real.site(place)}/{path}.{real.TAG}.pyc")
    new = f"{real.site(place)}/new"
    assert refused(place, new).subject == f"{place.site}/new"
    for path in ("a/mine.txt", f"a/__pycache__/c.{real.TAG}.pyc", "empty/x"):
        mine = place.file(f"{new}/{path}")
        if path == "empty/x":
            mine.unlink()
        assert refused(place, new, going=[gone]).subject == f"{place.site}/new"
        (mine.parent.rmdir if path == "empty/x" else mine.unlink)()
    real.commit(place, new, going=[gone])
    assert (place.dest / new).read_text() == "new\n"


@pytest.mark.parametrize("overlay", [False, True])
def test_a_link_that_comes_meanwhile_is_not_gone_through(
    place: real.Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, overlay: bool
) -> None:
    """After all was looked at, a member of the group puts a link in the place of a folder.

    Where an overlay can't rename folders, that is said before a link is seen.
    """

    def no_rename(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    if overlay:
        monkeypatch.setattr(os, "rename", no_rename)
    outside = tmp_path / "outside"
    (outside / "y").mkdir(parents=True)
    (place.dest / "share").symlink_to(outside)
    source = tmp_path / "source"
    (source / "share/y").mkdir(parents=True)
    (source / "share/y/new").touch()
    with opened(source) as one, opened(place.dest) as other, pytest.raises(OSError):  # noqa: PT011  # its kinds differ
        stage._merge(one, other)
    assert list(outside.rglob("*")) == [outside / "y"]


def test_another_folder_of_its_name_is_not_worked_on(place: real.Environment, tmp_path: Path) -> None:
    """Who may write DEST moves the stage away and gives its name to a folder of his own."""
    path = place.dest / stages.NAME

    def impostor() -> List[str]:
        return sorted(str(one.relative_to(path)) for one in path.rglob("*"))

    def moved_away() -> None:
        with stage.opened(System(), place.record) as staged:
            number = real.put(place, "share/mine")
            path.rename(tmp_path / "moved")
            real.put(place, "share/theirs")
            before.extend(impostor())
            staged.commit([], [number])

    before: List[str] = []
    with pytest.raises(NotWritten):
        moved_away()
    assert impostor() == before
    assert [one.name for one in (place.dest / "share").iterdir()] == ["mine"]
    assert list((tmp_path / "moved").iterdir()) == []


def test_two_that_come_and_have_a_file_and_a_folder_of_one_name_are_told(place: real.Environment) -> None:
    before = place.tree()
    with stage.opened(System(), place.record) as staged:
        for number, path in (("0000-b", "share/x/y/deep.txt"), ("0001-a", "share/x")):
            real.put(place, path, number=number)
        with pytest.raises(VenvbootError) as caught:
            staged.commit([], ["0000-b", "0001-a"])
    assert place.tree() == before
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject) == ("in-the-way", f"{place.dest}/share/x")
    assert "a file of a and a folder of b" in finding.evidence
