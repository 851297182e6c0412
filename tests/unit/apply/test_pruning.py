"""What was used longest ago goes from a cache until it fits; what may be in use stays."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import List, Mapping, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.apply import real
from venvboot.apply.pruning import IN_USE, _removed, prune
from venvboot.apply.store import Store
from venvboot.model import Pin
from venvboot.report import Reporter
from venvboot.system import System

KB = 1000


class Cache:
    """A cache of files of given ages and sizes, and what was said when it was pruned."""

    def __init__(self, folder: Path, files: Mapping[str, tuple[float, int]]) -> None:
        self.folder = folder
        self.said = ""
        for name, (age, size) in files.items():
            path = folder / "sync" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(size))
            then = time.time() - age
            os.utime(path, (then, then))

    def pruned(self, most: Optional[int]) -> List[str]:
        """Return what is left when it was pruned to ``most`` bytes."""
        said = io.StringIO()
        report = Reporter(0, said)
        prune(report, Store(System(), report, str(self.folder), str(self.folder.parent / "new")), most)
        self.said = said.getvalue().replace(str(self.folder), "CACHE")
        kept = self.folder / "sync"
        return sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file())


FILES = {
    "wheels/aa/old.whl": (IN_USE + 300, 3 * KB),
    "wheels/bb/older.whl": (IN_USE + 400, 5 * KB),
    "bytecode/oldest": (IN_USE + 500, 2 * KB),
    "choices/fresh": (IN_USE - 300, 1 * KB),
}
LEFT = sorted(FILES)


@pytest.mark.parametrize(
    ("most", "gone", "told"),
    [
        (None, [], "the cache CACHE/sync has 11.0 kB\n"),
        (11 * KB, [], "the cache CACHE/sync has 11.0 kB\n"),
        (11 * KB - 1, ["bytecode/oldest"], "the cache CACHE/sync has 9.0 kB; 1 file, 2.0 kB removed\n"),
        (9 * KB, ["bytecode/oldest"], "the cache CACHE/sync has 9.0 kB; 1 file, 2.0 kB removed\n"),
        (
            4 * KB,
            ["bytecode/oldest", "wheels/bb/older.whl"],
            "the cache CACHE/sync has 4.0 kB; 2 files, 7.0 kB removed\n",
        ),
        (
            0,
            ["bytecode/oldest", "wheels/aa/old.whl", "wheels/bb/older.whl"],
            "the cache CACHE/sync has 1.0 kB; 3 files, 10.0 kB removed (what was used within the last hour stays)\n",
        ),
    ],
)
def test_the_oldest_goes_first_until_it_fits(tmp_path: Path, most: Optional[int], gone: List[str], told: str) -> None:
    cache = Cache(tmp_path / "cache", FILES)
    assert cache.pruned(most) == [name for name in LEFT if name not in gone]
    assert cache.said == told


def test_what_comes_from_the_future_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", {"a": (-IN_USE * 9, KB), "b": (IN_USE * 2, KB)})
    assert cache.pruned(0) == ["a"]


@given(
    files=st.lists(st.tuples(st.integers(0, 9 * IN_USE), st.integers(0, 5)), max_size=6),
    most=st.integers(0, 20) | st.none(),
)
def test_no_more_goes_than_has_to(
    tmp_path_factory: pytest.TempPathFactory, files: List[tuple[int, int]], most: Optional[int]
) -> None:
    named = {str(number): (age, size) for number, (age, size) in enumerate(files)}
    cache = Cache(tmp_path_factory.mktemp("x") / "cache", named)
    left = cache.pruned(most)
    total = sum(named[name][1] for name in left)
    gone = named.keys() - set(left)
    in_use = {name for name, (age, _) in named.items() if age < IN_USE}
    assert not gone & in_use
    if most is None:
        assert not gone
    elif total > most:
        assert set(left) <= in_use | {name for name, (age, _) in named.items() if age < IN_USE + 2}
    if gone and most is not None:
        newest = min(gone, key=lambda name: (named[name][0], -int(name)))
        assert total + named[newest][1] > most
        assert all(named[name][0] <= named[newest][0] for name in set(left) - in_use)


def test_a_link_goes_and_not_what_it_leads_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(bytes(KB))
    cache = Cache(tmp_path / "cache", {"a": (IN_USE * 2, KB)})
    link = cache.folder / "sync/link"
    link.symlink_to(outside)
    os.utime(link, (1, 1), follow_symlinks=False)
    assert cache.pruned(0) == []
    assert not link.is_symlink()
    assert outside.exists()


def test_all_that_a_run_has_used_stays_together(tmp_path: Path) -> None:
    """A wheel is of no use without what says that it is the one for a pin."""
    cache = Cache(tmp_path / "cache", {})
    pins = [Pin(name, "1.0", ("ab" * 32,)) for name in ("used", "other")]
    first = Store(System(), Reporter(-1), str(cache.folder), str(tmp_path / "first"))
    for pin in pins:
        wheel = tmp_path / f"{pin.name}-1.0-py3-none-any.whl"
        wheel.write_text(pin.name)
        first.take(pin, "tags", "", str(wheel))
    first.keep()
    for path in (cache.folder / "sync").rglob("*"):
        os.utime(path, (1, 1))
    second = Store(System(), Reporter(-1), str(cache.folder), str(tmp_path / "second"))
    assert second.find(pins[0], "tags", "")
    second.keep()
    cache.pruned(0)
    third = Store(System(), Reporter(-1), str(cache.folder), str(tmp_path / "third"))
    assert [third.find(pin, "tags", "") is not None for pin in pins] == [True, False]


def test_nothing_beside_what_syncs_keep_is_touched(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", {"../pip/old": (IN_USE * 9, KB), "old": (IN_USE * 9, KB)})
    cache.pruned(0)
    assert [path.name for path in (cache.folder / "pip").iterdir()] == ["old"]


def test_without_a_cache_nothing_is_said(tmp_path: Path) -> None:
    said = io.StringIO()
    report = Reporter(0, said)
    prune(report, Store(System(), report, None, str(tmp_path / "new")), 0)
    assert said.getvalue() == ""


def test_an_empty_one_is_told(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", {})
    assert cache.pruned(0) == []
    assert cache.said == "the cache CACHE/sync has 0 bytes\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_what_can_t_be_removed_is_counted_as_there(room: Path) -> None:
    cache = Cache(room / "cache", {"closed/a": (IN_USE * 3, KB), "b": (IN_USE * 2, KB)})
    (cache.folder / "sync").chmod(0o777)

    def pruned() -> str:
        cache.pruned(KB)
        return cache.said

    assert real.as_member(1001, pruned) == "the cache CACHE/sync has 1.0 kB; 1 file, 1.0 kB removed\n"
    assert (cache.folder / "sync/closed/a").exists()


def test_what_another_run_is_using_stays(tmp_path: Path) -> None:
    """It looks at what there is, and fetches the rest for minutes before it reads that."""
    cache = Cache(tmp_path / "cache", FILES)
    other = Store(System(), Reporter(-1), str(cache.folder), str(tmp_path / "other"))
    with other.in_use():
        assert cache.pruned(4 * KB) == LEFT
        assert cache.said == "the cache CACHE/sync has 11.0 kB (another run is using it)\n"
    assert cache.pruned(4 * KB) == ["choices/fresh", "wheels/aa/old.whl"]
    with other.in_use(), other.alone() as alone:
        assert alone
    said = Reporter(-1)
    with other.in_use():
        prune(said, other, 1 * KB)
    assert cache.pruned(None) == ["choices/fresh"]


def test_a_folder_that_becomes_a_link_meanwhile_is_not_gone_through(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", FILES)
    outside = tmp_path / "outside"
    (cache.folder / "sync/bytecode").rename(outside)
    store = Store(System(), Reporter(-1), str(cache.folder), str(tmp_path / "new"))
    (cache.folder / "sync/bytecode").symlink_to(outside)
    path = cache.folder / "sync/bytecode/oldest"
    assert _removed(str(cache.folder / "sync"), [(str(path), path.stat())], KB) == (0, 0)
    assert path.exists()
    store.used(str(path))
    store.keep()
    assert path.stat().st_mtime < time.time() - IN_USE
