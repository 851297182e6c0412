"""Amounts as a person reads and writes them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.policy.amounts import amount, counted, size


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (51_249_999, "51.2 MB"),
        (999_999_999, "1.0 GB"),
        (2_500_000_000, "2.5 GB"),
        (12_345_000_000_000, "12345.0 GB"),
    ],
)
def test_bytes_are_told_in_powers_of_ten(number: int, told: str) -> None:
    assert amount(number) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0", 0),
        ("17", 17),
        ("500M", 500_000_000),
        ("500 MB", 500_000_000),
        ("2G", 2_000_000_000),
        ("2.5 gb", 2_500_000_000),
        ("1k", 1000),
        ("1.5T", 1_500_000_000_000),
        ("7b", 7),
        (" 1 G ", 1_000_000_000),
        ("", None),
        ("G", None),
        ("-1", None),
        ("+1", None),
        ("1e9", None),
        ("1,5G", None),
        ("1.G", None),
        (".5G", None),
        ("1.2345G", None),
        ("2GiB", None),
        ("2P", None),
        ("2 G B", None),
        ("2  G", None),
        ("0x10", None),
        ("\uff11G", None),
        ("1\n2", None),
        ("9" * 16, None),
        ("inf", None),
    ],
)
def test_a_size_is_a_number_and_a_unit(text: str, told: int | None) -> None:
    assert size(text) == told


@given(st.text())
@example("9" * 15 + "." + "9" * 3 + "T")
@example("1" * 10_000)
def test_any_text_is_a_size_or_none(text: str) -> None:
    found = size(text)
    assert found is None or 0 <= found < 10**28


@given(st.integers(0, 10**15))
def test_what_is_told_is_read_back_within_a_twentieth(number: int) -> None:
    back = size(amount(number).removesuffix("ytes"))
    assert back is not None
    assert abs(back - number) <= number / 20


@given(st.integers(0, 9000), st.sampled_from(["", "k", "M", "G", "T"]), st.sampled_from(["", "B", "b"]))
def test_a_whole_number_is_read_exactly(number: int, unit: str, end: str) -> None:
    assert size(f"{number}{unit}{end}") == number * 1000 ** ["", "k", "M", "G", "T"].index(unit)


def test_things_are_counted() -> None:
    assert [counted(number, "file") for number in (0, 1, 2, 11_692)] == [
        "0 files",
        "1 file",
        "2 files",
        "11,692 files",
    ]
