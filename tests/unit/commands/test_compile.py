"""Which lock is made of which source, and what is refused before anything is resolved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List

import pytest

from venvboot import cli, options
from venvboot.commands import compile as verb
from venvboot.errors import UsageError, VenvbootError
from venvboot.system import System


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.in", "b.in", "plain.txt", "dir.d/deps", "sub/pyproject.toml", "setup.cfg"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    return tmp_path


def locks(line: str) -> List[str]:
    arguments = options.parse(cli.parser(("compile",)), ["compile", *line.split()], {})
    return [f"{','.join(wish.sources)}>{wish.lock}" for wish in verb._wishes(arguments, System())]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a.in b.in", ["a.in>a.txt", "b.in>b.txt"]),
        ("a.in b.in -o all.txt", ["a.in,b.in>all.txt"]),
        ("dir.d/deps", ["dir.d/deps>dir.d/deps.txt"]),
        ("sub/pyproject.toml", ["sub/pyproject.toml>sub/requirements.txt"]),
        ("", ["setup.cfg>requirements.txt"]),
        ("a.in -o -", ["a.in>-"]),
    ],
)
def test_each_source_has_a_lock_beside_it_unless_one_is_named_for_all(line: str, told: List[str]) -> None:
    assert locks(line) == told


def test_requirements_in_comes_before_the_project(folder: Path) -> None:
    (folder / "pyproject.toml").touch()
    assert locks("") == ["pyproject.toml>requirements.txt"]
    (folder / "requirements.in").touch()
    assert locks("") == ["requirements.in>requirements.txt"]


def test_no_path_of_the_machine_is_passed_on(folder: Path) -> None:
    assert locks(f"{folder}/a.in -o {folder}/sub/x.txt") == ["a.in>sub/x.txt"]
    os.chdir("sub")
    assert locks(f"{folder}/a.in") == ["../a.in>../a.txt"]


@pytest.mark.parametrize("line", ["plain.txt", "a.in a.in", "a.in -o a.in", "a.in -- -o x", "a.in -- --index-url x"])
def test_what_would_write_over_something_or_break_a_promise_is_a_usage_error(line: str) -> None:
    with pytest.raises(UsageError):
        locks(line)


@pytest.mark.parametrize("line", ["gone.in", "-", "sub"])
def test_a_source_that_is_no_file_is_named(line: str) -> None:
    with pytest.raises(VenvbootError) as caught:
        locks(line)
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject) == ("no-source", line)


def test_nothing_to_compile_says_what_is_looked_for(folder: Path) -> None:
    (folder / "setup.cfg").unlink()
    with pytest.raises(VenvbootError) as caught:
        locks("")
    assert "requirements.in, setup.py, pyproject.toml, setup.cfg" in caught.value.findings[0].evidence
