"""The probe: real interpreters asked, and answers that no interpreter gave."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import asdict
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts.probe import parse, probe
from venvboot.model import Probe
from venvboot.system import System

LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = tuple(Probe.__dataclass_fields__)
LISTS = ("site_packages", "schemes", "missing_modules")


def ask(path: str, **environ: str) -> Probe | str:
    return probe(System(environ={"PATH": os.environ["PATH"], **environ}), path)


def script(folder: Path, text: str) -> str:
    path = folder / "python3"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_this_interpreter_says_what_it_is() -> None:
    base = os.path.realpath(sys.executable)
    told = ask(base)
    assert isinstance(told, Probe)
    assert told.version == sys.version_info[:3]
    assert told.implementation == sys.implementation.name
    assert os.path.realpath(told.executable) == base
    assert told.base_prefix == sys.base_prefix
    assert told.stdlib == sysconfig.get_path("stdlib")
    assert told.missing_modules == ()


def test_every_python_of_this_machine_answers(pythons: Dict[str, str]) -> None:
    answers = {minor: ask(path) for minor, path in pythons.items()}
    assert {
        minor: ".".join(map(str, told.version[:2])) for minor, told in answers.items() if isinstance(told, Probe)
    } == {minor: minor for minor in pythons}


def test_the_environment_of_the_process_is_not_let_in(tmp_path: Path) -> None:
    (tmp_path / "sysconfig.py").write_text("raise SystemExit('let in')")
    told = ask(sys.executable, PYTHONPATH=str(tmp_path), PYTHONHOME=str(tmp_path), VIRTUAL_ENV=str(tmp_path))
    assert isinstance(told, Probe)


def test_nothing_is_written_beside_the_interpreter(tmp_path: Path) -> None:
    """A tree of our own, with a standard library that has no bytecode: the probe leaves it as it is."""
    made = tmp_path / "env"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(made)], check=True)
    before = sorted(made.rglob("*"))
    assert isinstance(ask(str(made / "bin" / "python")), Probe)
    assert sorted(made.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo ready; echo broken >&2; exit 3", "exit status 3: broken"),
        ("exit 4", "exit status 4: no message"),
        ("echo Python 3.11.2", "it did not answer like a Python"),
        ('for last; do :; done; echo "$last nonsense $last"', "it did not answer like a Python"),
        ('for last; do :; done; echo "$last {} $last"', "it did not answer like a Python"),
    ],
)
def test_a_program_that_is_no_python_is_told_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    assert ask(script(tmp_path, text)) == reason


def test_what_cannot_be_started_is_told_with_the_systems_reason(tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    assert ask(str(broken)) == "exit status 127: Exec format error"
    assert ask(str(tmp_path / "none")) == "exit status 127: No such file or directory"


def test_an_answer_is_read_back(make_probe: Callable[..., Probe]) -> None:
    told = make_probe(missing_modules=("json",))
    assert parse(repr(asdict(told))) == told


@given(st.text() | LITERALS.map(repr))
@example("{[]: 1}")
@example("{{}}")
@example("{'a': {[1]}}")
@example("(" * 5000)
@example("-" * 5000 + "1")
@example("{**{}}")
@example("\0")
@example("'\ud800'")
@example("1" * 5000)
def test_any_other_text_is_no_answer_and_raises_nothing(text: str) -> None:
    assert parse(text) is None


@given(st.sampled_from(FIELDS), LITERALS)
@example("version", (3, 11))
@example("version", [3, 11, 2])
@example("version", ("3", "11", "2"))
@example("stdlib", None)
@example("schemes", "deb_system")
@example("site_packages", [b"/usr/lib"])
def test_an_answer_with_a_value_of_another_type_is_none(
    make_probe: Callable[..., Probe], name: str, value: Any
) -> None:
    usual: Dict[str, Any] = asdict(make_probe())
    told = parse(repr({**usual, name: value}))
    if isinstance(value, str) and isinstance(usual[name], str):
        assert told == make_probe(**{name: value})
    elif name in LISTS and isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        assert told == make_probe(**{name: tuple(value)})
    else:
        assert told is None


def test_an_answer_without_one_of_the_facts_is_none(make_probe: Callable[..., Probe]) -> None:
    usual = asdict(make_probe())
    for name in FIELDS:
        assert parse(repr({key: value for key, value in usual.items() if key != name})) is None, name
