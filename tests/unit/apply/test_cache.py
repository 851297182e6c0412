"""pip's cache for one run: nothing of the shared one is touched before what is new is kept."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Callable, Dict, Optional, Tuple

import pytest

from venvboot.apply import cache
from venvboot.report import Reporter
from venvboot.system import System


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    (folder / "pip/http-v2/a").mkdir(parents=True)
    (folder / "pip/http-v2/a/old").write_text("old")
    return folder


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


Private = Callable[..., Tuple[cache.Cache, Path]]


@pytest.fixture
def private(tmp_path: Path, said: io.StringIO) -> Private:
    """Give the cache of a run, and where it is looked for."""

    def make(folder: Optional[Path], run: str = "run") -> Tuple[cache.Cache, Path]:
        own = tmp_path / run / "cache"
        own.parent.mkdir()
        return cache.private(System(), Reporter(0, said), str(folder) if folder else None, str(own)), own

    return make


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def states(folder: Path) -> Dict[str, Tuple[int, ...]]:
    """Whatever a file system tells of a folder and all in it, but when it was read."""
    found: Dict[str, Tuple[int, ...]] = {}
    for path in (folder, *folder.rglob("*")):
        info = path.lstat()
        found[str(path)] = (info.st_mode, info.st_nlink, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
    return found


def test_without_a_folder_pip_keeps_none(private: Private) -> None:
    own, _ = private(None)
    assert own.words() == ("--no-cache-dir",)
    own.keep()


def test_what_is_shared_is_seen_and_not_touched_by_a_run_that_is_not_let_in(private: Private, shared: Path) -> None:
    before = states(shared)
    own, mine = private(shared)
    assert own.words() == ("--cache-dir", str(mine))
    assert (mine / "http-v2/a/old").read_text() == "old"
    (mine / "http-v2/a/new").write_text("new")
    (mine / "http-v2/a/old").unlink()
    assert states(shared) == before


def test_what_is_new_or_other_is_kept(private: Private, shared: Path) -> None:
    before = (shared / "pip/http-v2/a/old").stat()
    own, mine = private(shared)
    (mine / "wheels/x").mkdir(parents=True)
    (mine / "wheels/x/y.whl").write_text("wheel")
    (mine / "replaced").write_text("other")
    (mine / "replaced").chmod(0o640)
    own.keep()
    assert names(shared) == ["pip/http-v2/a/old", "pip/replaced", "pip/wheels/x/y.whl"]
    assert (shared / "pip/replaced").stat().st_mode & 0o777 == 0o640
    assert os.path.samestat(before, (shared / "pip/http-v2/a/old").stat())


def test_what_pip_replaces_is_replaced(private: Private, shared: Path) -> None:
    own, mine = private(shared)
    (mine / "http-v2/a/part").write_text("newer")  # pip writes beside it, and renames
    (mine / "http-v2/a/part").rename(mine / "http-v2/a/old")
    assert (shared / "pip/http-v2/a/old").read_text() == "old"
    own.keep()
    assert (shared / "pip/http-v2/a/old").read_text() == "newer"


def test_what_pip_writes_into_is_not_the_shared_one(private: Private, shared: Path) -> None:
    (shared / "pip/origin.json").write_text("of before")
    own, mine = private(shared)
    assert (mine / "origin.json").read_text() == "of before"
    (mine / "origin.json").write_text("of now")
    assert (shared / "pip/origin.json").read_text() == "of before"
    own.keep()
    assert (shared / "pip/origin.json").read_text() == "of now"


def test_nothing_is_written_anew_that_is_there(private: Private, shared: Path) -> None:
    (shared / "pip/origin.json").write_text("of before")
    own, _ = private(shared)
    before = states(shared)
    own.keep()
    assert states(shared) == before


def test_a_folder_that_is_missing_is_made_for_what_is_kept_and_for_nothing_else(
    private: Private, tmp_path: Path
) -> None:
    own, mine = private(tmp_path / "a/b")
    own.keep()
    assert not (tmp_path / "a").exists()
    (mine / "x").write_text("x")
    assert not (tmp_path / "a").exists()
    own.keep()
    assert names(tmp_path / "a/b") == ["pip/x"]


def test_a_link_in_the_shared_cache_leads_nothing_out_of_it(
    private: Private, shared: Path, tmp_path: Path, said: io.StringIO
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "theirs").write_text("theirs")
    (shared / "pip/wheels").symlink_to(outside)
    (shared / "pip/secret").symlink_to(outside / "theirs")
    own, mine = private(shared)
    assert names(mine) == ["http-v2/a/old"]
    (mine / "wheels/x").mkdir(parents=True)
    (mine / "wheels/x/y.whl").write_text("wheel")
    own.keep()
    assert names(outside) == ["theirs"]
    assert said.getvalue().startswith(f"1 of 1 files were not kept in {shared}: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("whose", [".", "pip"])
def test_to_root_another_user_s_cache_is_none(private: Private, shared: Path, said: io.StringIO, whose: str) -> None:
    os.chown(shared / whose, 1001, 1001)
    before = states(shared)
    own, _ = private(shared)
    assert own.words() == ("--no-cache-dir",)
    own.keep()
    assert states(shared) == before
    assert said.getvalue().count("\n") == 1
    assert "belongs to user 1001" in said.getvalue()


def test_two_runs_do_not_see_each_other(private: Private, shared: Path) -> None:
    (one, first), (other, second) = private(shared), private(shared, "other")
    (first / "x").write_text("of one")
    (second / "x").write_text("of the other")
    one.keep()
    other.keep()
    assert (shared / "pip/x").read_text() == "of the other"


def test_a_cache_that_can_t_be_one_is_told_and_no_failure(
    private: Private, tmp_path: Path, said: io.StringIO
) -> None:
    (tmp_path / "file").write_text("no folder")
    own, mine = private(tmp_path / "file")
    (mine / "x").write_text("x")
    own.keep()
    assert said.getvalue().startswith(f"1 of 1 files were not kept in {tmp_path}/file: ")
