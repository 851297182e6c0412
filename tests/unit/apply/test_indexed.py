"""A file with an index is as it was written, or isn't used."""

from __future__ import annotations

import hashlib
import io
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.apply import indexed

PARTS = st.lists(st.binary(max_size=20), max_size=5)


def written(parts: List[bytes], index: object) -> bytes:
    file = io.BytesIO()
    writer = indexed.Writer(file)
    for part in parts:
        writer.add(part)
    writer.finish(index)
    return file.getvalue()


@given(parts=PARTS, index=st.dictionaries(st.text(), st.integers()))
def test_contents_and_index_are_read_as_they_were_written(parts: List[bytes], index: object) -> None:
    reader = indexed.Reader(io.BytesIO(written(parts, index)))
    assert (reader.index, reader.size) == (index, sum(map(len, parts)))
    start = 0
    for part in parts:
        assert reader.read(start, len(part)) == part
        start += len(part)


@given(parts=PARTS, place=st.integers(0, 1 << 10), bit=st.integers(0, 7))
def test_no_bit_may_be_another(parts: List[bytes], place: int, bit: int) -> None:
    content = bytearray(written(parts, "index"))
    content[place % len(content)] ^= 1 << bit
    with pytest.raises(ValueError, match="digest"):
        indexed.Reader(io.BytesIO(content))


@given(parts=PARTS, length=st.integers(0, 1 << 10), more=st.binary(min_size=1, max_size=50))
def test_nothing_may_be_missing_or_more(parts: List[bytes], length: int, more: bytes) -> None:
    content = written(parts, "index")
    for other in (content[: length % len(content)], content + more):
        with pytest.raises(ValueError, match="digest"):
            indexed.Reader(io.BytesIO(other))


@pytest.mark.parametrize("length", [13, 1 << 40, (1 << 64) - 1])
def test_an_index_longer_than_the_file_is_refused(length: int) -> None:
    body = b"[1, 2, 3, 4]" + indexed.LENGTH.pack(length)
    with pytest.raises(ValueError, match="longer"):
        indexed.Reader(io.BytesIO(body + hashlib.sha256(body).digest()))


def test_an_index_that_is_no_json_is_refused() -> None:
    body = b"{" + indexed.LENGTH.pack(1)
    with pytest.raises(ValueError):  # noqa: PT011  # that of json
        indexed.Reader(io.BytesIO(body + hashlib.sha256(body).digest()))
