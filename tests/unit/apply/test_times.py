"""What a run has changed bears the time of a reproducible build, and nothing else does."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from venvboot import temporary
from venvboot.apply import times
from venvboot.system import System

MOMENT = 1_700_000_000
BEFORE = 1_710_000_000


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that was there before; nothing outside of the test's own is looked into."""
    monkeypatch.setattr(times, "TREES", ())
    monkeypatch.setattr(times, "FOLDERS", ())
    monkeypatch.setattr(times, "OF_PYTHONS", ())
    monkeypatch.setattr(temporary, "place", lambda: str(tmp_path))
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "old").write_text("")
    (tmp_path / "outside").write_text("")
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.utime(path, (BEFORE, BEFORE))
    time.sleep(2 * times.CLOCK)  # the time of such a change can't be set
    return tmp_path / "tree"


def settle(tree: Path, began: float) -> dict[str, int]:
    times.settle(System(), MOMENT, began, [str(tree)])
    paths = [tree, *sorted(tree.rglob("*"))]
    return {str(path.relative_to(tree)): int(path.lstat().st_mtime) for path in paths}


def test_new_files_and_the_folders_above_them_bear_it(tree: Path) -> None:
    began = time.time()
    (tree / "deep" / "new").write_text("")
    (tree / "deep" / "link").symlink_to("../../outside")
    found = settle(tree, began)
    assert found == {".": BEFORE, "old": BEFORE, "deep": MOMENT, "deep/new": MOMENT, "deep/link": MOMENT}


def test_what_a_link_leads_to_keeps_its_time(tree: Path) -> None:
    began = time.time()
    other = tree.parent / "other"
    other.mkdir()
    (other / "file").write_text("")
    (tree / "to-other").symlink_to(other)
    before = (other / "file").stat().st_mtime_ns
    settle(tree, began)
    assert (other / "file").stat().st_mtime_ns == before


def test_the_folders_above_a_tree_are_settled_and_what_is_older_is_not(tree: Path) -> None:
    began = time.time()
    (tree.parent / "beside").write_text("")
    assert set(settle(tree, began).values()) == {BEFORE}
    assert int((tree.parent / "beside").stat().st_mtime) == MOMENT
    assert int(tree.parent.stat().st_mtime) == MOMENT


def test_a_moment_that_is_still_to_come_changes_nothing(tree: Path) -> None:
    began = time.time()
    (tree / "new").write_text("")
    before = (tree / "new").stat().st_mtime_ns
    times.settle(System(), int(began) + 1000, began, [str(tree)])
    assert (tree / "new").stat().st_mtime_ns == before


def test_a_tree_that_is_gone_is_passed_over(tree: Path) -> None:
    times.settle(System(), MOMENT, time.time(), [str(tree / "gone")])


def test_what_an_earlier_step_has_written_and_this_one_has_changed_bears_it_too(tree: Path) -> None:
    began = time.time()
    (tree / "deep").chmod(0o775)
    assert settle(tree, began) == {".": BEFORE, "old": BEFORE, "deep": MOMENT}


def test_a_file_outside_is_settled_with_the_folder_that_it_stands_in(tree: Path) -> None:
    began = time.time()
    (tree / "deep" / "pip.conf").write_text("")
    times.settle(System(), MOMENT, began, [str(tree / "deep" / "pip.conf")])
    assert int((tree / "deep").stat().st_mtime) == MOMENT
    assert int((tree / "deep" / "pip.conf").stat().st_mtime) == MOMENT
