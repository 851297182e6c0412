"""Nothing to do is told from what decides a sync, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Dict

import pytest

from venvboot.model import Changes, Lock, Record
from venvboot.policy import synced

LOCK = Lock("requirements.txt", "01" * 32)
PRESENT = {"six": "1.0", "pip": "26.0.1"}


@pytest.fixture
def record(make_record: Callable[..., Record]) -> Record:
    before: Record = make_record()
    return replace(before, synced=synced.state("1.0", before, [LOCK], PRESENT))


def test_the_same_again_is_unchanged_whatever_the_lock_is_called(record: Record) -> None:
    assert synced.is_unchanged("1.0", record, [LOCK], dict(reversed(list(PRESENT.items()))))
    assert synced.is_unchanged("1.0", record, [replace(LOCK, path="/srv/other.txt")], PRESENT)


def test_the_same_lock_at_two_paths_is_unchanged(record: Record) -> None:
    """What is a parent's stays that at either."""
    other, parent = replace(LOCK, path="/srv/other.txt"), replace(LOCK, parent=True)
    assert synced.is_unchanged("1.0", record, [LOCK, other], PRESENT)
    of_a_child = replace(record, synced=synced.state("1.0", record, [parent, other], PRESENT))
    assert synced.is_unchanged("1.0", of_a_child, [replace(other, parent=True)], PRESENT)
    assert not synced.is_unchanged("1.0", of_a_child, [other], PRESENT)


@pytest.mark.parametrize("present", [{}, {"six": "1.0"}, {**PRESENT, "six": "1.1"}, {**PRESENT, "extra": "1"}])
def test_other_distributions_are_a_change(record: Record, present: Dict[str, str]) -> None:
    assert not synced.is_unchanged("1.0", record, [LOCK], present)


def test_another_lock_python_or_venvboot_is_a_change(record: Record) -> None:
    assert not synced.is_unchanged("1.1", record, [LOCK], PRESENT)
    assert not synced.is_unchanged("1.0", record, [replace(LOCK, sha256="02" * 32)], PRESENT)
    assert not synced.is_unchanged("1.0", record, [replace(LOCK, hashes=False)], PRESENT)
    assert not synced.is_unchanged("1.0", record, [LOCK, replace(LOCK, sha256="02" * 32)], PRESENT)
    assert not synced.is_unchanged("1.0", record, [replace(LOCK, parent=True)], PRESENT)
    assert not synced.is_unchanged("1.0", replace(record, base_version="3.12.1"), [LOCK], PRESENT)


def test_without_a_sync_there_is_no_state(make_record: Callable[..., Record]) -> None:
    assert not synced.is_unchanged("1.0", make_record(), [LOCK], PRESENT)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("six==1.0 --hash=sha256:00\n", True),
        ("# -r other.txt\nsix==1.0\n", True),
        ("-r other.txt\n", False),
        ("six==1.0\n  --requirement=other.txt\n", False),
        ("-c constraints.txt\n", False),
        ("-rother.txt\n", False),
        ("\ufeff-r other.txt\n", False),
        ("--req other.txt\n", False),
        ("--index-url https://example.org/\n", False),
        ("six @ https://${HOST}/six.whl\n", False),
        ("./six\n", False),
        ("six @ file:///srv/six\n", False),
        ("six==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via x\n", True),
        ("--constraint constraints.txt\n", False),
    ],
)
def test_a_lock_that_names_another_file_does_not_stand_alone(text: str, alone: bool) -> None:
    assert synced.stands_alone(text) is alone


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"kept": "1", "new": "1", "changed": "2"}, True),
        ({"kept": "1", "new": "1.0", "changed": "2.0"}, True),
        ({"kept": "2", "new": "1", "changed": "2"}, False),
        ({"kept": "1", "new": "1", "changed": "2", "more": "1"}, False),
        ({"new": "1", "changed": "2"}, False),
    ],
)
def test_what_no_lock_has_asked_for_is_noticed(after: Dict[str, str], *, expected: bool) -> None:
    before = {"kept": "1", "gone": "1", "changed": "1"}
    made = Changes(add={"new": "1"}, remove={"gone": "1"}, change={"changed": ("1", "2")})
    assert synced.is_as_expected(before, made, after) is expected
