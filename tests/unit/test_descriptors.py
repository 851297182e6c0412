"""Directories are reached without following a link below the trusted one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from venvboot.descriptors import open_directory
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
