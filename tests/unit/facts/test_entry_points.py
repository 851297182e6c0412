"""Commands of entry_points.txt: as installers read it, whatever its bytes."""

from __future__ import annotations

import configparser
import time
from importlib import metadata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import entry_points


def commands(text: str) -> tuple[str, ...]:
    return tuple(name for name, _ in entry_points.commands(text))


def test_commands_are_those_of_two_sections_in_the_case_they_have() -> None:
    text = "[other]\nx = a:b\n[console_scripts]\nBlack = black:main [d]\n# y = a:b\n\n[gui_scripts]\nidle=idle:run\n"
    assert commands(text) == ("Black", "idle")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("x = a:b\n", ()),
        ("[console_scripts]\n%(x)s = %(y)s\n", ("%(x)s",)),
        ("[console_scripts]\na = b:c\n    hidden = b:d\n", ("a", "hidden")),
        ("[console_scripts]\r\na=b:c\r\n", ("a",)),
        ("[console_scripts]\na = b:c\n[console_scripts]\nd = b:c\na = b:d\n", ("a", "d", "a")),
        ("[console_scripts]\nno entry\n= b:c\n", ("",)),
        ("[ console_scripts ]\na = b:c\n[DEFAULT]\nd = b:c\n", ("a",)),
        ("[console_scripts]\n../x = b:c\n", ("../x",)),
    ],
)
def test_a_line_is_an_entry_or_names_none(text: str, names: tuple[str, ...]) -> None:
    assert commands(text) == names


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("a:b", ("a", "b")),
        ("a.b:c.d", ("a.b", "c.d")),
        ("_a1:main", ("_a1", "main")),
        ("a:b [extra]", ("a", "b")),
        ("a:b [one, two-three]", ("a", "b")),
        ("a:b[x]", ("a", "b")),
        ("größe:main", ("größe", "main")),
    ],
)
def test_an_object_that_can_be_called_makes_a_command(called: str, told: tuple[str, str]) -> None:
    assert entry_points.made("pkg-tool_1.0+x@y", called) == told


@pytest.mark.parametrize("called", ["", "a", "a.b", ":b", "a:", "a:b:c", "a:b c", "a:b [", "a:b ]", "a:b [x] y"])
def test_an_object_that_can_not_be_called_makes_none(called: str) -> None:
    """The files of the distribution are written by then, and not recorded."""
    assert entry_points.made("pkg", called) is None


@pytest.mark.parametrize("name", ["", "x ls", "[ls", "ls]", "x\tls"])
def test_a_name_that_makes_another_command_makes_none(name: str) -> None:
    assert entry_points.made(name, "a:b") is None


words = st.sampled_from(
    ["a", "b c", "=", " = ", ":", "\n", "\r\n", "\t", "#", ";", "[console_scripts]\n", "[", "]", "[x]\n"]
)


@given(st.lists(words, max_size=20).map("".join) | st.text())
@example("[console_scripts]\na = b")
def test_no_command_is_missed_that_another_reader_sees(text: str) -> None:
    """Neither the standard library's reader nor configparser, where that can read the text at all."""
    found = commands(text)
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string("\n".join(line.strip() for line in text.splitlines()))
        if parser.has_section("console_scripts") and not parser.defaults():
            assert set(parser["console_scripts"]) <= set(found)
    except configparser.Error:
        pass
    reader = getattr(metadata, "Sectioned", None)
    try:
        pairs = list(reader.section_pairs(text)) if reader else []
    except TypeError:  # a line that is no entry
        return
    assert {pair.value.name for pair in pairs if pair.name in ("console_scripts", "gui_scripts")} <= set(found)


@pytest.mark.parametrize("line", ["a" + " " * 1000 + "b", "=", "a", "[", "a = b"])
def test_megabytes_take_no_time(line: str) -> None:
    before = time.monotonic()
    commands("[console_scripts]\n" + (line + "\n") * ((4 << 20) // len(line)))
    assert time.monotonic() - before < 10
