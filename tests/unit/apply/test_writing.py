"""Wheels are written by several processes, each copied where it can be; code that isn't whole isn't written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, List

import pytest

from tests.unit.apply import real
from tests.unit.apply.conftest import layout
from tests.unit.apply.test_bytecode import compiled
from venvboot import forks
from venvboot.apply import stage, writing
from venvboot.apply.sharing import UMASK
from venvboot.apply.writing import Task, Written
from venvboot.model import Bytecode, Wheel
from venvboot.system import System

NAMES = ("one", "two", "three")


@pytest.fixture
def tasks(place: real.Environment, tmp_path: Path) -> List[Task]:
    """Three wheels whose modules are compiled, and what each becomes is to be kept."""
    made = [real.wheel(tmp_path, {f"{name}.py": f"VALUE = {name!r}\n"}, name=name) for name in NAMES]
    code = compiled(place, *made)
    new = {name: str(tmp_path / "kept" / name) for name in NAMES}
    return [Task(one, one.name, 4, 500, str(code[one.name]), 100, None, new[one.name]) for one in made]


def written(place: real.Environment, tasks: List[Task], form: Bytecode = Bytecode.TIMESTAMP) -> Dict[str, Written]:
    with stage.opened(System(), place.record) as staged, System().umask(UMASK):
        how = replace(layout(place, staged.folder), bytecode=form)
        found = {one.name: one for one in writing.write_all(System(), how, tasks)}
        for task in tasks:
            paths = {path.name for path in Path(staged.path, task.wheel.name).rglob("*") if path.is_file()}
            assert (f"{task.wheel.name}.{real.TAG}.pyc" in paths) == (task.wheel.name in found)
            assert (f"{task.wheel.name}.py" in paths) == (task.wheel.name in found)
    return found


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_each_is_laid_out_once_and_copied_afterwards(
    place: real.Environment, tasks: List[Task], cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forks, "cores", lambda: cores)
    first = written(place, tasks)
    assert {name: one.is_copied for name, one in first.items()} == dict.fromkeys(NAMES, False)
    again = [replace(task, kept=task.new, new=None) for task in tasks]
    assert written(place, again) == {name: one._replace(is_copied=True) for name, one in first.items()}


@pytest.mark.parametrize("how", ["damaged", "gone"])
def test_one_whose_code_is_not_whole_is_not_begun(place: real.Environment, tasks: List[Task], how: str) -> None:
    code = Path(tasks[1].compiled)
    if how == "damaged":
        code.write_bytes(code.read_bytes()[:-1])
    else:
        code.unlink()
    assert sorted(written(place, tasks)) == ["one", "three"]
    assert not Path(str(tasks[1].new)).exists()


def test_what_is_damaged_is_laid_out_again(place: real.Environment, tasks: List[Task]) -> None:
    written(place, tasks)
    kept = Path(str(tasks[0].new))
    kept.write_bytes(kept.read_bytes()[:-1])
    again = [replace(task, kept=task.new, new=None) for task in tasks]
    assert {name: one.is_copied for name, one in written(place, again).items()} == {
        "one": False,
        "two": True,
        "three": True,
    }


def test_to_lay_out_takes_longer_than_to_copy() -> None:
    wheel = Wheel("one", "1.0", "/one.whl", "", 0)
    task = Task(wheel, "one", 1000, 10_000_000, "", 0, None, None)
    copied = replace(task, kept="/kept")
    assert 3 * copied.weight() < task.weight() < 10 * copied.weight()
    assert copied.weight() < replace(copied, code=10_000_000).weight() < 3 * copied.weight()
