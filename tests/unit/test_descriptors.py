"""Directories are reached without following a link below the trusted one."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Callable, Iterator, Optional

import pytest

from tests.unit.nesting import nest
from venvboot.descriptors import empty, keep_owner, open_directory
from venvboot.errors import NotWritten
from venvboot.system import System


def test_a_directory_below_the_trusted_one_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for path in (tmp_path, tmp_path / "a" / "b"):
        with open_directory(str(path), str(tmp_path)) as directory:
            assert os.path.samestat(os.fstat(directory), path.stat())


@pytest.mark.parametrize("path", ["link", "link/b", "file", "none", "../outside"])
def test_links_files_and_what_lies_outside_are_refused(tmp_path: Path, path: str) -> None:
    trusted, outside = tmp_path / "trusted", tmp_path / "outside"
    (outside / "b").mkdir(parents=True)
    trusted.mkdir()
    (trusted / "link").symlink_to(outside)
    (trusted / "file").write_text("")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError), open_directory(os.path.join(trusted, path), str(trusted)):  # noqa: PT011  # its kinds differ
        pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_is_not_written_through_a_link_below_the_trusted_folder(tmp_path: Path) -> None:
    trusted, outside = tmp_path / "trusted", tmp_path / "outside"
    trusted.mkdir()
    outside.mkdir()
    (trusted / "lib").symlink_to(outside)
    with pytest.raises(NotWritten):
        System().write(str(trusted / "lib" / "x"), b"", 0o644, trusted=str(trusted))
    assert list(outside.iterdir()) == []
    System().write(str(trusted / "lib" / "x"), b"", 0o644)
    assert [path.name for path in outside.iterdir()] == ["x"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_replaces_another_keeps_its_owner(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.touch()
    os.chown(old, 5, 6)
    folder = os.open(tmp_path, os.O_RDONLY)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        keep_owner(descriptor, "old", folder)
        keep_owner(descriptor, "missing", folder)
    finally:
        os.close(descriptor)
        os.close(folder)
    assert (new.stat().st_uid, new.stat().st_gid) == (5, 6)


def test_folders_go_however_deep_and_many_and_one_is_open_at_a_time(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"f{number}" / "below").mkdir(parents=True)
        (tmp_path / f"f{number}" / "file").touch()
    (tmp_path / "kept").touch()
    (tmp_path / "f0" / "below" / "kept").touch()
    nest(str(tmp_path / "f1"), 5000)
    before = os.listdir("/proc/self/fd")
    empty(str(tmp_path), but="kept")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert os.listdir("/proc/self/fd") == before


def test_nothing_is_removed_where_a_folder_was_moved_to_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "a" / "b" / "c").mkdir(parents=True)
    (outside / "b").mkdir(parents=True)
    (outside / "theirs").touch()
    remove = os.rmdir

    def moving(name: str, **more: Any) -> None:
        remove(name, **more)
        if name == "c":
            (inside / "a" / "b").rename(outside / "b")

    monkeypatch.setattr(os, "rmdir", moving)
    with pytest.raises(OSError, match="was moved"):
        empty(str(inside))
    assert sorted(path.name for path in outside.iterdir()) == ["b", "theirs"]


class _Interrupting:
    """Raises KeyboardInterrupt at the line ``number`` (from 1) that a function runs."""

    def __init__(self, code: CodeType, number: int) -> None:
        self._code = code
        self.left = number

    def __call__(self, frame: FrameType, event: str, _: object) -> Optional[_Interrupting]:
        if frame.f_code is not self._code:
            return None
        self.left -= event == "line"
        if self.left == 0:
            self.left = -1
            raise KeyboardInterrupt
        return self


@contextlib.contextmanager
def _interrupted(function: Any, number: int) -> Iterator[_Interrupting]:
    tracer, before = _Interrupting(function.__code__, number), sys.gettrace()
    sys.settrace(tracer)
    try:
        yield tracer
    finally:
        sys.settrace(before)


def _open(tree: Path) -> None:
    with open_directory(str(tree / "a" / "b"), str(tree)):
        pass


def _empty(tree: Path) -> None:
    empty(str(tree))


@pytest.mark.parametrize(("work", "function"), [(_open, inspect.unwrap(open_directory)), (_empty, empty)])
def test_an_interruption_at_any_line_arrives_as_that(
    tmp_path: Path, work: Callable[[Path], None], function: Any
) -> None:
    for number in range(1, 1000):
        tree = tmp_path / str(number)
        (tree / "a" / "b").mkdir(parents=True)
        with contextlib.suppress(KeyboardInterrupt), _interrupted(function, number) as tracer:
            work(tree)
        if tracer.left > 0:  # it has fewer lines
            break
    assert 10 < number < 1000
