"""pip-tools as an earlier run compiled it: for the same Python and libraries, and only as it was written."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.apply import real
from venvboot.apply.store import Store
from venvboot.apply.tools import Tools
from venvboot.model import Record
from venvboot.report import Reporter
from venvboot.system import System

CONTENT = b"an archive"
PROGRAM = "lock_target.py"


def tools(tmp_path: Path, record: Record, run: str = "run") -> tuple[Tools, Store]:
    folder = tmp_path / run
    folder.mkdir()
    store = Store(System(), Reporter(-1), str(tmp_path / "cache"), str(folder / "new"))
    return Tools(System(), Reporter(-1), record, store, str(folder)), store


@pytest.fixture
def kept(tmp_path: Path, place: real.Environment) -> Path:
    """An archive in the cache."""
    one, store = tools(tmp_path, place.record, "first")
    path = Path(store.new_tools(f"{one._key(PROGRAM)}-{hashlib.sha256(CONTENT).hexdigest()}.zip"))
    path.write_bytes(CONTENT)
    store.keep()
    return tmp_path / "cache/sync/tools" / path.name


def test_an_archive_is_found_as_it_was_written(tmp_path: Path, place: real.Environment, kept: Path) -> None:
    os.utime(kept, (1, 1))
    one, store = tools(tmp_path, place.record)
    assert one._kept(PROGRAM) == str(kept)
    store.keep()
    assert kept.stat().st_mtime > 1
    kept.write_bytes(CONTENT + b"!")
    assert one._kept(PROGRAM) is None


@pytest.mark.parametrize("change", [{"base_sha256": "00"}, {"base_version": "3.99.0"}, {"implementation": "pypy"}])
def test_another_python_has_none(tmp_path: Path, place: real.Environment, kept: Path, change: dict[str, str]) -> None:
    assert kept.exists()
    assert tools(tmp_path, replace(place.record, **change))[0]._kept(PROGRAM) is None  # type: ignore[arg-type]


def test_of_an_ordinary_installation_none_is_made(tmp_path: Path, place: real.Environment) -> None:
    one, store = tools(tmp_path, place.record)
    one._imported[PROGRAM] = ("piptools",)
    one.keep()
    store.keep()
    assert not (tmp_path / "cache").exists()


def test_that_none_can_be_made_is_no_loss(tmp_path: Path, place: real.Environment) -> None:
    """By then a sync has changed the environment, and can't fail any more."""
    one, store = tools(tmp_path, place.record)
    (tmp_path / "run/tools").write_text("where the libraries would be")
    one._imported[PROGRAM] = ("piptools",)
    one.keep()
    store.keep()
    assert not (tmp_path / "cache").exists()
