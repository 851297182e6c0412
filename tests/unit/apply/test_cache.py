"""pip's cache for one run: nothing of it reaches the shared one before it is kept."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from venvboot.apply import cache
from venvboot.system import System


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    (folder / "pip/http-v2/a").mkdir(parents=True)
    (folder / "pip/http-v2/a/old").write_text("old")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_without_a_folder_pip_keeps_none() -> None:
    with cache.private(System(), None) as own:
        assert own.words() == ("--no-cache-dir",)
        own.keep()


def test_what_is_shared_is_seen_and_what_is_new_goes_with_a_run_that_is_not_let_in(shared: Path) -> None:
    with cache.private(System(), str(shared)) as own:
        assert own.folder
        mine = Path(own.folder)
        assert (mine / "http-v2/a/old").read_text() == "old"
        (mine / "http-v2/a/new").write_text("new")
        assert not (shared / "pip/http-v2/a/new").exists()
    assert names(shared) == ["pip/http-v2/a/old"]


def test_what_is_new_or_other_is_kept(shared: Path) -> None:
    before = (shared / "pip/http-v2/a/old").stat()
    with cache.private(System(), str(shared)) as own:
        mine = Path(str(own.folder))
        (mine / "wheels/x").mkdir(parents=True)
        (mine / "wheels/x/y.whl").write_text("wheel")
        (mine / "replaced").write_text("other")
        own.keep()
    assert names(shared) == ["pip/http-v2/a/old", "pip/replaced", "pip/wheels/x/y.whl"]
    assert os.path.samestat(before, (shared / "pip/http-v2/a/old").stat())


def test_what_pip_replaces_is_replaced(shared: Path) -> None:
    with cache.private(System(), str(shared)) as own:
        place = Path(str(own.folder)) / "http-v2/a"
        (place / "part").write_text("newer")  # pip writes beside it, and renames
        (place / "part").rename(place / "old")
        assert (shared / "pip/http-v2/a/old").read_text() == "old"
        own.keep()
    assert (shared / "pip/http-v2/a/old").read_text() == "newer"


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    with cache.private(System(), str(tmp_path / "a/b")) as own:
        (Path(str(own.folder)) / "x").write_text("x")
        own.keep()
    assert names(tmp_path / "a/b") == ["pip/x"]


def test_what_a_killed_run_left_is_removed_and_a_living_one_is_left_alone(shared: Path) -> None:
    for name in ("dead", "living"):
        (shared / f"{cache.PREFIX}{name}/pip").mkdir(parents=True)
        (shared / f"{cache.PREFIX}{name}/pip/x").write_text("x")
    held = os.open(shared / f"{cache.PREFIX}living", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        with cache.private(System(), str(shared)):
            assert not (shared / f"{cache.PREFIX}dead").exists()
            assert (shared / f"{cache.PREFIX}living/pip/x").exists()
    finally:
        os.close(held)


def test_a_link_in_the_shared_cache_leads_nothing_out_of_it(shared: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (shared / "pip/wheels").symlink_to(outside)
    with cache.private(System(), str(shared)) as own:
        (Path(str(own.folder)) / "wheels/x").mkdir(parents=True)
        (Path(str(own.folder)) / "wheels/x/y.whl").write_text("wheel")
        own.keep()
    assert names(outside) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_keeps_nothing_in_another_user_s_cache(shared: Path) -> None:
    os.chown(shared, 1001, 1001)
    with cache.private(System(), str(shared)) as own:
        assert own.words() == ("--cache-dir", str(shared / "pip"))
        own.keep()


def test_two_runs_do_not_see_each_other(shared: Path) -> None:
    with cache.private(System(), str(shared)) as one, cache.private(System(), str(shared)) as other:
        assert one.folder != other.folder
        (Path(str(one.folder)) / "x").write_text("of one")
        (Path(str(other.folder)) / "x").write_text("of the other")
        one.keep()
        other.keep()
    assert (shared / "pip/x").read_text() == "of the other"


def test_a_failure_leaves_the_shared_cache_as_it_was(shared: Path) -> None:
    def interrupted() -> None:
        with cache.private(System(), str(shared)) as own:
            (Path(str(own.folder)) / "x").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(shared) == ["pip/http-v2/a/old"]


def test_a_cache_that_nobody_may_write_is_shown_to_pip_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with cache.private(System(), str(tmp_path / "file")) as own:
        assert own.words() == ("--cache-dir", str(tmp_path / "file/pip"))
        own.keep()
