"""Literals are read as Python reads them; everything else is refused before Python sees it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import literals

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(0, 99), inner, max_size=3)
    ),
    max_leaves=8,
)

HOSTILE = {
    "a sum": "1" + "+1" * 500_000,
    "a difference": "5" + "-5" * 500_000,
    "calls": "()" * 500_000,
    "look-ups": "[0]" * 300_000,
    "brackets": "[" * 500_000,
    "signs": "-" * 500_000 + "1",
    "attributes": "a" + ".a" * 400_000,
    "nots": "not " * 250_000 + "1",
    "a nest": "[" * 9 + "]" * 9,
    "a long number": "1" * 5000,
    "a call": "print(1)",
    "a display with a star": "{**{}}",
    "a list as a key": "{[]: 1}",
    "a name": "x",
    "nothing": "",
    "two values": "1 2",
    "an open string": "'a",
    "a null": "\0",
    "a float": "1.5",
}


@given(VALUES)
def test_every_literal_is_read_as_it_was_written(value: Any) -> None:
    assert literals.read(repr(value)) == value
    assert literals.read(ascii(value)) == value


@given(st.text() | st.text("[](){}:,'\" -+.1aTrue", max_size=20))
@example("'a' 'b'")
@example('{"a": 1,\n "b": (2, -3),}')
def test_any_other_text_is_refused_or_means_what_python_says(text: str) -> None:
    try:
        told = literals.read(text)
    except ValueError:
        return
    assert told == ast.literal_eval(text.strip())


@pytest.mark.parametrize("name", HOSTILE)
def test_what_could_end_the_process_or_is_no_literal_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        literals.read(HOSTILE[name])


def test_python_itself_would_not_survive_one_of_them(pythons: Dict[str, str], repository: Path) -> None:
    """What the module is for: up to 3.10 the same text kills an interpreter that reads it without looking first."""
    old = next((pythons[minor] for minor in ("3.10", "3.9") if minor in pythons), None)
    if old is None:
        pytest.skip("no Python 3.9 or 3.10 on this machine")
    text = "'1' + '+1' * 500_000"
    unguarded = f"import ast\ntry: ast.literal_eval({text})\nexcept Exception: pass"
    guarded = (
        f"import sys; sys.path.insert(0, {os.fspath(repository)!r}); from venvboot.facts import literals\n"
        f"try: literals.read({text})\nexcept ValueError: pass"
    )
    codes = [subprocess.run([old, "-I", "-B", "-c", code], check=False).returncode for code in (unguarded, guarded)]
    assert codes[0] < 0
    assert codes[1] == 0


@given(st.text())
def test_a_text_can_be_a_path_of_this_system(text: str) -> None:
    try:
        told = literals.text(text)
    except ValueError:
        assert "\0" in text or not _encodable(text)
        return
    assert os.fsencode(told) == os.fsencode(text)
    assert os.fsdecode(os.fsencode(told)) == told


@pytest.mark.parametrize("value", [None, 1, b"/usr", ["/usr"], "\0", "\ud800", "x" * 40_000])
def test_what_is_no_text_or_an_overlong_one_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        literals.text(value)


def test_bytes_that_python_3_6_read_as_ascii_are_read_as_here() -> None:
    assert literals.text("/opt/\udcc3\udca9") == "/opt/é" if sys.getfilesystemencoding() == "utf-8" else True


def _encodable(text: str) -> bool:
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True
