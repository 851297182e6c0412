"""The names and places that are looked for, as data that holds together."""

from __future__ import annotations

import posixpath
from typing import Iterator, Tuple

import pytest

from venvboot.facts import folders


@pytest.mark.parametrize(
    "name",
    [
        *("python", "python2", "python2.7", "python3", "python3.6m", "python3.6dm", "python3.14", "python3.13t"),
        *("python3.13d", "python3.13td", "pypy", "pypy3", "pypy3.10", "graalpy", "graalpy3.11", "graalpython"),
        *("platform-python", "platform-python3.6", "python3.1"),
    ],
)
def test_interpreters_are_told_by_name(name: str) -> None:
    assert folders.NAME.match(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "python3-config",
            "python3.11-dbg",
            "ipython3",
            "python3.11.2",
            "pythonw",
            "python4",
            "bpython",
            "python3.x",
        ),
        *(
            "python3.11-config",
            "python.sh",
            "pythonx",
            "platform-python-setup",
            "pypy3.10-c",
            "python3\n",
            "python3.123",
        ),
        *("python-exec2c", "Python3", ""),
    ],
)
def test_names_of_other_programs_are_not_taken(name: str) -> None:
    assert not folders.NAME.match(name)


def _relative() -> Iterator[Tuple[str, ...]]:
    yield from (patterns for _, patterns in (*folders.ROOTS, *folders.VARIABLES))


def test_patterns_are_absolute_or_relative_as_they_are_used_and_stand_there_once() -> None:
    assert all(pattern.startswith("/") for pattern in (*folders.FOLDERS, folders.COLLECTIONS))
    assert all(root.startswith("/") for root, _ in folders.ROOTS)
    assert not any(pattern.startswith("/") for patterns in _relative() for pattern in patterns)
    for patterns in (folders.FOLDERS, *_relative()):
        assert len(set(patterns)) == len(patterns)
        assert [pattern for pattern in patterns if posixpath.normpath(pattern) != pattern] == []
