"""What a distribution installed is removed by its RECORD, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List

import pytest

from venvboot.apply.removal import remove
from venvboot.facts import installed_files
from venvboot.model import Record
from venvboot.system import System

BASE = ("bin", "include", "lib/python3.11/site-packages/pip/__init__.py")


class Environment:
    """An environment of the real file system, and distributions in it by their RECORD alone."""

    def __init__(self, dest: Path, record: Record) -> None:
        self.dest = dest
        self.record = record
        self.library = Path(record.site_packages)
        for path in BASE[:2]:
            (dest / path).mkdir(parents=True)
        self.file(dest / BASE[2])

    def file(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    def distribution(self, name: str, *rows: str) -> str:
        """Make one that has ``rows``, relative to site-packages, and return its metadata folder."""
        info = self.library / f"{name}-1.0.dist-info"
        for row in rows:
            self.file(self.library / row)
        info.mkdir()
        (info / "RECORD").write_text("".join(f"{row},,\n" for row in rows))
        return str(info)

    def remove(self, info: str) -> None:
        going = installed_files.read(System(), info)
        assert going
        remove(System(), self.record, [going])

    def left(self) -> List[str]:
        ends = (path for path in self.dest.rglob("*") if path.is_file() or not any(path.iterdir()))
        paths = (str(path.relative_to(self.dest)) for path in ends)
        return sorted(path for path in paths if path not in BASE and "dist-info" not in path)


@pytest.fixture
def environment(tmp_path: Path, make_record: Callable[..., Record]) -> Environment:
    return Environment(tmp_path / "venv", make_record(dest=str(tmp_path / "venv")))


def test_folders_that_become_empty_go_however_deep(environment: Environment) -> None:
    """Also those that had nothing but folders: as a package without __init__.py they could be imported."""
    info = environment.distribution(
        "deep", "deep/a/b/c.py", "../../../share/deep/x/y/z.txt", "../../../bin/deep", "../../../include/deep/x.h"
    )
    environment.file(environment.library / "deep/a/b/__pycache__/c.cpython-311.pyc")
    environment.remove(info)
    assert environment.left() == []
    assert all((environment.dest / path).exists() for path in BASE)


def test_what_others_have_in_the_same_folders_stays(environment: Environment) -> None:
    info = environment.distribution("one", "same/deep/one.py", "same/both.py", "../../../share/one.txt")
    environment.distribution("other", "same/other.py", "same/both.py", "../../../share/other.txt")
    environment.file(environment.library / "same/deep/mine.txt")
    environment.remove(info)
    package = "lib/python3.11/site-packages/same"
    assert environment.left() == [
        f"{package}/both.py",
        f"{package}/deep/mine.txt",
        f"{package}/other.py",
        "share/other.txt",
    ]


def test_what_leads_out_of_the_environment_stays(environment: Environment, tmp_path: Path) -> None:
    outside = tmp_path / "outside/x.py"
    environment.file(outside)
    environment.file(tmp_path / "sibling.py")
    (environment.library / "link").symlink_to(outside.parent)
    info = environment.distribution("evil", "../../../../sibling.py", str(outside), "link/x.py", "mine.py")
    environment.remove(info)
    assert outside.exists()
    assert (tmp_path / "sibling.py").exists()
    assert not (environment.library / "mine.py").exists()
