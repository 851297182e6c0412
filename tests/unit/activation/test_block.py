"""A block of ours goes into a file of others and out again, and leaves every other byte where it was."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.activation import block, profile_d
from venvboot.model import Placement

TEXT = profile_d.pieces("/opt/venv")[0].text
OTHER = profile_d.pieces("/srv/other")[0].text
PLACEMENTS = st.sampled_from([Placement.TOP, Placement.BOTTOM])
# Lines of any letters, the last with or without its newline; none of them is a beginning or an end of ours.
FILES = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60).filter(lambda text: "# " not in text)


@given(st.none() | FILES, PLACEMENTS)
def test_what_was_put_in_is_found_and_taken_out_again(content: Optional[str], placement: Placement) -> None:
    there = block.added(TEXT, content, placement)
    assert block.found(there) == TEXT
    assert block.removed(there) == content


@given(st.none() | FILES, PLACEMENTS)
def test_a_block_of_ours_is_replaced_and_never_doubled(content: Optional[str], placement: Placement) -> None:
    there = block.added(TEXT, block.added(OTHER, content, placement), placement)
    assert (block.found(there), there.count("# Written by venvboot")) == (TEXT, 1)
    assert block.removed(there) == content


@given(FILES)
def test_the_place_is_the_first_line_or_the_end(content: str) -> None:
    assert block.added(TEXT, content, Placement.TOP).startswith("# Written by venvboot")
    last = block.added(TEXT, content, Placement.BOTTOM).splitlines()[-1]
    joined = bool(content) and not content.endswith("\n")
    assert last == (block.END_AFTER_LINE if joined else block.END)


@given(FILES, FILES.filter(bool))
def test_what_is_appended_to_the_file_is_never_part_of_our_last_line(content: str, more: str) -> None:
    there = block.added(TEXT, content, Placement.BOTTOM) + more
    assert block.found(there) == TEXT
    joined = content if not content or content.endswith("\n") else f"{content}\n"
    assert block.removed(there) == joined + more


@given(st.text(), FILES)
def test_what_others_append_later_stays(more: str, content: str) -> None:
    there = block.added(TEXT, None, Placement.BOTTOM) + content
    assert block.found(there) == TEXT
    assert block.removed(there) == (content or None)
    assert block.found(more.replace("# ", "")) is None


@pytest.mark.parametrize("content", ["", "\n", "a", "a\n", "# Written by venvboot\nno end"])
def test_a_file_without_a_whole_block_has_none(content: str) -> None:
    assert block.found(content) is None
    assert block.removed(content) == content
