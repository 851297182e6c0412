"""Files of the cache that hold contents and an index: contents, the index as JSON, its length, a digest of it all.

One whose digest isn't that of what stands before it is damaged, and isn't used. A small one is read once.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
from typing import Any, BinaryIO, Iterator, Optional, Union

DIGEST = 32  # bytes, SHA-256
LENGTH = struct.Struct("<Q")
CHUNK = 1 << 20  # bytes
SMALL = 16 << 20  # bytes


class Reader:
    """One that is whole, of an open ``file``. Raises ValueError for one that is damaged."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._whole: Optional[memoryview] = None
        whole = file.seek(0, os.SEEK_END)
        end = whole - DIGEST - LENGTH.size
        if end >= 0 and whole <= SMALL:
            self._whole = memoryview(self._read(0, whole))
        if end < 0 or self._digest(end + LENGTH.size) != bytes(self.read(end + LENGTH.size, DIGEST)):
            raise ValueError("its digest is another")
        (length,) = LENGTH.unpack(self.read(end, LENGTH.size))
        if length > end:
            raise ValueError("its index is longer than itself")
        self.size = end - length
        self.index: Any = json.loads(bytes(self.read(self.size, length)))

    def read(self, start: int, length: int) -> memoryview:
        """Raises OSError where there is less by now: something writes into the file."""
        return memoryview(self._read(start, length)) if self._whole is None else self._whole[start : start + length]

    def parts(self, start: int, length: int) -> Iterator[memoryview]:
        """Give the same in parts; an empty one has none."""
        if self._whole is not None and length:
            yield self._whole[start : start + length]
            return
        for place in range(start, start + length, CHUNK):
            yield self.read(place, min(CHUNK, start + length - place))

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        content = self._file.read(length)
        if len(content) != length:
            raise OSError(errno.EIO, "it was changed while it was read", getattr(self._file, "name", None))
        return content

    def _digest(self, length: int) -> bytes:
        digest = hashlib.sha256()
        for part in self.parts(0, length):
            digest.update(part)
        return digest.digest()


class Writer:
    """A new one, of an open and empty ``file``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def add(self, content: Union[bytes, memoryview]) -> None:
        self._digest.update(content)
        self._file.write(content)

    def finish(self, index: Any) -> None:
        told = json.dumps(index).encode()
        self.add(told)
        self.add(LENGTH.pack(len(told)))
        self._file.write(self._digest.digest())
