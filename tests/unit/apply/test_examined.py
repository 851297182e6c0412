"""Wheels of the cache are looked into before it is known which are wanted; what isn't whole or valid is left out."""

from __future__ import annotations

import io
import os
import shutil
import signal
from pathlib import Path
from typing import List

import pytest

from tests.unit.apply import real
from venvboot import forks
from venvboot.apply import examined
from venvboot.apply.store import Store
from venvboot.errors import WheelNotValid
from venvboot.facts import wheels
from venvboot.model import LockFile, Pin, Wheel
from venvboot.report import Reporter
from venvboot.system import System

SYSTEM = System(environ={})


def store(tmp_path: Path, *found: Wheel, built: bool = False) -> Store:
    """Return a store whose cache has wheels."""
    own = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
    own.mkdir()
    one = Store(SYSTEM, Reporter(-1, io.StringIO()), str(tmp_path / "cache"), str(own / "new"))
    for wheel in found:
        pin = Pin(wheel.name, wheel.version, () if built else (wheel.sha256,))
        one.take(pin, "tags", "", shutil.copy(wheel.path, str(own)))
    one.keep()
    return one


def lock(tmp_path: Path, *found: Wheel) -> List[LockFile]:
    """Return a lock as pip-compile writes it: more than one digest for each pin."""
    path = tmp_path / "lock.txt"
    text = "{}==1.0 \\\n    --hash=sha256:{} \\\n    --hash=sha256:{}\n"
    path.write_text("".join(text.format(wheel.name, "ab" * 32, wheel.sha256) for wheel in found))
    return [LockFile(str(path), str(path))]


@pytest.fixture
def one(tmp_path: Path) -> Wheel:
    return real.wheel(tmp_path, {"one.py": ""}, name="one")


@pytest.fixture
def two(tmp_path: Path) -> Wheel:
    return real.wheel(tmp_path, {"two/__init__.py": ""}, name="two")


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_what_a_lock_names_and_the_cache_has_is_known_by_its_path(
    tmp_path: Path, one: Wheel, two: Wheel, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forks, "cores", lambda: cores)
    kept = store(tmp_path, one, two)
    found = examined.foreseen(SYSTEM, kept, lock(tmp_path, one, two), {})
    paths = [kept.find(Pin(wheel.name, "1.0", (wheel.sha256,)), "tags", "") for wheel in (one, two)]
    assert found == {wheel.path: wheels.inspect(wheel.path, requested=True) for wheel in paths if wheel}
    assert sorted(item.name for item in found.values()) == ["one", "two"]


def test_what_no_lock_names_is_not_looked_into(tmp_path: Path, one: Wheel, two: Wheel) -> None:
    kept = store(tmp_path, one, two)
    assert [item.name for item in examined.foreseen(SYSTEM, kept, lock(tmp_path, two), {}).values()] == ["two"]
    assert examined.foreseen(SYSTEM, kept, lock(tmp_path), {}) == {}


def test_what_is_installed_already_is_not_looked_into(tmp_path: Path, one: Wheel, two: Wheel) -> None:
    kept = store(tmp_path, one, two)
    there = {"one": "1.0", "two": "0.9"}
    found = examined.foreseen(SYSTEM, kept, lock(tmp_path, one, two), there)
    assert [item.name for item in found.values()] == ["two"]


def test_it_is_left_to_all_processors_when_it_takes_long(
    tmp_path: Path, one: Wheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store(tmp_path, one)
    monkeypatch.setattr(examined, "PATIENCE", 0.0)
    assert examined.foreseen(SYSTEM, kept, lock(tmp_path, one), {}) == {}


def test_what_is_large_is_left_to_all_processors_too(
    tmp_path: Path, one: Wheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store(tmp_path, one)
    monkeypatch.setattr(examined, "LARGEST", one.size - 1)
    assert examined.foreseen(SYSTEM, kept, lock(tmp_path, one), {}) == {}


def test_it_is_no_loss_if_a_process_of_it_is_ended(
    tmp_path: Path, one: Wheel, two: Wheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    kept = store(tmp_path, one, two)
    monkeypatch.setattr(forks, "cores", lambda: 3)
    monkeypatch.setattr(wheels, "inspect", killed)
    assert examined.foreseen(SYSTEM, kept, lock(tmp_path, one, two), {}) == {}


def test_without_a_cache_nothing_is_known(tmp_path: Path, one: Wheel) -> None:
    kept = Store(SYSTEM, Reporter(-1, io.StringIO()), None, str(tmp_path / "new"))
    assert examined.foreseen(SYSTEM, kept, lock(tmp_path, one), {}) == {}


@pytest.mark.parametrize("how", ["other", "longer", "shorter", "gone", "a folder"])
def test_what_is_not_whole_is_not_known(tmp_path: Path, one: Wheel, two: Wheel, how: str) -> None:
    kept = store(tmp_path, one, two)
    path = tmp_path / "cache/sync/wheels" / one.sha256 / os.path.basename(one.path)
    content = path.read_bytes()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    elif how != "gone":
        path.write_bytes({"other": b"x" + content[1:], "longer": content + b"x", "shorter": content[:-1]}[how])
    assert [item.name for item in examined.foreseen(SYSTEM, kept, lock(tmp_path, one, two), {}).values()] == ["two"]
    damaged = Wheel("one", "1.0", str(path), one.sha256, one.size)
    assert examined.examine(SYSTEM, [damaged], cores=1) == {}


def test_a_wheel_that_is_not_valid_is_told_where_it_is_wanted_and_not_before(tmp_path: Path, two: Wheel) -> None:
    path = tmp_path / "bad-1.0-py3-none-any.whl"
    path.write_bytes(b"no archive")
    bad = Wheel("bad", "1.0", str(path), real.sha256(path), path.stat().st_size)
    kept = store(tmp_path, bad, two)
    assert [item.name for item in examined.foreseen(SYSTEM, kept, lock(tmp_path, bad, two), {}).values()] == ["two"]
    with pytest.raises(WheelNotValid):
        examined.examine(SYSTEM, [bad], cores=1)
