"""Exceptions for what is the system's count only from a file that root alone can have written."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import Tree
from venvboot import system_exceptions
from venvboot.facts import exceptions
from venvboot.model import RecordedException

ONE = RecordedException("six", "1.0", "shadow-dist", "we know", "a before b")
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of root's")


@ROOT_ONLY
def test_what_was_written_is_read_back(tree: Tree) -> None:
    tree.file(system_exceptions.PATH, system_exceptions.dump([ONE]))
    assert exceptions.recorded(tree.system()) == (ONE,)


@ROOT_ONLY
@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_that_others_may_write_is_not_obeyed(tree: Tree, mode: int) -> None:
    tree.file(system_exceptions.PATH, system_exceptions.dump([ONE]), mode)
    assert exceptions.recorded(tree.system()) == ()


@ROOT_ONLY
def test_nor_is_another_user_s(tree: Tree) -> None:
    tree.file(system_exceptions.PATH, system_exceptions.dump([ONE]))
    os.chown(tree.host(system_exceptions.PATH), 1001, 0)
    assert exceptions.recorded(tree.system()) == ()


@ROOT_ONLY
def test_nor_is_a_link(tree: Tree) -> None:
    tree.file("/tmp/x", system_exceptions.dump([ONE]))
    tree.link(system_exceptions.PATH, "/tmp/x")
    assert exceptions.recorded(tree.system()) == ()


def test_without_a_file_there_are_none(tree: Tree) -> None:
    assert exceptions.recorded(tree.system()) == ()


def test_equal_exceptions_are_equal_bytes() -> None:
    other = RecordedException("a", "1", "damaged", "x")
    assert system_exceptions.dump([ONE, other]) == system_exceptions.dump([other, ONE])


@given(st.text())
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert system_exceptions.load(text) is None


@pytest.mark.parametrize("reason", ["a\nb", "\x1b[31m", 1, None])
def test_a_reason_that_could_forge_a_line_is_not_read(reason: object) -> None:
    text = system_exceptions.dump([ONE]).replace('"we know"', json.dumps(reason))
    assert system_exceptions.load(text) is None


@ROOT_ONLY
@pytest.mark.parametrize(("text", "mode"), [("garbage", 0o644), ("", 0o644), (system_exceptions.dump([ONE]), 0o666)])
def test_a_file_that_is_not_obeyed_is_told(tree: Tree, text: str, mode: int) -> None:
    assert exceptions.problem(tree.system()) == ""
    tree.file(system_exceptions.PATH, system_exceptions.dump([ONE]))
    assert exceptions.problem(tree.system()) == ""
    tree.file(system_exceptions.PATH, text, mode)
    assert exceptions.problem(tree.system())
