"""The header of one installed package, in the form that all of rpm's databases store.

Two counts, an index of (tag, type, offset, count), then the data, all big-endian: rpm's manual, "RPM V4 Package
format", section "Header". Tags and types are those of rpmtag.h, file states those of rpmfi.h.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Iterator, List, Mapping, Optional, Tuple

COUNTS = struct.Struct(">II")
ENTRY = struct.Struct(">IIII")

# These bound the memory and the time that a made-up header takes. A file takes 75 bytes of a real one.
MOST_TAGS = 0xFFFF  # rpm's own limit
ROOM = 32  # bytes for each file, at the least
LONGER_PATHS = 4  # as long as the header, at the most, all paths together

NAME, VERSION, RELEASE, EPOCH, VENDOR, ARCHITECTURE = 1000, 1001, 1002, 1003, 1011, 1022
FILE_STATES, FILE_DIGESTS, FILE_FLAGS, FILE_DIGEST_ALGORITHM = 1029, 1035, 1037, 5011
DIRECTORY_INDEXES, BASENAMES, DIRECTORY_NAMES = 1116, 1117, 1118

INTEGER_FORMATS = {1: "B", 2: "B", 3: "H", 4: "I"}
STRING_TYPES = (6, 8, 9)

# A file in another state was replaced by another package's, or left out: normal and on a shared network mount.
IN_PLACE = (0, 3)

# rpmfiles.h: what the administrator edits, what need not be there, what is not in the package itself.
CONFIG, MISSING_OK, GHOST = 1 << 0, 1 << 3, 1 << 6

# OpenPGP's numbers of hash algorithms (RFC 9580, section 9.5).
ALGORITHMS = {
    1: "md5",
    2: "sha1",
    8: "sha256",
    9: "sha384",
    10: "sha512",
    11: "sha224",
    12: "sha3_256",
    14: "sha3_512",
}
MD5 = 1


class Unreadable(Exception):
    """A header or a database is damaged, or of a form that is not known here; the text says what is wrong."""


@dataclass(frozen=True)
class Header:
    """One package. Every method raises Unreadable where the header contradicts itself."""

    index: Mapping[int, Tuple[int, int, int]]
    data: bytes

    @classmethod
    def parse(cls, blob: bytes) -> Header:
        """Return the header that ``blob`` is, from its first byte to its last."""
        if len(blob) < COUNTS.size:
            raise Unreadable("a header without counts")
        entries, length = COUNTS.unpack_from(blob)
        start = COUNTS.size + entries * ENTRY.size
        if start + length != len(blob) or entries > MOST_TAGS:
            raise Unreadable(f"a header of {len(blob)} bytes that says {start + length}, with {entries} tags")
        index = {
            tag: (kind, offset, count) for tag, kind, offset, count in ENTRY.iter_unpack(blob[COUNTS.size : start])
        }
        return cls(index, blob[start:])

    @property
    def name(self) -> str:
        return self._text(NAME)

    @property
    def version(self) -> str:
        """The package's version as rpm prints it: ``[epoch:]version-release``."""
        epoch = "".join(f"{number}:" for number in self._integers(EPOCH)[:1])
        return f"{epoch}{self._text(VERSION)}-{self._text(RELEASE)}"

    @property
    def vendor(self) -> str:
        return self._text(VENDOR)

    @property
    def architecture(self) -> str:
        return self._text(ARCHITECTURE)

    @property
    def basenames(self) -> List[bytes]:
        """The names of the package's files in their folders; that of the root directory is empty."""
        names = self._strings(BASENAMES)
        if names.count(b"") > 1:
            raise Unreadable(f"{self.name} has files without a name")
        return names

    @property
    def directories(self) -> List[bytes]:
        """The folders of the package's files, each with a slash at its end."""
        return self._strings(DIRECTORY_NAMES)

    def files(self) -> Iterator[Tuple[int, bytes]]:
        """Give the number and the path of each file that the package has in place."""
        basenames, directories = self.basenames, self.directories
        places, states = self._integers(DIRECTORY_INDEXES), self._integers(FILE_STATES)
        if len(places) != len(basenames) or (states and len(states) != len(basenames)):
            raise Unreadable(f"{self.name} has file lists of different lengths")
        if places and max(places) >= len(directories):
            raise Unreadable(f"{self.name} has a file in a folder that it doesn't list")
        if not all(folder.startswith(b"/") for folder in directories):
            raise Unreadable(f"{self.name} lists a folder that can't be one")
        room = len(self.data) * LONGER_PATHS
        for number, (place, basename) in enumerate(zip(places, basenames)):
            path = directories[place] + basename
            room -= len(path)
            if room < 0:
                raise Unreadable(f"{self.name} lists paths that are too long")
            if not states or states[number] in IN_PLACE:
                yield number, path

    def digest(self, number: int) -> Optional[Tuple[str, str]]:
        """Return the hashlib name of the algorithm and the hex digest of a file's content.

        None where there is none (a link, a directory), or where the algorithm is not known.
        """
        algorithm, digests = self._digests
        if digests and number >= len(digests):
            raise Unreadable(f"{self.name} has fewer digests than files")
        digest = digests[number].decode("ascii", "replace") if digests else ""
        return (algorithm, digest) if algorithm and digest else None

    def has_flag(self, number: int, flags: int) -> bool:
        """Tell whether a file has any of ``flags``; one of which the header says nothing has none."""
        return number < len(self._flags) and bool(self._flags[number] & flags)

    # Lists of thousands of files are not to be read for each file of them.
    @cached_property
    def _digests(self) -> Tuple[Optional[str], List[bytes]]:
        algorithm = (*self._integers(FILE_DIGEST_ALGORITHM), MD5)[0]
        return ALGORITHMS.get(algorithm), self._strings(FILE_DIGESTS)

    @cached_property
    def _flags(self) -> Tuple[int, ...]:
        return self._integers(FILE_FLAGS)

    def _text(self, tag: int) -> str:
        return printable((self._strings(tag) or [b""])[0].decode("utf-8", "replace"))

    def _strings(self, tag: int) -> List[bytes]:
        kind, offset, count = self._entry(tag, STRING_TYPES[0])
        strings = self.data[offset:].split(b"\0", count)
        if kind not in STRING_TYPES or len(strings) <= count:
            raise Unreadable(f"a header whose tag {tag} is no list of {count} strings")
        return strings[:count]

    def _integers(self, tag: int) -> Tuple[int, ...]:
        kind, offset, count = self._entry(tag, 1)
        letter = INTEGER_FORMATS.get(kind)
        if letter is None or offset + count * struct.calcsize(letter) > len(self.data):
            raise Unreadable(f"a header whose tag {tag} is no list of {count} numbers")
        return struct.unpack_from(f">{count}{letter}", self.data, offset)

    def _entry(self, tag: int, kind: int) -> Tuple[int, int, int]:
        """Return type, offset and count of a tag; the ``kind`` that is asked for and nothing where it is missing."""
        entry = self.index.get(tag, (kind, 0, 0))
        if entry[2] > 1 + len(self.data) // ROOM:
            raise Unreadable(f"a header of {len(self.data)} bytes whose tag {tag} has {entry[2]} values")
        return entry


def printable(text: str) -> str:
    """Return ``text`` with what could mislead on a terminal replaced."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
