"""rpm's package headers: what they say, and made-up ones that lie about themselves."""

from __future__ import annotations

import contextlib
import struct
import time
import tracemalloc
from typing import Any, List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.facts.owners.rpm_images import (
    BINARY,
    INT8,
    INT16,
    INT32,
    STRING,
    STRINGS,
    Entry,
    blob,
    numbers,
    package,
    strings,
    text,
)
from venvboot.facts.owners import rpm_header
from venvboot.facts.owners.rpm_header import Header, Unreadable

FILES = ["/usr/bin/python3.9", "/usr/lib64/python3.9/os.py", "/usr/bin/python3"]


def everything(header: Header) -> List[Any]:
    told: List[Any] = [header.name, header.version, header.vendor, header.basenames, header.directories]
    files = list(header.files())
    return [*told, files, [header.digest(number) for number, _ in files]]


def test_a_header_tells_its_package_and_its_files() -> None:
    header = Header.parse(package("python3", FILES, text(rpm_header.VENDOR, "Red Hat, Inc.")))
    assert (header.name, header.version, header.vendor) == ("python3", "1-1", "Red Hat, Inc.")
    assert list(header.files()) == list(enumerate(path.encode() for path in FILES))
    assert header.digest(0) == ("sha256", "0" * 64)


@pytest.mark.parametrize(("epoch", "version"), [([], "3.9-2"), ([0], "0:3.9-2"), ([2], "2:3.9-2")])
def test_the_epoch_is_told_where_the_package_has_one(epoch: List[int], version: str) -> None:
    header = Header.parse(package("x", [], numbers(rpm_header.EPOCH, epoch), version="3.9", release="2"))
    assert header.version == version


def test_a_key_has_no_files() -> None:
    header = Header.parse(blob(text(rpm_header.NAME, "gpg-pubkey"), text(rpm_header.VERSION, "1")))
    assert everything(header) == ["gpg-pubkey", "1-", "", [], [], [], []]


@pytest.mark.parametrize(
    ("state", "in_place"), [(0, True), (1, False), (2, False), (3, True), (4, False), (255, False)]
)
def test_a_file_that_was_replaced_or_not_installed_is_not_the_package_s(state: int, in_place: bool) -> None:
    header = Header.parse(package("x", FILES, numbers(rpm_header.FILE_STATES, [state, 0, 0], INT8)))
    assert ((0, FILES[0].encode()) in list(header.files())) == in_place
    assert (1, FILES[1].encode()) in list(header.files())


@pytest.mark.parametrize(
    ("number", "name"), [([], "md5"), ([1], "md5"), ([2], "sha1"), ([8], "sha256"), ([10], "sha512")]
)
def test_a_digest_comes_with_its_algorithm(number: List[int], name: str) -> None:
    header = Header.parse(package("x", FILES, numbers(rpm_header.FILE_DIGEST_ALGORITHM, number)))
    assert header.digest(0) == (name, "0" * 64)


def test_without_a_digest_or_its_algorithm_there_is_none() -> None:
    unknown = Header.parse(package("x", FILES, numbers(rpm_header.FILE_DIGEST_ALGORITHM, [99])))
    a_link = Header.parse(package("x", FILES, strings(rpm_header.FILE_DIGESTS, [b"", b"1", b"2"])))
    without = Header.parse(package("x", FILES, strings(rpm_header.FILE_DIGESTS, [])))
    assert [unknown.digest(0), a_link.digest(0), without.digest(0)] == [None] * 3


def test_what_could_mislead_on_a_terminal_is_replaced() -> None:
    header = Header.parse(package("a\x1b[31m\nb", [], text(rpm_header.VENDOR, "c\u202e")))
    assert (header.name, header.vendor) == ("a\ufffd[31m\ufffdb", "c\ufffd")


@pytest.mark.parametrize(
    "lie",
    [
        numbers(rpm_header.DIRECTORY_INDEXES, [0, 1]),
        numbers(rpm_header.DIRECTORY_INDEXES, [0, 1, 2]),
        numbers(rpm_header.DIRECTORY_INDEXES, [0, 1, 2**32 - 1]),
        numbers(rpm_header.FILE_STATES, [0, 0], INT8),
        numbers(rpm_header.FILE_STATES, [0, 0, 0, 0], INT8),
        strings(rpm_header.BASENAMES, [b"python3.9"]),
        strings(rpm_header.BASENAMES, [b"python3.9", b"", b""]),
        strings(rpm_header.DIRECTORY_NAMES, [b"/usr/bin/", b"usr/lib64/"]),
        strings(rpm_header.DIRECTORY_NAMES, [b"", b""]),
        strings(rpm_header.FILE_DIGESTS, [b"0"]),
        (rpm_header.BASENAMES, INT32, 3, bytes(12)),
        (rpm_header.BASENAMES, STRINGS, 2**32 - 1, b"a\0b\0c\0"),
        (rpm_header.BASENAMES, STRINGS, 4, b"a\0b\0c"),
        (rpm_header.DIRECTORY_INDEXES, STRINGS, 1, b"0\0"),
        (rpm_header.DIRECTORY_INDEXES, INT32, 2**31, b""),
        (rpm_header.FILE_STATES, 99, 3, b"\0\0\0"),
        (rpm_header.NAME, STRING, 1, b"no end"),
        (rpm_header.NAME, BINARY, 1, b"x\0"),
    ],
)
def test_a_header_that_contradicts_itself_is_unreadable(lie: Entry) -> None:
    header = Header.parse(package("x", FILES, lie))
    with pytest.raises(Unreadable):
        everything(header)


@pytest.mark.parametrize("size", [0, 7, 8, 100])
def test_a_blob_of_another_size_than_its_counts_say_is_unreadable(size: int) -> None:
    with pytest.raises(Unreadable):
        Header.parse(package("x", FILES)[:size])
    with pytest.raises(Unreadable):
        Header.parse(package("x", FILES) + bytes(size or 1))
    with pytest.raises(Unreadable):
        Header.parse(struct.pack(">2I", 2**32 - 1, 2**32 - 1) + bytes(size))


def test_a_header_with_more_tags_than_rpm_allows_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="65536 tags"):
        Header.parse(blob(*[(number, BINARY, 0, b"") for number in range(65536)]))


@pytest.mark.parametrize(
    "lie",
    [
        (rpm_header.BASENAMES, STRINGS, 8 << 20, bytes(8 << 20)),
        (rpm_header.BASENAMES, STRINGS, 8 << 19, b"a\0" * (8 << 19)),
        (rpm_header.DIRECTORY_INDEXES, INT8, 8 << 20, bytes(8 << 20)),
        (rpm_header.DIRECTORY_INDEXES, INT16, 8 << 19, bytes(8 << 20)),
    ],
)
def test_the_memory_that_a_made_up_header_takes_is_bounded_by_its_size(lie: Entry) -> None:
    header = Header.parse(package("x", FILES, lie))
    tracemalloc.start()
    with pytest.raises(Unreadable):
        everything(header)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


def test_paths_that_one_long_folder_multiplies_are_unreadable_in_time() -> None:
    long_folder = strings(rpm_header.DIRECTORY_NAMES, [b"/" + b"x" * 1_000_000 + b"/"])
    header = Header.parse(package("x", [f"/usr/bin/{number}" for number in range(10_000)], long_folder))
    before = time.monotonic()
    with pytest.raises(Unreadable):
        list(header.files())
    assert time.monotonic() - before < 2


@given(st.binary(max_size=300))
@example(bytes(8))
@example(struct.pack(">2I", 1, 0) + bytes(16))
@example(struct.pack(">2I", 1, 0) + struct.pack(">4I", rpm_header.NAME, STRING, 2**31, 1))
def test_any_bytes_are_a_header_or_unreadable(content: bytes) -> None:
    with contextlib.suppress(Unreadable):
        everything(Header.parse(content))


VALUES = st.integers(0, 70) | st.sampled_from([2**31, 2**32 - 1])
TAGS = st.sampled_from([value for value in vars(rpm_header).values() if isinstance(value, int) and value >= 1000])


@given(st.lists(st.tuples(TAGS, st.integers(0, 10), VALUES, VALUES), max_size=12), st.binary(max_size=300))
def test_any_index_over_any_data_is_read_without_a_fault(index: List[tuple[int, int, int, int]], data: bytes) -> None:
    entries = b"".join(struct.pack(">4I", *entry) for entry in index)
    with contextlib.suppress(Unreadable):
        everything(Header.parse(struct.pack(">2I", len(index), len(data)) + entries + data))


PATHS = st.text("ab/\udc80\n ", max_size=8).map(lambda name: "/" + name.strip("/"))


@given(st.lists(PATHS, max_size=6, unique=True))
@example(["/"])
def test_every_list_of_files_is_told_as_it_was_written(paths: List[str]) -> None:
    header = Header.parse(package("x", paths))
    assert [path.decode("utf-8", "surrogateescape") for _, path in header.files()] == paths
