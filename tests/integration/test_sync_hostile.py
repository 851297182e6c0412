"""Wheels that can't be trusted, with the digest that the lock has: a sync of one changes nothing."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import stat
import zipfile
from pathlib import Path
from typing import Callable, Dict, List, Tuple, Union

import pytest

from tests.integration.synced import Synced
from tests.integration.tool import codes
from tests.integration.wheelhouse import make_wheel

FILE = "evil-1.0-py3-none-any.whl"
INFO = "evil-1.0.dist-info"
RECORD = f"{INFO}/RECORD"
KB, MB = 1 << 10, 1 << 20

# A wheel's members, in their order; some names are told twice, and some entries bear more than a name
Members = List[Tuple[Union[str, zipfile.ZipInfo], bytes]]


def _row(name: str, content: bytes) -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"{name},sha256={digest},{len(content)}\n".encode()


def _changed(members: Members, name: str, change: Callable[[bytes], bytes]) -> Members:
    return [(member, change(content) if member == name else content) for member, content in members]


def _with(members: Members, name: str, content: bytes = b"x = 1\n", mode: int = 0) -> Members:
    """Add a file that RECORD lists as it should."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.filename = name  # a name with a backslash stays as it is
    return [*_changed(members, RECORD, lambda rows: rows + _row(name, content)), (info, content)]


def _link(members: Members) -> Members:
    return _with(members, "evil_link", b"/etc", stat.S_IFLNK | 0o777)


def _through_link(members: Members) -> Members:
    return _with(_link(members), "evil_link/passwd")


def _replaced(was: bytes, now: bytes) -> Callable[[Members], Members]:
    return lambda members: _changed(members, RECORD, lambda rows: rows.replace(was, now, 1))


def _other_row(change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    """Change the row of RECORD that tells of evil.py."""

    def changed(rows: bytes) -> bytes:
        lines = rows.splitlines(keepends=True)
        return b"".join(change(line) if line.startswith(b"evil.py,") else line for line in lines)

    return lambda members: _changed(members, RECORD, changed)


HOSTILE: Dict[str, Callable[[Members], Members]] = {
    "a path upwards": lambda members: _with(members, "../evil_up.py"),
    "a path upwards within": lambda members: _with(members, "evil/../../../../evil_up.py"),
    "a path of data upwards": lambda members: _with(members, "evil-1.0.data/data/../../../evil_up"),
    "an absolute path": lambda members: _with(members, "/evil_absolute.py"),
    "a path with a backslash": lambda members: _with(members, "..\\evil_up.py"),
    "a link": _link,
    "a file beyond a link": _through_link,
    "a name twice": lambda members: _with(_with(members, "evil_twice.py"), "evil_twice.py", b"x = 2\n"),
    "a file and a folder of one name": lambda members: _with(_with(members, "evil_both"), "evil_both/x.py"),
    "a row twice": _other_row(lambda row: row * 2),
    "a row twice, otherwise": _other_row(lambda row: row + b"evil.py,,\n"),
    "a row for a file that it hasn't got": _other_row(lambda row: row + b"../../../pyvenv.cfg,,\n"),
    "no row": _other_row(lambda _: b""),
    "another digest": _other_row(lambda _: _row("evil.py", b"VERSION = '1.1'\n")),
    "another size": _other_row(lambda row: row.rpartition(b",")[0] + b",17\n"),
    "no size that is one": _other_row(lambda row: row.rpartition(b",")[0] + b",-1\n"),
    "a digest of unknown kind": _other_row(lambda row: row.replace(b"sha256=", b"nosuch=")),
    "no table for a RECORD": lambda members: _changed(members, RECORD, lambda _: b'"' * 3 + b"\x00\xff"),
    "no RECORD": lambda members: [one for one in members if one[0] != RECORD],
    "the metadata of another": lambda members: _with(members, "pip-99.dist-info/METADATA", b"Name: pip\n"),
}

# What pip looks into as soon as it has it
PIP_TELLS = (
    "the metadata of another",
    "in the metadata",
    "at the end",
    "nothing of it is there",
    "it is no archive",
)


def _members(folder: Path) -> Members:
    make_wheel(folder, "evil", "1.0")
    with zipfile.ZipFile(folder / FILE) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _write(path: Path, members: Members) -> str:
    """Write a wheel and return its digest, which the lock has."""
    with zipfile.ZipFile(path, "w") as archive, pytest.warns() if _has_twice(members) else contextlib.nullcontext():
        for member, content in members:
            archive.writestr(member, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _has_twice(members: Members) -> bool:
    names = [member if isinstance(member, str) else member.filename for member, _ in members]
    return len(names) != len(set(names))


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_wheel_with_the_digest_of_the_lock_changes_nothing(synced: Synced, what: str) -> None:
    digest = _write(synced.house / FILE, HOSTILE[what](_members(synced.house)))
    synced.lock(("evil==1.0", digest))
    told = synced.fails(1)
    assert codes(told) == ["pip-failed" if what in PIP_TELLS else "wheel-not-valid"], told
    assert "evil" in told["findings"][0]["message"] + told["findings"][0]["evidence"]
    assert not list(synced.tool.folder.rglob("evil_up*"))
    assert not Path("/evil_absolute.py").exists()


def _flipped(path: Path, was: bytes) -> None:
    """Change one byte of an entry's content, which its CRC tells."""
    content = path.read_bytes()
    assert content.count(was) == 1
    path.write_bytes(content.replace(was, bytes([was[0] ^ 1]) + was[1:]))


DAMAGED: Dict[str, Callable[[Path], object]] = {
    "in a module": lambda path: _flipped(path, b"VERSION = '1.0'"),
    "in a data file": lambda path: _flipped(path, b"evil text"),
    "in the metadata": lambda path: _flipped(path, b"Metadata-Version: 2.1"),
    "at the end": lambda path: path.write_bytes(path.read_bytes()[:-200]),
    "nothing of it is there": lambda path: path.write_bytes(b""),
    "it is no archive": lambda path: path.write_bytes(b"<html>Sign in</html>" * 100),
}


@pytest.mark.parametrize("where", DAMAGED)
def test_a_damaged_wheel_with_the_digest_of_the_lock_changes_nothing(synced: Synced, where: str) -> None:
    path = synced.house / FILE
    _write(path, _with(_members(synced.house), "evil_text.txt", b"evil text"))
    DAMAGED[where](path)
    synced.lock(("evil==1.0", hashlib.sha256(path.read_bytes()).hexdigest()))
    told = synced.fails(1)
    assert codes(told) == ["pip-failed" if where in PIP_TELLS else "wheel-not-valid"], told


@pytest.mark.parametrize("name", ["zeros", "zeros.py"])
def test_a_wheel_that_would_fill_the_disk_changes_nothing_and_takes_no_time(synced: Synced, name: str) -> None:
    """Of a module all would be read into memory, too."""
    path = synced.house / FILE
    members = _changed(_members(synced.house), RECORD, lambda rows: rows + f"{name},,\n".encode())
    _write(path, members)
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "a") as archive, archive.open(info, "w", force_zip64=True) as file:
        for _ in range(2 * KB):
            file.write(bytes(MB))
    assert path.stat().st_size < 20 * MB
    synced.lock(("evil==1.0", hashlib.sha256(path.read_bytes()).hexdigest()))
    told = synced.fails(1)
    assert codes(told) == ["wheel-not-valid"]
    assert "when unpacked" in told["findings"][0]["evidence"]


def test_a_size_that_is_not_true_changes_nothing(synced: Synced) -> None:
    """As a bomb would say it: so little in the directory of the archive, and so much in the data."""
    path = synced.house / FILE
    zeros = bytes(10 * MB)
    members = _with(_members(synced.house), "zeros", zeros)
    info = members[-1][0]
    assert isinstance(info, zipfile.ZipInfo)
    info.compress_type = zipfile.ZIP_DEFLATED
    _write(path, members)
    content, size = path.read_bytes(), len(zeros).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    synced.lock(("evil==1.0", hashlib.sha256(path.read_bytes()).hexdigest()))
    assert codes(synced.fails(1)) == ["wheel-not-valid"]
