"""Texts that are fitted into columns: never wider than these, and both ends of them kept."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.render import columns

TEXTS = st.text(st.one_of(st.sampled_from("/abcé日本…"), st.characters(codec="utf-8")), max_size=40)
PATHS = st.lists(st.text("abc日", min_size=1, max_size=12), min_size=1, max_size=9).map(
    lambda parts: "/" + "/".join(parts)
)
ROOMS = st.integers(1, 60)


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("é…", 2), ("日本", 4), ("カ", 2), ("🐍", 2)])
def test_wide_letters_take_two_columns(text: str, width: int) -> None:
    assert columns.width(text) == width
    assert columns.padded(text, 6) == text + " " * (6 - width)


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("python3.11-minimal 3.11.2-6 (dpkg)", 34, "python3.11-minimal 3.11.2-6 (dpkg)"),
        (
            "python3.11-minimal 3.11.2-6 (dpkg)",
            33,
            "python3.11-minim… 3.11.2-6 (dpkg)",
        ),
        ("python3.11-minimal 3.11.2-6 (dpkg)", 20, "python3.11…-6 (dpkg)"),
        ("abcdef", 3, "a…f"),
        ("abcdef", 2, "a…"),
        ("abcdef", 1, "…"),
        ("日本日本", 5, "日…本"),
        ("日本日本", 4, "日…"),
    ],
)
def test_what_is_too_long_loses_its_middle(text: str, room: int, expected: str) -> None:
    assert columns.middle(text, room) == expected


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("/opt/pyenv/versions/3.12.1/bin/python3.12", 41, "/opt/pyenv/versions/3.12.1/bin/python3.12"),
        ("/opt/pyenv/versions/3.12.1/bin/python3.12", 40, "/opt/…/versions/3.12.1/bin/python3.12"),
        ("/opt/pyenv/versions/3.12.1/bin/python3.12", 28, "/opt/…/3.12.1/bin/python3.12"),
        ("/opt/pyenv/versions/3.12.1/bin/python3.12", 27, "/opt/pyenv/…/bin/python3.12"),
        ("/opt/pyenv/versions/3.12.1/bin/python3.12", 17, "/opt/…/python3.12"),
        ("/opt/pyenv/versions/3.12.1/bin/python3.12", 16, "/opt/pye…hon3.12"),
        (
            "/nix/store/0c7qkfr8m0xbsw3r9pjvjxh2ab5cyi0n-python3-3.12.4/bin/python3.12",
            40,
            "/nix/store/…/bin/python3.12",
        ),
        ("/a-very-long-name-in-the-root", 10, "/a-ve…root"),
        ("/usr/bin/a-very-long-name-in-a-folder", 12, "/usr/b…older"),
    ],
)
def test_a_path_keeps_whole_folders_the_last_ones_first(text: str, room: int, expected: str) -> None:
    assert columns.path(text, room) == expected


@given(TEXTS, ROOMS)
@example("日本" * 30, 7)
@example("x" * 1_000_000, 60)
def test_nothing_is_wider_than_its_room_and_what_fits_is_left_alone(text: str, room: int) -> None:
    for shortened in (columns.middle(text, room), columns.path(text, room)):
        assert columns.width(shortened) <= room
        assert shortened == text or "…" in shortened
        assert (shortened == text) or columns.width(text) > room
    assert columns.width(columns.padded(columns.middle(text, room), room)) == room


@given(PATHS, ROOMS)
@example("/" + "/".join("abc" * 1000), 30)
def test_a_shortened_path_is_made_of_its_own_folders(path: str, room: int) -> None:
    shortened = columns.path(path, room)
    parts = path.split("/")
    first, _, last = shortened.partition("/…/")
    if shortened != path and last:
        assert parts[: first.count("/") + 1] == first.split("/")
        assert parts[-last.count("/") - 1 :] == last.split("/")
