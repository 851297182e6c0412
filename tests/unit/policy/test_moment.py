from __future__ import annotations

import pytest

from venvboot.policy.moment import epoch


@pytest.mark.parametrize(
    ("told", "moment"),
    [("0", 0), ("1700000000", 1700000000), ("", None), ("-1", None), ("1e9", None), ("٣", None), ("9" * 11, None)],
)
def test_a_whole_number_of_seconds_is_taken_and_nothing_else(told: str, moment: int | None) -> None:
    assert epoch({"SOURCE_DATE_EPOCH": told}) == moment
    assert epoch({}) is None
