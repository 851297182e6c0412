"""Files of the cache that hold contents and an index: contents, the index as JSON, its length, a digest of it all.

One whose digest isn't that of what stands before it is damaged, and isn't used.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
from typing import Any, BinaryIO

DIGEST = 32  # bytes, SHA-256
LENGTH = struct.Struct("<Q")
CHUNK = 1 << 20  # bytes


class Reader:
    """One that is whole, of an open ``file``. Raises ValueError for one that is damaged."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        end = file.seek(0, os.SEEK_END) - DIGEST - LENGTH.size
        if end < 0 or self._digest(end + LENGTH.size) != file.read(DIGEST):
            raise ValueError("its digest is another")
        (length,) = LENGTH.unpack(self.read(end, LENGTH.size))
        if length > end:
            raise ValueError("its index is longer than itself")
        self.size = end - length
        self.index: Any = json.loads(self.read(self.size, length))

    def read(self, start: int, length: int) -> bytes:
        """Raises OSError where there is less by now: something writes into the file."""
        self._file.seek(start)
        content = self._file.read(length)
        if len(content) != length:
            raise OSError(errno.EIO, "it was changed while it was read", getattr(self._file, "name", None))
        return content

    def _digest(self, left: int) -> bytes:
        digest = hashlib.sha256()
        self._file.seek(0)
        while left and (chunk := self._file.read(min(left, CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
        return digest.digest()


class Writer:
    """A new one, of an open and empty ``file``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def add(self, content: bytes) -> None:
        self._digest.update(content)
        self._file.write(content)

    def finish(self, index: Any) -> None:
        told = json.dumps(index).encode()
        self.add(told)
        self.add(LENGTH.pack(len(told)))
        self._file.write(self._digest.digest())
