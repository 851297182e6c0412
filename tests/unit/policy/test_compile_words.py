"""The words of pip-compile: those that are let through, and the command that stands in a lock."""

from __future__ import annotations

import shlex
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.policy.compile_words import ALWAYS, Wish, refused


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--output-file=x"], "--output-file"),
        (["--no-annotate", "-ox"], "-o"),
        (["-pn"], "-n"),
        (["-rUx"], "-U"),
        (["--no-generate-hashes"], "--no-generate-hashes"),
        (["--emit-index-url"], "--emit-index-url"),
        (["--index-url", "x"], "--index-url"),
        (["--pip-args", "--proxy http://host"], "what names an address"),
        (["--pip-args=--proxy user:secret@host"], "what names an address"),
        (["--cache-dir", "x"], "--cache-dir"),
        (["--help"], "--help"),
    ],
)
def test_what_would_break_a_promise_is_refused_by_its_name(words: List[str], name: str) -> None:
    found = refused(words)
    assert found is not None
    assert found[0] == name
    assert found[1]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--no-annotate"],
        ["--annotation-style", "line"],
        ["-p"],
        ["--no-strip-extras"],
        ["--pip-args", "--retries 1"],
    ],
)
def test_other_options_are_let_through(words: List[str]) -> None:
    assert refused(words) is None


def test_our_options_come_first_so_that_those_passed_on_win_and_no_source_is_an_option() -> None:
    wish = Wish(("-odd.in",), "x.txt", ("c.txt",), ("web",), True, True, ("six==1",), ("--no-strip-extras",))
    words = wish.words()
    assert words[: len(ALWAYS)] == ALWAYS
    assert " ".join(words[len(ALWAYS) :]) == (
        "--constraint c.txt --extra web --all-extras --upgrade --upgrade-package six==1 --output-file x.txt "
        "--no-strip-extras -- -odd.in"
    )


def test_the_command_is_the_one_to_run_again_without_what_is_for_once() -> None:
    wish = Wish(("a.in",), "a.txt", ("c.txt",), (), False, True, ("six",), ("--no-annotate",))
    assert wish.command(["a.in", "b.in"], "") == "venvboot compile --constraint c.txt a.in b.in -- --no-annotate"
    assert wish.command(["a.in"], "x.txt").startswith("venvboot compile --constraint c.txt --output x.txt a.in")


@given(st.lists(st.text(min_size=1), min_size=1))
def test_the_command_can_be_pasted_whatever_the_names(sources: List[str]) -> None:
    assert shlex.split(Wish(tuple(sources), "x").command(sources, "")) == ["venvboot", "compile", *sources]
