"""Real wheel files, looked into before anything is written."""

from __future__ import annotations

import contextlib
import stat
import zipfile
from pathlib import Path
from typing import Dict, List, Mapping, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.errors import WheelNotValid
from venvboot.facts import wheel_archive, wheels
from venvboot.model import IncomingDistribution
from venvboot.system import System

INFO = "pkg-1.0.dist-info"
DATA = "pkg-1.0.data"
FILE = "pkg-1.0-py3-none-any.whl"


def members(*files: str, name: str = "pkg", version: str = "1.0", **more: str) -> Dict[str, str]:
    """Return what a whole wheel has in it; ``more`` are files of its metadata."""
    info = f"{name}-{version}.dist-info"
    own = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: text\n",
        "WHEEL": "Wheel-Version: 1.0\n",
        **more,
    }
    made = {**dict.fromkeys(files, ""), **{f"{info}/{key}": value for key, value in own.items()}}
    if "RECORD" not in more:
        made[f"{info}/RECORD"] = "".join(f'"{path}",,\n' for path in [*made, f"{info}/RECORD"])
    return made


def write(path: Path, content: Mapping[str, str]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            member = zipfile.ZipInfo("x")
            member.filename = name  # as it is, whatever it is
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text)
    return str(path)


def inspect(path: str) -> IncomingDistribution:
    return wheels.inspect(path, requested=True)


def why(path: str) -> str:
    with pytest.raises(WheelNotValid) as caught:
        inspect(path)
    (finding,) = caught.value.findings
    assert finding.code == "wheel-not-valid"
    assert finding.subject == path.rpartition("/")[2]
    return finding.evidence


def test_a_wheel_is_known_by_name_version_and_the_modules_in_it(tmp_path: Path) -> None:
    made = members("cv2/__init__.py", name="OpenCV_python", version="4.9.0.80")
    write(tmp_path / "opencv_python-4.9.0.80-cp37-abi3-linux_x86_64.whl", made)
    (tmp_path / "notes.txt").write_text("no wheel")
    assert wheels.incoming(System(), str(tmp_path), ["opencv-python"]) == (
        IncomingDistribution(
            "opencv-python",
            "4.9.0.80",
            requested=True,
            import_roots=("cv2",),
            files=tuple(made),
            size=sum(len(content) for content in made.values()),
        ),
    )


def test_what_was_not_asked_for_is_a_dependency(tmp_path: Path) -> None:
    write(tmp_path / FILE, members("pkg.py"))
    (found,) = wheels.incoming(System(), str(tmp_path), ["jinja2"])
    assert (found.name, found.requested) == ("pkg", False)


def test_how_it_came_is_kept(tmp_path: Path) -> None:
    found = wheels.inspect(write(tmp_path / FILE, members()), requested=False, built=True, editable=True)
    assert (found.requested, found.built, found.editable) == (False, True, True)


def test_each_file_is_told_as_what_it_becomes(tmp_path: Path) -> None:
    files = (
        *(f"{DATA}/{name}" for name in ("purelib/pure.py", "platlib/plat.so", "scripts/tool", "headers/pkg.h")),
        *(f"{DATA}/data/{name}" for name in ("share/pkg/x.py", "bin/program", "lib/python3.11/site-packages/far.py")),
        "pkg/some.data/module.py",
    )
    made = members(
        *files, **{"entry_points.txt": "[console_scripts]\npkg = pkg:main\n[gui_scripts]\nPkgUI = pkg:ui\n"}
    )
    found = inspect(write(tmp_path / FILE, {"folder/": "", **made}))
    assert found.import_roots == ("far", "pkg/some.data/module", "plat", "pure")
    assert found.commands == ("PkgUI", "pkg", "program", "tool")
    assert found.data_files == ("bin/program", "lib/python3.11/site-packages/far.py", "share/pkg/x.py")
    assert found.startup_files == ()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("x.pth", ("x.pth",)),
        (f"{DATA}/purelib/x.pth", ("x.pth",)),
        (f"{DATA}/data/lib64/pypy3.10/site-packages/x.pth", ("x.pth",)),
        ("sitecustomize.py", ("sitecustomize.py",)),
        ("usercustomize.cpython-311-x86_64-linux-gnu.so", ("usercustomize.cpython-311-x86_64-linux-gnu.so",)),
        (f"{DATA}/platlib/sitecustomize/__init__.py", ("sitecustomize",)),
        ("pkg/x.pth", ()),
        ("pkg/sitecustomize.py", ()),
        (f"{DATA}/data/x.pth", ()),
    ],
)
def test_what_every_start_executes_is_told(tmp_path: Path, file: str, told: tuple[str, ...]) -> None:
    assert inspect(write(tmp_path / FILE, members(file))).startup_files == told


def test_a_folder_without_wheels_brings_nothing(tmp_path: Path) -> None:
    assert wheels.incoming(System(), str(tmp_path), ["x"]) == ()
    assert wheels.incoming(System(), str(tmp_path / "none"), ["x"]) == ()


# -- what can't be trusted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_its_own_files_have_to_be_there(tmp_path: Path, name: str) -> None:
    made = members("pkg.py")
    del made[f"{INFO}/{name}"]
    assert why(write(tmp_path / FILE, made)) == f"it has no {name}"


@pytest.mark.parametrize("text", ["", "\nName: pkg\nVersion: 1\n", "Name:\nVersion: 1", "Name: ../x\nVersion: 1"])
def test_a_name_has_to_be_told(tmp_path: Path, text: str) -> None:
    assert why(write(tmp_path / FILE, members(METADATA=text))) == "its METADATA has no valid Name"


@pytest.mark.parametrize("version", ["", "1 2", "1/2", "x" * 300])
def test_a_version_has_to_be_told(tmp_path: Path, version: str) -> None:
    text = f"Name: pkg\nVersion: {version}\n"
    assert why(write(tmp_path / FILE, members(METADATA=text))) == "its METADATA has no valid Version"


def test_every_name_has_to_be_the_same(tmp_path: Path) -> None:
    other = "Name: other\nVersion: 1.0\n"
    assert why(write(tmp_path / FILE, members(METADATA=other))) == f"its METADATA says other, and {FILE} doesn't"
    path = write(tmp_path / "other-1.0-py3-none-any.whl", members(METADATA=other))
    assert why(path) == f"its METADATA says other 1.0, and {INFO} doesn't"
    assert "more than one" in why(write(tmp_path / FILE, {**members(), "b-1.dist-info/RECORD": ""}))


@pytest.mark.parametrize(
    "name",
    ["/etc/x", "../x", "a/../../x", "a\\..\\x", "a//b", "./a", "", "/", "a/..", "a/../", f"{DATA}/scripts/../x"],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert why(write(tmp_path / FILE, members(name))).startswith("the path of an entry leads elsewhere: ")


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    assert why(write(tmp_path / FILE, members("evil.py\0.txt"))).startswith("the path of an entry leads elsewhere: ")


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / FILE, members("link"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members("link").items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFLNK if name == "link" else stat.S_IFREG) << 16
            archive.writestr(member, text)
    assert why(path) == "an entry is a link: link"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["pkg.py", f"{INFO}/RECORD", "folder/"])
def test_two_entries_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / FILE, {**members("pkg.py"), "folder/": ""})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name.rstrip("/"), "")
    assert why(path) == f"two entries have one name: {name.rstrip('/')}"


def test_more_entries_than_any_wheel_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / FILE, members(*"ab"))
    assert inspect(path)
    monkeypatch.setattr(wheel_archive, "MOST_ENTRIES", 4)
    assert why(path) == "it has 5 entries, more than 4"


@pytest.mark.parametrize("name", ["METADATA", "entry_points.txt", "RECORD"])
def test_a_member_that_unfolds_to_much_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel_archive, "RECORD_LIMIT", wheel_archive.MEMBER_LIMIT)
    text = "Name: pkg\nVersion: 1.0\n" if name == "METADATA" else ""
    path = write(tmp_path / FILE, members(**{name: text + "\n" * (9 << 20)}))
    assert Path(path).stat().st_size < 1 << 20
    assert why(path) == f"its {name} is over {8 << 20} bytes"


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / FILE, members(METADATA="Name: pkg\nVersion: 1.0\n" + "x" * 1000))
    content = Path(path).read_bytes()
    Path(path).write_bytes(content.replace((1023).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    assert why(path)


def test_other_compressions_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / FILE, "w", zipfile.ZIP_BZIP2) as archive:
        for name, text in members().items():
            archive.writestr(name, text)
    assert why(str(tmp_path / FILE)) == "its METADATA is compressed in another way than wheels are"


def test_every_file_has_to_be_recorded(tmp_path: Path) -> None:
    made = {**members("pkg.py"), f"{INFO}/RECORD.jws": "", f"{INFO}/RECORD.p7s": ""}
    assert inspect(write(tmp_path / FILE, made)).import_roots == ("pkg",)
    made["hidden.pth"] = ""
    assert why(write(tmp_path / FILE, made)) == "1 files of it are not in its RECORD, the first hidden.pth"


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "", ".."])
def test_a_command_that_is_a_path_is_refused(tmp_path: Path, name: str) -> None:
    made = members(**{"entry_points.txt": f"[console_scripts]\n{name} = a:b\n"})
    assert why(write(tmp_path / FILE, made)) == f"the name of a command is a path: {name}"


@pytest.mark.parametrize("name", ["a\0b", "a\x1b[31mb", "a\x7fb", "a\x9bb", "x" * 256, "é" * 128])
def test_a_command_whose_name_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    made = members(**{"entry_points.txt": f"[gui_scripts]\n{name} = a:b\n"})
    assert why(write(tmp_path / FILE, made)).startswith("the name of a command can't be that of a file: '")


@pytest.mark.parametrize("entry", ["x ls = a:b", "x = a", "x =", "[x = a:b"])
def test_an_entry_that_makes_another_command_or_none_is_refused(tmp_path: Path, entry: str) -> None:
    made = members(**{"entry_points.txt": f"[console_scripts]\n{entry}\n"})
    assert why(write(tmp_path / FILE, made)).startswith("installers make no command of an entry, or another one: ")


@pytest.mark.parametrize(
    "name",
    ["a\nb.py", "a\x1b[2Jb.py", f"{DATA}/scripts/l\rs", "x" * 256, f"pkg/{'é' * 128}.py", "a\u2028b", "d\n/"],
)
def test_a_path_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    found = why(write(tmp_path / FILE, members(name)))
    assert found.startswith("the path of an entry can't be that of a file: '")
    assert found.isprintable()


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "👩\u200d💻 \xa0.png", "/".join(["x" * 250] * 12)])
def test_a_long_or_unusual_path_is_one(tmp_path: Path, name: str) -> None:
    assert inspect(write(tmp_path / FILE, members(f"pkg/{name}")))


def test_a_path_that_is_too_long_as_a_whole_is_refused(tmp_path: Path) -> None:
    name = "/".join(["x" * 250] * 13)
    assert why(write(tmp_path / FILE, members(name))).startswith("the path of an entry can't be that of a file: 'xxx")


@pytest.mark.parametrize("inside", ["pkg/a.py", "pkg/a/b/c.py"])
def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path, inside: str) -> None:
    assert why(write(tmp_path / FILE, members("pkg", inside))) == "one path is a file and a folder: pkg"


@pytest.mark.parametrize("place", ["bin/tool", "lib/x.py", "x", "purelib"])
def test_a_place_that_no_installer_knows_is_refused(tmp_path: Path, place: str) -> None:
    found = why(write(tmp_path / FILE, members(f"{DATA}/{place}")))
    assert found == f"it has a file for a place that installers don't know: {DATA}/{place}"


def test_commands_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = str(tmp_path / FILE)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members(**{"entry_points.txt": ""}).items():
            archive.writestr(name, b"[console_scripts]\nx\xff = a:b\n" if name.endswith("points.txt") else text)
    assert "can't decode" in why(path)


@pytest.mark.parametrize("kind", ["absent", "folder", "empty", "text", "cut off"])
def test_what_is_no_archive_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / FILE
    if kind == "folder":
        path.mkdir()
    elif kind != "absent":
        content = Path(write(tmp_path / FILE, members("pkg.py"))).read_bytes()
        path.write_bytes({"empty": b"", "text": b"no archive\n", "cut off": content[:-30]}[kind])
    assert why(str(path))


@given(content=st.binary(max_size=200))
@example(content=b"PK\5\6" + bytes(18))
def test_any_bytes_give_the_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert why(str(tmp_path / FILE))


parts = st.sampled_from(
    ["pkg", "..", "", "/", "\\", "x.pth", "a.py", "\0", "é", '"', ",", "\n", DATA, "data", "scripts", INFO]
)
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)
texts = st.text(max_size=60) | st.sampled_from(["Name: pkg\nVersion: 1\n", "[console_scripts]\na = b\n", '"a"",,\n'])


@given(files=st.lists(paths, max_size=4), metadata=texts, entry_points=texts, record=st.none() | texts)
@example(files=[], metadata="Name: pkg\nVersion: 1\n", entry_points="", record=None)
def test_any_wheel_gives_a_value_or_the_error(
    tmp_path: Path, files: List[str], metadata: str, entry_points: str, record: Optional[str]
) -> None:
    more = {"METADATA": metadata, "entry_points.txt": entry_points}
    if record is not None:
        more["RECORD"] = record
    try:
        found = inspect(write(tmp_path / FILE, members(*files, **more)))
    except WheelNotValid:
        return
    assert found.name == "pkg"
    assert not any(".." in name.split("/") or "\\" in name for name in (*found.commands, *found.data_files))


@given(data=st.data())
def test_a_damaged_wheel_gives_a_value_or_the_error(tmp_path: Path, data: st.DataObject) -> None:
    made = members("pkg.py", f"{DATA}/scripts/x", **{"entry_points.txt": "[console_scripts]\na = b:c\n"})
    content = bytearray(Path(write(tmp_path / FILE, made)).read_bytes())
    beginning = content.rindex(b"PK\1\2") if data.draw(st.booleans()) else 0
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(beginning, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / FILE).write_bytes(content)
    with contextlib.suppress(WheelNotValid):
        inspect(str(tmp_path / FILE))


def test_the_error_says_a_bounded_part_of_what_the_file_says(tmp_path: Path) -> None:
    assert len(why(write(tmp_path / FILE, {**members(), "x" * 60_000: ""}))) <= 500
