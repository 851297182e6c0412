"""The name in a requirement as pip's command line takes it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.policy.requirement import name

NAMES = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True).filter(
    lambda text: not text.endswith((".whl", ".tar.gz", ".txt"))
)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("jinja2", "jinja2"),
        ("Jinja2==3.1.2", "Jinja2"),
        ("zope.interface>=5,<6", "zope.interface"),
        ("requests[socks,use]==2", "requests"),
        ("six ; python_version < '3'", "six"),
        ("six;python_version<'3'", "six"),
        ("pkg @ https://example.org/pkg-1.0.tar.gz", "pkg"),
        ("pkg@git+https://example.org/pkg", "pkg"),
        ("a", "a"),
        ("a~=1.0", "a"),
        ("a!=1.0", "a"),
        ("a===1.0", "a"),
        ("--upgrade", ""),
        ("-r", ""),
        ("./pkg", ""),
        ("/srv/pkg", ""),
        (".", ""),
        ("pkg/", ""),
        ("pkg-1.0-py3-none-any.whl", ""),
        ("pkg-1.0.tar.gz", ""),
        ("requirements.txt", ""),
        ("https://example.org/pkg.zip", ""),
        ("git+https://example.org/pkg@main", ""),
        ("", ""),
        ("==1.0", ""),
        ("-a", ""),
    ],
)
def test_a_requirement_is_told_from_an_option_a_file_and_an_address(word: str, told: str) -> None:
    assert name(word) == told


@given(
    NAMES, st.sampled_from(["", "==1", ">=1,<2", "[extra]", " ; python_version > '3'", " @ https://x/y.zip", "~=1.0"])
)
def test_the_name_is_read_back_whatever_follows(told: str, rest: str) -> None:
    assert name(told + rest) == told


@given(st.text())
@example("a" * 10_000 + "!")
@example("a\n")
def test_any_word_is_read_without_a_fault_and_never_gives_an_option(word: str) -> None:
    told = name(word)
    assert told == "" or (word.startswith(told) and re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z", told))
