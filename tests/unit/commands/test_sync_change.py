"""What of a sync did not become as its lock says."""

from __future__ import annotations

from venvboot.commands import sync_change
from venvboot.model import Changes


def test_what_is_not_as_it_should_be_is_named() -> None:
    made = Changes(
        add={"new": "1", "not-new": "1"},
        remove={"gone": "1", "not-gone": "1"},
        change={
            "changed": ("1", "2"),
            "not-changed": ("1", "2"),
            "from-an-address": ("1", ""),
            "spelled": ("1", "2.0"),
        },
    )
    after = {"new": "1", "not-gone": "1", "changed": "2", "not-changed": "1", "from-an-address": "1", "spelled": "2"}
    assert sync_change._missed(made, after) == ("not-new", "not-changed", "not-gone")
