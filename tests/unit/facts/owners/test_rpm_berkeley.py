"""rpm's BerkeleyDB form: what Debian 11's rpm wrote, the same in the other byte order, and damaged ones."""

from __future__ import annotations

import contextlib
import struct
import time
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.facts.owners.rpm_images import package, real
from venvboot.facts.owners import rpm_berkeley
from venvboot.facts.owners.rpm_header import Header, Unreadable

DATABASE = real("Packages")
NAMES = ["python3", "python3.11", "python312-example", "python3.13", "python36u"]
SIZE = 4096
HASH, OVERFLOW = 13, 7


def names(database: bytes) -> List[str]:
    return [Header.parse(blob).name for blob in rpm_berkeley.headers(database)]


def changed(at: int, content: bytes) -> bytes:
    return DATABASE[:at] + content + DATABASE[at + len(content) :]


def beginning(last: int, size: int = SIZE, order: str = "<", records: int = 0) -> bytes:
    meta = struct.pack(f"{order}8x4I4B2I52xI", 0, 0x061561, 9, size, 0, 8, 0, 0, 0, last, records)
    return meta.ljust(size, b"\0")


def page(kind: int, entries: int, used: int, following: int, content: bytes = b"") -> bytes:
    return (struct.pack("<16xIHHBB", following, entries, used, 0, kind) + content).ljust(SIZE, b"\0")


def hash_page(*items: bytes) -> bytes:
    starts, start = [], SIZE
    for item in items:
        start -= len(item)
        starts.append(start)
    table = struct.pack(f"<{len(items)}H", *starts)
    return page(HASH, len(items), start, 0, table)[:start] + b"".join(reversed(items))


def key(number: int) -> bytes:
    return b"\1" + struct.pack("<I", number)


def off_page(number: int, length: int) -> bytes:
    return struct.pack("<B3xII", 3, number, length)


def swapped(database: bytes) -> bytes:
    """Return a little-endian database as a big-endian machine would have written it."""
    content = bytearray(database)

    def swap(at: int, size: int, count: int = 1) -> None:
        for place in range(at, at + size * count, size):
            content[place : place + size] = content[place : place + size][::-1]

    swap(8, 4, 4)
    swap(28, 4, 2)
    swap(88, 4)
    for start in range(SIZE, len(database), SIZE):
        count = struct.unpack_from("<H", database, start + 20)[0]
        swap(start + 8, 4, 3)
        swap(start + 20, 2, 2)
        if database[start + 25] == HASH:
            for place in struct.unpack_from(f"<{count}H", database, start + 26):
                if database[start + place] == 3:
                    swap(start + place + 4, 4, 2)
            swap(start + 26, 2, count)
    return bytes(content)


def test_every_package_is_given() -> None:
    assert sorted(names(DATABASE)) == sorted(NAMES)


def test_a_machine_of_the_other_byte_order_wrote_the_same() -> None:
    assert names(swapped(DATABASE)) == names(DATABASE)


def test_a_short_header_stands_in_the_page_itself() -> None:
    short = package("short", [])
    number = hash_page(key(0), key(2), key(1), b"\1" + short)
    assert names(beginning(1) + number) == ["short"]


def test_a_long_header_goes_over_several_pages() -> None:
    long = package("long", [f"/usr/share/{number}" for number in range(100)])
    room = SIZE - 26
    parts = [long[start : start + room] for start in range(0, len(long), room)]
    assert len(parts) > 2
    following = [*range(3, 2 + len(parts)), 0]
    pages = b"".join(page(OVERFLOW, 1, len(part), to, part) for part, to in zip(parts, following))
    assert names(beginning(1 + len(parts)) + hash_page(key(1), off_page(2, len(long))) + pages) == ["long"]


def test_free_pages_are_passed_over() -> None:
    short = hash_page(key(1), b"\1" + package("short", []))
    assert names(beginning(3) + bytes(SIZE) + short + page(0, 9, 9, 9)) == ["short"]


@pytest.mark.parametrize(
    ("at", "content", "why"),
    [
        (12, b"\0\0\0\0", "beginning"),
        (12, bytes.fromhex("62310500"), "beginning"),  # a B-tree
        (20, struct.pack("<I", 0), "pages of a size"),
        (20, struct.pack("<I", 4000), "pages of a size"),
        (24, b"\1", "pages of a size or kind"),  # encrypted
        (26, b"\1", "pages of a size or kind"),  # with checksums
        (32, struct.pack("<I", 2**32 - 1), "cut off"),
        (SIZE + 25, b"\0", "3 records instead of 6"),
        (SIZE + 20, struct.pack("<H", 4), "5 records instead of 6"),
        (SIZE + 20, struct.pack("<H", 5), "more items"),
        (SIZE + 20, struct.pack("<H", 65534), "more items"),
        (SIZE + 26, struct.pack("<H", 0), "outside"),
        (SIZE + 26, struct.pack("<H", 65535), "outside"),
        (3 * SIZE + 25, b"\0", "not one"),
        (3 * SIZE + 22, struct.pack("<H", 0), "not one"),
        (3 * SIZE + 22, struct.pack("<H", 65535), "not one"),
        (3 * SIZE + 22, struct.pack("<H", 4000), "longer"),
        (3 * SIZE + 22, struct.pack("<H", 100), "nowhere"),
    ],
)
def test_what_is_damaged_is_told(at: int, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        names(changed(at, content))


@pytest.mark.parametrize(
    "item", [b"\2", b"\3", off_page(0, 1), off_page(9, 1), off_page(2, 2**32 - 1), off_page(1, 1), off_page(2, 99)]
)
def test_an_item_that_leads_to_no_header_is_told(item: bytes) -> None:
    overflow = page(OVERFLOW, 1, 100, 2, bytes(100))
    with pytest.raises(Unreadable):
        names(beginning(2) + hash_page(key(1), item) + overflow)


def test_pages_that_many_headers_share_end() -> None:
    """Each page of items would otherwise stand for a header as long as the whole file."""
    count = 1000
    sharing = hash_page(*[item for number in range(1, 150) for item in (key(number), off_page(2, count * 4000))])
    chain = b"".join(page(OVERFLOW, 1, 4000, number + 1, bytes(4000)) for number in range(2, count + 2))
    before = time.monotonic()
    with pytest.raises(Unreadable, match="nowhere"):
        list(rpm_berkeley.headers(beginning(count + 1) + sharing + chain))
    assert time.monotonic() - before < 2


@given(st.integers(0, len(DATABASE) - 1))
def test_no_end_that_is_missing_goes_unnoticed(end: int) -> None:
    with pytest.raises(Unreadable):
        list(rpm_berkeley.headers(DATABASE[:end]))


@given(st.lists(st.tuples(st.integers(0, len(DATABASE) - 1), st.binary(min_size=1, max_size=8)), max_size=6))
def test_any_damage_is_read_without_a_fault(damages: List[tuple[int, bytes]]) -> None:
    content = bytearray(DATABASE)
    for at, damage in damages:
        content[at : at + len(damage)] = damage
    with contextlib.suppress(Unreadable):
        list(rpm_berkeley.headers(bytes(content)))


@given(st.binary(max_size=400), st.sampled_from([512, 1024, 4096, 65536]), st.sampled_from("<>"))
def test_any_pages_are_read_without_a_fault(content: bytes, size: int, order: str) -> None:
    with contextlib.suppress(Unreadable):
        list(rpm_berkeley.headers(beginning(1, size, order) + (bytes(16) + content).ljust(size, b"\0")))
