"""What is read of a wheel is compared with its RECORD as it passes."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.apply import real
from venvboot.apply import wheel_source
from venvboot.apply.wheel_source import Verified
from venvboot.errors import WheelNotValid
from venvboot.model import Wheel

WHEEL = Wheel("pkg", "1.0", "/w/pkg-1.0-py3-none-any.whl", "00", 1)


def contents(wheel: Wheel) -> Dict[str, bytes]:
    """Return all that the wheel gives, verified."""
    found = {}
    with wheel_source.opened(wheel) as source:
        for row, stream, _ in source.get_contents():
            found[row[0]] = stream.read()
            stream.verify()
    return found


@given(content=st.binary(max_size=300), sizes=st.lists(st.integers(0, 50)), lines=st.integers(0, 3))
def test_however_it_is_read_it_is_verified_whole(content: bytes, sizes: list[int], lines: int) -> None:
    stream = Verified(WHEEL, io.BytesIO(content), real.row("a", content))
    assert stream.read(9) == content[:9]
    assert stream.seek(0) == 0
    parts = [*(stream.readline() for _ in range(lines)), *(stream.read(size) for size in sizes), stream.read()]
    assert b"".join(parts) == content
    stream.verify()


@given(content=st.binary(min_size=1, max_size=50), data=st.data())
def test_a_part_or_another_content_is_not_what_record_says(content: bytes, data: st.DataObject) -> None:
    part = content[: data.draw(st.integers(0, len(content) - 1))]
    other = bytearray(content)
    other[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    for given_content in (part, bytes(other), content + b"x"):
        stream = Verified(WHEEL, io.BytesIO(given_content), real.row("a/b", content))
        stream.read()
        with pytest.raises(WheelNotValid) as caught:
            stream.verify()
        assert caught.value.findings[0].evidence == "a file of it isn't what its RECORD says: a/b"


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512", "blake2b"])
def test_any_digest_that_python_knows_is_one(algorithm: str) -> None:
    with pytest.raises(WheelNotValid):
        Verified(WHEEL, io.BytesIO(b""), ("a", f"{algorithm}=AAAA", "")).verify()


def test_a_wheel_gives_its_files_and_no_bytecode(tmp_path: Path) -> None:
    files = {"pkg.py": "1", "__pycache__/pkg.cpython-311.pyc": "2", "a/__pycache__/b.pyc": "3", "x__pycache__/b": "4"}
    found = contents(real.wheel(tmp_path, files))
    assert {path: content for path, content in found.items() if "dist-info" not in path} == {
        "pkg.py": b"1",
        "x__pycache__/b": b"4",
    }


@pytest.mark.parametrize("folder", ["Pkg-1.0.data", "pkg-1.0.data", "pkg-1.data"])
def test_its_data_is_found_however_its_name_is_written(tmp_path: Path, folder: str) -> None:
    wheel = real.wheel(tmp_path, {f"{folder}/scripts/x": ""})
    with wheel_source.opened(wheel) as source:
        assert source.data_dir == folder


def test_without_data_it_has_the_usual_name(tmp_path: Path) -> None:
    with wheel_source.opened(real.wheel(tmp_path, {"pkg.data/x": "", "a.database/y": ""}, name="other")) as source:
        assert source.data_dir == "pkg.data"
    with wheel_source.opened(real.wheel(tmp_path, {"a.database/y": ""})) as source:
        assert source.data_dir == "pkg-1.0.data"


def test_an_installed_library_stays_where_it_is(tmp_path: Path) -> None:
    before = list(sys.path)
    wheel_source.make_importable(str(tmp_path))
    assert sys.path == before
    assert list(tmp_path.iterdir()) == []
