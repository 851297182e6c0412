"""The BerkeleyDB hash file ``Packages`` of older rpms (RHEL 8, Amazon Linux 2): header number -> header.

Numbers are in the byte order of the machine that wrote it. The layout of pages and items is told in Berkeley DB's
dbinc/db_page.h.
"""

from __future__ import annotations

import struct
from typing import Iterator, List

from venvboot.facts.owners.rpm_header import Unreadable

MAGIC = 0x061561
MAGIC_AT = 12
META = "12xIIIBBBxII52xI"  # magic, version, page size, cipher, page type, flags, free list, last page, records
PAGE = "16xIHHBB"  # next page, items, bytes in use, level, page type
HASH_PAGES = (2, 13)  # unsorted, sorted
OVERFLOW_PAGE = 7
INLINE, OFF_PAGE = 1, 3  # where an item's bytes are: in the item, on a chain of overflow pages
NEXT_NUMBER = b"\0\0\0\0"  # the key of no header, but of the number that the next one will have
PAGE_SIZES = tuple(1 << power for power in range(9, 17))


def headers(database: bytes) -> Iterator[bytes]:
    """Give the header of every package. Raises Unreadable."""
    return _HashFile(database).headers()


class _HashFile:
    def __init__(self, database: bytes) -> None:
        self.database = database
        magic = database[MAGIC_AT : MAGIC_AT + 4]
        order = {struct.pack(f"{order}I", MAGIC): order for order in "<>"}.get(magic)
        if order is None or len(database) < PAGE_SIZES[0]:
            raise Unreadable("its beginning is not that of a BerkeleyDB hash file")
        _, _, self.size, cipher, _, flags, _, self.last, self.records = struct.unpack_from(order + META, database)
        if self.size not in PAGE_SIZES or cipher or flags:
            raise Unreadable("it has pages of a size or kind that rpm doesn't write")
        if (self.last + 1) * self.size > len(database):
            raise Unreadable("it is cut off")
        self.order = order
        self.page = struct.Struct(order + PAGE)
        self.unread = self.last  # no page is a part of two headers, so this bounds the work

    def headers(self) -> Iterator[bytes]:
        seen = 0
        for number in range(1, self.last + 1):
            start = number * self.size
            _, count, _, _, kind = self.page.unpack_from(self.database, start)
            if kind in HASH_PAGES:
                items = self._items(self.database[start : start + self.size], count)
                for key, value in zip(items[::2], items[1::2]):
                    seen += 1
                    if key[1:] != NEXT_NUMBER:
                        yield self._value(value)
        if seen < self.records:
            raise Unreadable(f"it has {seen} records instead of {self.records}")

    def _items(self, page: bytes, count: int) -> List[bytes]:
        """Return the items of a page: the first ends where the page ends, each other where the one before begins."""
        first = self.page.size + 2 * count
        if first > self.size or count % 2:
            raise Unreadable("a page has more items than it can hold")
        starts = struct.unpack_from(f"{self.order}{count}H", page, self.page.size)
        ends = (self.size, *starts)
        if any(not first <= start < end for start, end in zip(starts, ends)):
            raise Unreadable("a page has items outside itself")
        return [page[start:end] for start, end in zip(starts, ends)]

    def _value(self, item: bytes) -> bytes:
        if item[0] == INLINE:
            return item[1:]
        if item[0] != OFF_PAGE or len(item) != 12:  # noqa: PLR2004  # kind, 3 unused, page, length
            raise Unreadable("a page has an item of a kind that rpm doesn't write")
        number, length = struct.unpack_from(f"{self.order}II", item, 4)
        parts: List[bytes] = []
        while length > 0:
            self.unread -= 1
            if not 0 < number <= self.last or self.unread < 0:
                raise Unreadable("a header's pages lead nowhere")
            start = number * self.size
            number, _, used, _, kind = self.page.unpack_from(self.database, start)
            if kind != OVERFLOW_PAGE or not 0 < used <= self.size - self.page.size:
                raise Unreadable("a header's page is not one")
            start += self.page.size
            parts.append(self.database[start : start + used])
            length -= used
        if length:
            raise Unreadable("a header is longer than its length")
        return b"".join(parts)
