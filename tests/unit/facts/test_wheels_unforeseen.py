"""Wheels of which installers would write, or later remove, something else than it seems: each is refused."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.unit.facts.test_wheels import DATA, FILE, INFO, inspect, members, why, write
from venvboot.facts import wheel_archive


@pytest.mark.parametrize("path", ["../../../pyvenv.cfg", "/usr/bin/apt", "pip/__init__.py"])
def test_a_record_of_files_that_it_does_not_bring_is_refused(tmp_path: Path, path: str) -> None:
    """Pip copies such a row into the RECORD that it writes, and removes the file with the distribution."""
    content = members("pkg.py")
    content[f"{INFO}/RECORD"] += f"{path},,\n"
    assert path in why(write(tmp_path / FILE, content))


@pytest.mark.parametrize("info", ["pkg_other-9.0.dist-info", "pkg-9.0.dist-info"])
def test_the_metadata_folder_bears_just_that_name_and_version(tmp_path: Path, info: str) -> None:
    """Python tells by it, and not by METADATA, what is installed."""
    content = {path.replace(INFO, info): text.replace(INFO, info) for path, text in members("pkg.py").items()}
    assert info in why(write(tmp_path / FILE, content))


def test_a_file_with_a_second_name_is_refused(tmp_path: Path) -> None:
    """From Python 3.12 on zipfile unpacks it by the Unicode path of its extra field (APPNOTE.TXT, 4.6.9)."""
    path = tmp_path / FILE
    name, other = b"harmless.py", b"sitecustomize.py"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members("sitecustomize.py", "harmless.py").items():
            info = zipfile.ZipInfo(member)
            if member == name.decode():
                info.extra = struct.pack("<HHBL", 0x7075, 5 + len(other), 1, zlib.crc32(name)) + other
            if member != other.decode():
                archive.writestr(info, text)
    why(str(path))


@pytest.mark.parametrize("text", ["[console_scripts]\nfoo\n", "[other]\nfoo\n"])
def test_a_line_that_is_no_entry_is_refused(tmp_path: Path, text: str) -> None:
    """importlib.metadata fails on it, when pip has written other distributions already."""
    why(write(tmp_path / FILE, members("pkg.py", **{"entry_points.txt": text})))


@pytest.mark.parametrize("file", [f"{DATA}/scripts/sub/tool"])
def test_a_script_in_a_folder_is_refused(tmp_path: Path, file: str) -> None:
    """Pip writes it to bin/sub/tool."""
    assert "sub/tool" in why(write(tmp_path / FILE, members("pkg.py", file)))


@pytest.mark.parametrize("text", ["", "Wheel-Version: 2.0\n", "Wheel-Version: 9.0\n", "Generator: x\n"])
def test_a_form_that_installers_do_not_know_is_refused(tmp_path: Path, text: str) -> None:
    assert why(write(tmp_path / FILE, members(WHEEL=text))).startswith("its WHEEL says Wheel-Version ")


@pytest.mark.parametrize("name", ["Jinja2-9.9.egg-info/PKG-INFO", "jinja2.egg-info", "x.egg-link"])
def test_metadata_of_an_old_form_is_refused(tmp_path: Path, name: str) -> None:
    assert "metadata of an old form" in why(write(tmp_path / FILE, members("pkg.py", name)))


@pytest.mark.parametrize("name", ["__pycache__/x.cpython-311.pyc", f"{DATA}/purelib/__pycache__/x.pyc"])
def test_bytecode_at_the_top_is_refused(tmp_path: Path, name: str) -> None:
    assert "it brings bytecode" in why(write(tmp_path / FILE, members("pkg.py", name)))


@pytest.mark.parametrize(
    "name",
    [
        f"{DATA}/purelib/victim-9.0.dist-info/RECORD",
        f"{DATA}/platlib/requests.egg-info/PKG-INFO",
        f"{DATA}/purelib/x.egg-link",
        f"{DATA}/data/lib/python3.11/site-packages/pip-99.dist-info/METADATA",
        f"{DATA}/purelib/{INFO}/RECORD",
    ],
)
def test_a_distribution_among_its_data_is_refused(tmp_path: Path, name: str) -> None:
    assert "metadata among its data" in why(write(tmp_path / FILE, members("pkg.py", name)))


@pytest.mark.parametrize("name", ["scripts/python3", "INSTALLER/x", "direct_url.json/x", "scripts"])
def test_a_place_that_installers_keep_for_themselves_is_refused(tmp_path: Path, name: str) -> None:
    """Of the names in scripts pip removes the commands."""
    assert "where installers have their own" in why(write(tmp_path / FILE, members(f"{INFO}/{name}")))


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028"])
def test_a_record_that_others_read_as_more_rows_is_refused(tmp_path: Path, separator: str) -> None:
    content = members("pkg.py")
    content[f"{INFO}/RECORD"] = content[f"{INFO}/RECORD"].replace('"pkg.py",,', f"pkg.py,,4{separator}../x,,")
    assert "the end of a line" in why(write(tmp_path / FILE, content))


def test_a_record_is_read_to_its_end_and_has_no_empty_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = members("pkg.py")
    content[f"{INFO}/RECORD"] += "\npkg.py,,\n"
    assert "an empty row" in why(write(tmp_path / FILE, content))
    monkeypatch.setattr(wheel_archive, "MOST_ENTRIES", 10)
    content = members("pkg.py")
    content[f"{INFO}/RECORD"] += "".join(f"{number}.py,,\n" for number in range(10)) + "../x,,\n"
    assert "more than 10" in why(write(tmp_path / FILE, content))


def test_a_folder_in_record_is_refused(tmp_path: Path) -> None:
    """An uninstall would remove all that is in it, whoever brought it."""
    content = members("google/foo/__init__.py")
    content[f"{INFO}/RECORD"] += "google,,\n"
    assert "files that it doesn't bring" in why(write(tmp_path / FILE, content))


def test_bytecode_has_its_source_beside_it(tmp_path: Path) -> None:
    cached = "pkg/__pycache__/a.cpython-311.pyc"
    assert inspect(write(tmp_path / FILE, members("pkg/a.py", cached)))
    assert "it brings bytecode" in why(write(tmp_path / FILE, members("pkg/b.py", cached)))


def test_folders_are_not_endlessly_deep(tmp_path: Path) -> None:
    assert inspect(write(tmp_path / FILE, members("a/" * 99 + "x")))
    assert why(write(tmp_path / FILE, members("a/" * 100 + "x")))


def test_what_pip_makes_of_an_entry_for_pip_is_told(tmp_path: Path) -> None:
    made = members(**{"entry_points.txt": "[console_scripts]\npip = a:b\n"})
    assert inspect(write(tmp_path / FILE, made)).commands == ("pip", "pip3")


def test_headers_are_told(tmp_path: Path) -> None:
    assert inspect(write(tmp_path / FILE, members(f"{DATA}/headers/a/x.h"))).headers == ("a/x.h",)


def test_what_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / FILE
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members("pkg.py", "zeros").items():
            archive.writestr(member, "0" * (8 << 20) if member == "zeros" else text)
    assert inspect(str(path)).name == "pkg"  # so little does no harm
    monkeypatch.setattr(wheel_archive, "HARMLESS", 4 << 20)
    assert "more than 100 times as many" in why(str(path))
