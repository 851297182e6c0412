"""Locks of PEP 751 are told by their names, and what speaks against one comes with its cause and a way out."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest

from venvboot.errors import MOST_SAID
from venvboot.model import LockFile, Record, Severity
from venvboot.policy import pylock

WELL = {"text": "six==1.0 --hash=sha256:00\n", "elsewhere": [], "unhashed": [], "newer": ""}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/app/pylock.toml", True),
        ("pylock.toml", True),
        ("/app/pylock.web.toml", True),
        ("/app/pylock.a-b_c.toml", True),
        ("/app/pylock.a.b.toml", False),
        ("/app/pylock..toml", False),
        ("/app/Pylock.toml", False),
        ("/app/my-pylock.toml", False),
        ("/app/pylock.toml.txt", False),
        ("/app/pylock.toml\n", False),
        ("/app/pyproject.toml", False),
        ("/app/pylock.toml/requirements.txt", False),
        ("-r", False),
    ],
)
def test_its_name_tells_a_lock(path: str, expected: bool) -> None:
    assert pylock.is_pylock(path) is expected


def test_nothing_speaks_against_a_good_one(make_record: Callable[..., Record]) -> None:
    assert pylock.findings("/app/pylock.toml", make_record(), WELL) == ()


@pytest.mark.parametrize(
    ("told", "code", "evidence"),
    [
        ({"invalid": "Missing required value in 'created-by'"}, "lock-unreadable", "created-by"),
        ({"not_for": "it is for environments with sys_platform == 'win32'"}, "lock-not-applicable", "win32"),
        ({**WELL, "elsewhere": ["app (directory)"]}, "lock-not-pinned", "app (directory)"),
        ({**WELL, "unhashed": ["a", "b", "c", "d", "e"]}, "lock-without-hashes", "a, b, c and 2 more"),
    ],
)
def test_each_fault_has_a_code_with_cause_and_way_out(
    make_record: Callable[..., Record], told: Dict[str, Any], code: str, evidence: str
) -> None:
    (finding,) = pylock.findings("/app/pylock.toml", make_record(), told)
    assert (finding.code, finding.severity, finding.subject) == (code, Severity.ERROR, "/app/pylock.toml")
    assert "/app/pylock.toml" in finding.message
    assert evidence in finding.evidence
    assert finding.hint


def test_all_that_speaks_against_the_packages_is_told_at_once(make_record: Callable[..., Record]) -> None:
    told = {**WELL, "elsewhere": ["app (directory)"], "unhashed": ["six"]}
    codes = [finding.code for finding in pylock.findings("/app/pylock.toml", make_record(), told)]
    assert codes == ["lock-not-pinned", "lock-without-hashes"]


@pytest.mark.parametrize("key", ["invalid", "not_for"])
def test_a_file_can_not_fill_the_log(make_record: Callable[..., Record], key: str) -> None:
    (finding,) = pylock.findings("/app/pylock.toml", make_record(), {key: "x" * 10_000})
    assert len(finding.evidence) == MOST_SAID


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("-r /tmp/venvboot-x/0-pylock.toml.txt (line 3)", "/app/pylock.toml"),
        ("/tmp/venvboot-x/0-pylock.toml.txt line 3", "/app/pylock.toml"),
        ("-r /app/requirements.txt (line 3)", "-r /app/requirements.txt (line 3)"),
        ("", ""),
    ],
)
def test_a_place_is_told_as_one_in_the_lock_that_was_named(told: str, expected: str) -> None:
    assert LockFile("/app/pylock.toml", "/tmp/venvboot-x/0-pylock.toml.txt").place(told) == expected


def test_a_place_in_a_requirements_file_stays_as_it_is() -> None:
    same = LockFile("/app/requirements.txt", "/app/requirements.txt")
    assert same.place("-r /app/requirements.txt (line 3)") == "-r /app/requirements.txt (line 3)"
