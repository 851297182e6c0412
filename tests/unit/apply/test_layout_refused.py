"""A wheel that isn't what it says, or can't be laid out, is refused; nothing of it is there then."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, List, Sequence

import pytest

from tests.unit.apply import real
from tests.unit.apply.conftest import Bring
from venvboot.errors import WheelNotValid
from venvboot.model import Wheel

INFO = "pkg-1.0.dist-info"


def why(bring: Bring, wheel: Wheel, place: real.Environment) -> str:
    """Return why the wheel is refused."""
    before = place.tree()
    with pytest.raises(WheelNotValid) as caught:
        bring(wheel)
    assert place.tree() == before
    (finding,) = caught.value.findings
    return finding.evidence


@pytest.mark.parametrize("file", ["pkg.py", "DATA/scripts/plain", "DATA/scripts/rewritten", "DATA/data/x", "INFO/X"])
@pytest.mark.parametrize(
    "change",
    [
        lambda path, digest, size: (path, digest[:-1] + ("A" if digest[-1] != "A" else "E"), size),
        lambda path, digest, size: (path, digest, str(int(size) + 1)),
        lambda path, _, size: (path, real.row("", "other")[1], size),
    ],
    ids=["digest", "size", "content"],
)
def test_a_file_that_is_not_what_record_says_is_refused(
    place: real.Environment, bring: Bring, tmp_path: Path, file: str, change: Callable[..., tuple[str, str, str]]
) -> None:
    content = "#!python\n" if file.endswith("rewritten") else "x = 1\n"
    path = file.replace("DATA", "pkg-1.0.data").replace("INFO", INFO)
    wheel = real.wheel(tmp_path, {file: content}, rows={file: change(*real.row(path, content))})
    assert why(bring, wheel, place) == f"a file of it isn't what its RECORD says: {path}"


@pytest.mark.parametrize("digest", ["sha1024=x", "é=x", "shake_128=x"])
def test_a_digest_of_unknown_kind_is_refused(
    place: real.Environment, bring: Bring, tmp_path: Path, digest: str
) -> None:
    wheel = real.wheel(tmp_path, {"pkg.py": ""}, rows={"pkg.py": ("pkg.py", digest, "0")})
    assert why(bring, wheel, place) == f"its RECORD has a digest of unknown kind: {digest}"


@pytest.mark.parametrize(
    "row", [("pkg.py",), ("pkg.py", ""), ("pkg.py", "", "", ""), ("pkg.py", "sha256", ""), ("pkg.py", "", "x")]
)
def test_a_row_that_says_nothing_that_can_be_compared_is_refused(
    place: real.Environment, bring: Bring, tmp_path: Path, row: Sequence[str]
) -> None:
    wheel = real.wheel(tmp_path, {"pkg.py": ""}, rows={"pkg.py": row})
    assert why(bring, wheel, place).startswith("it can't be laid out: ")


@pytest.mark.parametrize(("digest", "size"), [("", ""), ("", "7"), (real.row("", "x = 1\n\n")[1] + "=", "")])
def test_what_record_does_not_say_is_not_asked_for(
    place: real.Environment, bring: Bring, tmp_path: Path, digest: str, size: str
) -> None:
    bring(real.wheel(tmp_path, {"pkg.py": "x = 1\n\n"}, rows={"pkg.py": ("pkg.py", digest, size)}))
    assert real.record(place.site / INFO)["pkg.py"] == (digest, size)


@pytest.mark.parametrize(
    ("files", "commands", "where"),
    [
        (("pkg.py", "DATA/purelib/pkg.py"), "", "{site}/pkg.py"),
        (("DATA/platlib/pkg.py", "DATA/purelib/pkg.py"), "", "{site}/pkg.py"),
        (("DATA/scripts/x", "DATA/data/bin/x"), "", "{dest}/bin/x"),
        (("DATA/data/bin/x",), "[console_scripts]\nx = pkg:main\n", "{dest}/bin/x"),
        (("DATA/headers/x.h", "DATA/data/include/site/python{minor}/pkg/x.h"), "", "{headers}/x.h"),
        (("INFO/INSTALLER",), "", "{site}/pkg-1.0.dist-info/INSTALLER"),
    ],
)
def test_two_files_with_one_place_are_refused(
    place: real.Environment, bring: Bring, tmp_path: Path, files: List[str], commands: str, where: str
) -> None:
    wheel = real.wheel(tmp_path, {path.format(minor=real.MINOR): "" for path in files}, commands=commands)
    path = where.format(dest=place.dest, site=place.site, headers=f"{place.scheme.headers}/pkg")
    assert why(bring, wheel, place) == f"two files of it have one place: {path}"


@pytest.mark.parametrize("entry", ["x = pkg", "x =", "x y = pkg:main", "x = pkg:main()"])
def test_an_entry_that_makes_no_command_is_refused(
    place: real.Environment, bring: Bring, tmp_path: Path, entry: str
) -> None:
    told = why(bring, real.wheel(tmp_path, commands=f"[console_scripts]\n{entry}\n"), place)
    assert told == f"installers make no command of an entry, or another one: {entry.partition(' =')[0]}"


@pytest.mark.parametrize("path", ["pkg-1.0.database/x.py", "pkg-1.0.data.txt", "pkg-1.0.data2/scripts/x"])
def test_a_file_that_installer_takes_for_data_without_an_end_is_refused(
    place: real.Environment, bring: Bring, tmp_path: Path, path: str
) -> None:
    told = why(bring, real.wheel(tmp_path, {path: ""}), place)
    assert told == f"it has a file beside its data with the name of that: {path}"


def test_data_of_two_distributions_is_refused(place: real.Environment, bring: Bring, tmp_path: Path) -> None:
    wheel = real.wheel(tmp_path, {"DATA/scripts/x": "", "other-1.data/scripts/y": ""})
    told = "it has data of more than one distribution: other-1.data, pkg-1.0.data"
    assert why(bring, wheel, place) == told


def test_a_damaged_member_is_refused(place: real.Environment, bring: Bring, tmp_path: Path) -> None:
    """What is damaged when it was examined is found by its digest; this is as good as a cache that is written to."""
    wheel = real.wheel(tmp_path, {"pkg.py": os.urandom(4000).hex()})
    content = bytearray(Path(wheel.path).read_bytes())
    content[1000] ^= 1
    Path(wheel.path).write_bytes(content)
    assert why(bring, wheel, place).startswith("it can't be laid out: ")
