"""rpm's own database form: what Debian 13's rpm wrote, and every way in which it can be damaged."""

from __future__ import annotations

import contextlib
import struct
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.facts.owners.rpm_images import real
from venvboot.facts.owners import rpm_ndb
from venvboot.facts.owners.rpm_header import Header, Unreadable

DATABASE = real("Packages.db")
NAMES = ["python3", "python3.11", "python312-example", "python3.13", "python36u"]
SLOT_AT = 32
FIRST_AT = 4096


def names(database: bytes) -> List[str]:
    return [Header.parse(blob).name for blob in rpm_ndb.headers(database)]


def changed(at: int, content: bytes) -> bytes:
    return DATABASE[:at] + content + DATABASE[at + len(content) :]


def number(value: int) -> bytes:
    return struct.pack("<I", value)


def test_every_package_is_given() -> None:
    assert names(DATABASE) == NAMES


def test_a_package_that_was_removed_is_not() -> None:
    assert names(changed(SLOT_AT + 4, bytes(12))) == NAMES[1:]


@pytest.mark.parametrize(
    ("at", "content", "why"),
    [
        (0, b"rpmP", "beginning"),
        (4, number(1), "beginning"),
        (12, number(2**32 - 1), "cut off"),
        (SLOT_AT, b"slot", "slot"),
        (SLOT_AT + 4, number(9), "no beginning"),
        (SLOT_AT + 8, number(2**32 - 1), "cut off"),
        (SLOT_AT + 12, number(2**32 - 1), "overlap"),
        (SLOT_AT + 12, number(1), "cut off"),
        (SLOT_AT + 12, number(100), "no end"),
        (FIRST_AT, b"blbS", "no beginning"),
        (FIRST_AT + 12, number(2**32 - 1), "no end"),
        (FIRST_AT + 1000, b"x", "checksum"),
    ],
)
def test_what_is_damaged_is_told(at: int, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        names(changed(at, content))


def test_slots_that_share_one_header_end() -> None:
    with pytest.raises(Unreadable, match="overlap"):
        names(
            DATABASE[:SLOT_AT] + DATABASE[SLOT_AT : SLOT_AT + 16] * ((FIRST_AT - SLOT_AT) // 16) + DATABASE[FIRST_AT:]
        )


@given(st.integers(FIRST_AT, len(DATABASE) - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_header_goes_unnoticed(at: int, difference: int) -> None:
    damaged = changed(at, bytes([DATABASE[at] ^ difference]))
    with contextlib.suppress(Unreadable):
        assert list(rpm_ndb.headers(damaged)) == list(rpm_ndb.headers(DATABASE))


@given(st.integers(0, len(DATABASE) - 1))
def test_no_end_that_is_missing_goes_unnoticed(end: int) -> None:
    with pytest.raises(Unreadable):
        list(rpm_ndb.headers(DATABASE[:end]))


@given(st.integers(0, 20), st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 3), max_size=20), st.binary(max_size=99))
def test_any_slots_are_read_without_a_fault(pages: int, slots: List[tuple[int, int, int]], rest: bytes) -> None:
    beginning = struct.pack("<4s4I12x", b"RpmP", 0, 1, pages, 1)
    table = b"".join(struct.pack("<4s3I", b"Slot", *slot) for slot in slots)
    with contextlib.suppress(Unreadable):
        list(rpm_ndb.headers(beginning + table.ljust(4096 - 32, b"\0") + rest))
