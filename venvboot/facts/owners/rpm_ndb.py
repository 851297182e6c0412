"""rpm's own database form, ndb (``Packages.db``): SUSE's since 15.

Slots of 16 bytes say where each header's blocks lie; a checksum follows the header. All numbers are little-endian.
The layout is told at the head of rpm's lib/backend/ndb/rpmpkg.c.
"""

from __future__ import annotations

import struct
import zlib
from typing import Iterator

from venvboot.facts.owners.rpm_header import Unreadable

FILE_HEAD = struct.Struct("<4sIIII12x")  # magic, version, generation, pages of slots, next package
SLOT = struct.Struct("<4sIII")  # magic, package, first block, blocks
HEAD = struct.Struct("<4sIII")  # magic, package, generation, length of the header
TAIL = struct.Struct("<II4s")  # checksum of everything before it, length of the header, magic
PAGE = 4096
BLOCK = 16
VERSION = 0


def headers(database: bytes) -> Iterator[bytes]:
    """Give the header of every package. Raises Unreadable."""
    if len(database) < FILE_HEAD.size:
        raise Unreadable("it has no beginning")
    magic, version, _, pages, _ = FILE_HEAD.unpack_from(database)
    if (magic, version) != (b"RpmP", VERSION):
        raise Unreadable("its beginning is not that of an ndb database")
    if pages * PAGE > len(database):
        raise Unreadable("it is cut off")
    left = len(database)
    for magic, package, block, blocks in SLOT.iter_unpack(database[FILE_HEAD.size : pages * PAGE]):
        if magic != b"Slot":
            raise Unreadable("a slot is damaged")
        if block:
            left -= blocks * BLOCK
            if left < 0:
                raise Unreadable("its headers overlap")
            yield _header(database[block * BLOCK : (block + blocks) * BLOCK], package)


def _header(blob: bytes, package: int) -> bytes:
    if len(blob) < HEAD.size + TAIL.size:
        raise Unreadable("a header is cut off")
    magic, number, _, length = HEAD.unpack_from(blob)
    checksum, length_again, magic_again = TAIL.unpack_from(blob, len(blob) - TAIL.size)
    if (magic, magic_again, number, length) != (b"BlbS", b"BlbE", package, length_again):
        raise Unreadable("a header has no beginning or no end")
    if checksum != zlib.adler32(blob[: -TAIL.size]) or HEAD.size + length + TAIL.size > len(blob):
        raise Unreadable("a header's checksum is wrong")
    return blob[HEAD.size : HEAD.size + length]
