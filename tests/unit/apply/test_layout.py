"""A wheel is laid out as pip does it: each file once, for the group, with one time, and told in RECORD."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import List, Mapping, Optional

import pytest

from tests.unit.apply import real
from tests.unit.apply.conftest import MOMENT, Bring, layout
from venvboot.apply import filling, stage
from venvboot.apply.layout import lay_out
from venvboot.facts import wheels
from venvboot.policy.scripts import shebang
from venvboot.system import System

INFO = "pkg-1.0.dist-info"
MAIN = "def main():\n    print('main')\n"


def said_by(*command: object, env: Optional[Mapping[str, str]] = None) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


FILES: Mapping[str, str] = {
    "pkg/__init__.py": MAIN,
    "pkg/data.txt": "data\n",
    "pkg/tool.sh": "#!/bin/sh\n",
    "DATA/purelib/other.py": "",
    "DATA/platlib/third.py": "",
    "DATA/headers/pkg.h": "int pkg;\n",
    "DATA/scripts/plain": "#!/bin/sh\necho plain\n",
    "DATA/scripts/rewritten": "#!python -E\nimport sys\nprint(sys.executable)\n",
    "DATA/data/share/pkg/x.txt": "x\n",
    "INFO/LICENSE": "mine\n",
}
PROGRAMS = ("pkg/tool.sh", "DATA/scripts/plain", "DATA/scripts/rewritten")


@pytest.mark.usefixtures("known_umask")
def test_files_and_folders_are_the_group_s_and_of_one_time(
    place: real.Environment, bring: Bring, tmp_path: Path
) -> None:
    before = {path: path.lstat() for path in (place.dest, *place.dest.rglob("*"))}
    wheel = real.wheel(tmp_path, FILES, programs=PROGRAMS, commands="[console_scripts]\npkg = pkg:main\n")
    bring(wheel)
    programs = {"bin/plain", "bin/rewritten", "bin/pkg"}
    new = [path for path in place.dest.rglob("*") if path not in before]
    for path in new:
        name, info = str(path.relative_to(place.dest)), path.lstat()
        expected = 0o2775 if path.is_dir() else 0o775 if name in programs or name.endswith(".sh") else 0o664
        assert (oct(stat.S_IMODE(info.st_mode)), info.st_gid) == (oct(expected), real.GROUP), name
        assert path.is_dir() or info.st_mtime_ns == MOMENT * 10**9, name
    assert programs <= {str(path.relative_to(place.dest)) for path in new}
    for path, info in before.items():
        assert path.lstat().st_mode == info.st_mode, path


def test_each_file_stands_in_its_place_and_in_record(place: real.Environment, bring: Bring, tmp_path: Path) -> None:
    before = place.tree()
    told = bring(real.wheel(tmp_path, FILES, programs=PROGRAMS))
    site = f"lib/python{real.MINOR}/site-packages"
    found = {path: content for path, content in place.tree().items() if before.get(path, "none") != content}
    assert found == {
        f"{site}/pkg/__init__.py": MAIN,
        f"{site}/pkg/data.txt": "data\n",
        f"{site}/pkg/tool.sh": "#!/bin/sh\n",
        f"{site}/other.py": "",
        f"{site}/third.py": "",
        f"include/site/python{real.MINOR}/pkg/pkg.h": "int pkg;\n",
        "bin/plain": "#!/bin/sh\necho plain\n",
        "bin/rewritten": f"#!{place.dest}/bin/python\nimport sys\nprint(sys.executable)\n",
        "share/pkg/x.txt": "x\n",
        f"{site}/{INFO}/LICENSE": "mine\n",
        f"{site}/{INFO}/METADATA": "Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n",
        f"{site}/{INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
        f"{site}/{INFO}/INSTALLER": "venvboot\n",
        f"{site}/{INFO}/REQUESTED": "",
        f"{site}/{INFO}/RECORD": found[f"{site}/{INFO}/RECORD"],
    }
    assert told == (len(found), sum(len(content or "") for content in found.values()))
    expected = {os.path.relpath(path, site): real.row("", content or "")[1:] for path, content in found.items()}
    assert real.record(place.site / INFO) == {**expected, f"{INFO}/RECORD": ("", "")}
    assert "../../../bin/plain" in expected
    assert said_by(place.dest / "bin/rewritten") == f"{place.dest}/bin/python\n"


def test_metadata_is_laid_out_apart(place: real.Environment, tmp_path: Path) -> None:
    """It is moved into place when all else is there."""
    wheel = real.wheel(tmp_path, FILES, programs=PROGRAMS)
    with stage.opened(System(), place.record) as staged:
        lay_out(wheel, "0000", layout(place, staged.folder), None)
        found = {
            part: {path.relative_to(top).parts[-2] for path in top.rglob("*") if path.is_file()}
            for part, top in ((part, Path(staged.path, "0000", part)) for part in (stage.FILES, stage.METADATA))
        }
    assert found[stage.METADATA] == {INFO}
    assert INFO not in found[stage.FILES]


@pytest.mark.parametrize(
    "path", ["a,b.txt", 'a"b.txt', "a b.txt", "é/日本.txt", "pkg/ x ", "%(module)s", ".hidden", "pkg.data.txt"]
)
def test_an_odd_path_is_quoted_in_record(place: real.Environment, bring: Bring, tmp_path: Path, path: str) -> None:
    bring(real.wheel(tmp_path, {path: "content"}))
    assert (place.site / path).read_text() == "content"
    assert real.record(place.site / INFO)[path] == real.row("", "content")[1:]


def test_a_wheel_of_platlib_has_its_files_there(place: real.Environment, bring: Bring, tmp_path: Path) -> None:
    """``lib64`` is a link to ``lib`` in most environments: the two are one folder then."""
    lib64 = str(place.site).replace("/lib/", "/lib64/")
    there = replace(place.python, platlib=lib64)
    assert filling.scheme(System(), place.record, there).platlib == lib64
    (place.dest / "lib64").symlink_to("lib")
    assert filling.scheme(System(), place.record, there).platlib == str(place.site)
    bring(real.wheel(tmp_path, {"pkg.py": ""}, purelib=False))
    assert (place.site / "pkg.py").exists()


# -- commands ------------------------------------------------------------------------------------------------


def test_a_command_runs_what_its_entry_point_names(place: real.Environment, bring: Bring, tmp_path: Path) -> None:
    code = "import sys\nclass Kind:\n    def main():\n        print(sys.argv[1:])\n"
    bring(real.wheel(tmp_path, {"pkg.py": code}, commands="[console_scripts]\npkg-run = pkg:Kind.main [extra]\n"))
    text = (place.dest / "bin/pkg-run").read_text()
    calls = real.SCRIPT % {"module": "pkg", "import_name": "Kind", "func": "Kind.main"}
    assert text == f"#!{place.dest}/bin/python\n{calls}"
    assert said_by(place.dest / "bin/pkg-run", "a b", env={"PYTHONPATH": str(place.site)}) == "['a b']\n"
    assert real.record(place.site / INFO)["../../../bin/pkg-run"] == real.row("", text)[1:]


@pytest.mark.parametrize(
    "text",
    [
        "[DEFAULT]\nls = pkg:main\n[console_scripts]\nx = pkg:main\n",
        "[console_scripts]\nx = pkg:main\n[pkg.plugins]\na = 100%\n%(b)s = c\n",
        "[console_scripts]\nx = pkg:none\nx = pkg:main\n",
        "[console_scripts]\nx = pkg:main\n[a]\n[a]\nb = c\nb = d\n",
        "# note\n  [console_scripts]\n  x = pkg:main\n\ty = pkg:main\n",
        "x = pkg:none\n[gui_scripts]\nx = pkg:main\n",
    ],
)
def test_the_commands_are_those_that_were_judged(
    place: real.Environment, bring: Bring, tmp_path: Path, text: str
) -> None:
    wheel = real.wheel(tmp_path, {"pkg.py": MAIN}, commands=text)
    judged = wheels.inspect(wheel.path, requested=True).commands
    bring(wheel)
    assert {path.name for path in (place.dest / "bin").iterdir()} == {"python", *judged}
    assert said_by(place.dest / "bin/x", env={"PYTHONPATH": str(place.site)}) == "main\n"


@pytest.mark.parametrize(
    ("commands", "made"),
    [
        ("pip = pkg:main\npip3 = pkg:main\n", ["pip", "pip3", f"pip{real.MINOR}"]),
        ("pip = pkg:main\npip2.7 = pkg:main\n", ["pip", "pip3", f"pip{real.MINOR}"]),
        ("easy_install = pkg:main\n", ["easy_install", f"easy_install-{real.MINOR}"]),
        ("easy_install = pkg:main\neasy_install-3.6 = pkg:main\n", ["easy_install", f"easy_install-{real.MINOR}"]),
        ("pipx = pkg:main\npip-3 = pkg:main\n", ["pip-3", "pipx"]),
    ],
)
def test_the_commands_of_pip_are_named_after_the_python(
    place: real.Environment, bring: Bring, tmp_path: Path, commands: str, made: List[str]
) -> None:
    bring(real.wheel(tmp_path, {"pkg.py": MAIN}, commands=f"[console_scripts]\n{commands}"))
    assert sorted(path.name for path in (place.dest / "bin").iterdir() if path.name != "python") == made
    assert (
        sorted(path[len("../../../bin/") :] for path in real.record(place.site / INFO) if path.startswith(".."))
        == made
    )


@pytest.mark.parametrize(
    ("script", "name"), [("tool", "tool"), ("tool.exe", "tool"), ("a-b-script.py", "a-b"), ("T.PYA", "T")]
)
def test_a_script_that_an_entry_point_makes_is_left_out(
    place: real.Environment, bring: Bring, tmp_path: Path, script: str, name: str
) -> None:
    files = {"pkg.py": MAIN, f"DATA/scripts/{script}": "#!python\nraise SystemExit('the old one')\n"}
    bring(real.wheel(tmp_path, files, commands=f"[gui_scripts]\n{name} = pkg:main\n"))
    assert {path.name for path in (place.dest / "bin").iterdir()} == {"python", name}
    assert said_by(place.dest / "bin" / name, env={"PYTHONPATH": str(place.site)}) == "main\n"
    assert [path for path in real.record(place.site / INFO) if path.startswith("..")] == [f"../../../bin/{name}"]


def test_the_first_line_of_a_command_is_as_long_as_the_kernel_takes() -> None:
    fits = "/" + "x" * 123
    assert shebang(fits) == f"#!{fits}\n".encode()
    assert len(shebang(fits)) == 127
    assert shebang(f"{fits}x").startswith(b"#!/bin/sh\n")
    assert shebang("/" + "é" * 63).startswith(b"#!/bin/sh\n")


def test_a_command_of_a_python_with_a_long_path_runs(place: real.Environment, bring: Bring, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 20) / ("path" * 20)
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(os.path.realpath(sys.executable))
    code = "import sys\ndef main():\n    print(sys.argv)\n"
    bring(
        real.wheel(tmp_path, {"pkg.py": code}, commands="[console_scripts]\npkg = pkg:main\n"),
        python=str(folder / "python"),
    )
    command = place.dest / "bin/pkg"
    assert command.read_text().startswith("#!/bin/sh\n'''exec' /")
    assert said_by(command, "a b", "$x", env={"PYTHONPATH": str(place.site)}) == f"['{command}', 'a b', '$x']\n"
