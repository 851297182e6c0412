"""venvboot-legacy with real old interpreters: environments that work, are shared, and stay as quiet as new ones."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from tests.integration.tool import HARMLESS, Tool, Wheels, codes, snapshot
from venvboot import isolated

Versions = Dict[Tuple[int, int], str]
OLD = [(2, 7), (3, 6), (3, 7), (3, 8)]
UNPACK = """
import json, sys
sys.path.insert(0, sys.argv[1])
from venvboot.toolchain import unpack
libraries = unpack(tuple(map(int, sys.argv[3].split("."))), sys.argv[2])
print(json.dumps([list(libraries.paths), libraries.pip_wheel]))
"""


def old_python(every_python: Versions, version: Tuple[int, int]) -> str:
    if version not in every_python:
        pytest.skip("no Python {}.{} on this machine".format(*version))
    return every_python[version]


@pytest.fixture(params=OLD, ids=lambda version: "{}.{}".format(*version))
def old(request: pytest.FixtureRequest, every_python: Versions) -> str:
    """Each old CPython in turn."""
    return old_python(every_python, request.param)


@pytest.fixture
def dest(legacy_tool: Tool, old: str, tmp_path: Path) -> Path:
    """An environment of each old Python."""
    return make(legacy_tool, old, tmp_path / "venv")


@pytest.fixture(scope="module")
def folder_of_kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def kept(legacy_tool: Tool, old: str, folder_of_kept: Path) -> Path:
    """One that no test installs into."""
    path = folder_of_kept / os.path.basename(old)
    return path if path.exists() else make(legacy_tool, old, path)


@pytest.fixture
def oldest(legacy_tool: Tool, every_python: Versions, tmp_path: Path) -> Path:
    """An environment of Python 2.7, for what doesn't differ between them."""
    return make(legacy_tool, old_python(every_python, (2, 7)), tmp_path / "venv")


def make(tool: Tool, python: str, path: Path) -> Path:
    done = tool("init", str(path), "--python", python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    return path


def run(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    argv = [str(word) for word in words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, **options)


# -- the file ------------------------------------------------------------------------------------------------


def test_it_holds_the_code_of_venvboot_and_the_locked_wheels_without_pip_tools(
    root: str, bundle: str, legacy: str
) -> None:
    lock = Path(root, "scripts", "bundle", "legacy", "py39.txt").read_text()
    with zipfile.ZipFile(bundle) as ordinary, zipfile.ZipFile(legacy) as file:
        wheels = [name for name in file.namelist() if name.startswith("wheels/") and name.endswith(".whl")]
        digests = {hashlib.sha256(file.read(name)).hexdigest() for name in wheels}
        code = {name: file.read(name) for name in file.namelist() if not name.startswith("wheels/")}
        expected = {name: ordinary.read(name) for name in ordinary.namelist() if not name.startswith("wheels/")}
    assert code == expected
    assert digests == set(re.findall(r"sha256:(\w+)", lock))
    assert {name.split("/")[1].split("-")[0] for name in wheels} == {
        "distlib",
        "filelock",
        "platformdirs",
        "virtualenv",
    }


def test_two_builds_are_byte_identical(root: str, legacy: str, tmp_path: Path) -> None:
    again = tmp_path / "again"
    command = [sys.executable, os.path.join(root, "scripts", "build_zipapp.py"), "--legacy", "--output", str(again)]
    subprocess.run(command, cwd=tmp_path, umask=0o077, capture_output=True, check=True)
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (again, Path(legacy))}
    assert len(digests) == 1
    assert stat.S_IMODE(again.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("version", "pip"),
    [("2.7", "20.3.4"), ("3.6", "21.3.1"), ("3.7", "23.1"), ("3.8", "23.1"), ("3.13", "23.1")],
)
def test_each_version_gets_a_pip_that_runs_on_it(
    legacy: str, every_python: Versions, tmp_path: Path, version: str, pip: str
) -> None:
    major, minor = map(int, version.split("."))
    python = old_python(every_python, (major, minor))
    folder = tmp_path / "libraries"
    folder.mkdir(mode=0o700)
    done = run(sys.executable, "-I", "-S", "-B", "-c", UNPACK, legacy, folder, version)
    assert done.returncode == 0, done.stderr
    paths, wheel = json.loads(done.stdout)
    assert sorted(os.listdir(folder)) == sorted(map(os.path.basename, [*paths, wheel]))
    options = isolated.options(f"{version}.0", site=False)
    told = run(python, *options, "-W", "ignore", os.path.join(wheel, "pip"), "--version")
    assert told.stdout.split()[:2] == ["pip", pip], told


# -- init ----------------------------------------------------------------------------------------------------


def test_the_environment_is_shared_and_nothing_is_written_elsewhere(
    legacy_tool: Tool, old: str, tmp_path: Path
) -> None:
    before = snapshot(Path(old).parent)
    dest = make(legacy_tool, old, tmp_path / "venv")
    assert unshared(dest) == []
    assert os.listdir(legacy_tool.environ["HOME"]) == []
    assert snapshot(Path(old).parent) == before


def unshared(dest: Path) -> List[Path]:
    """Directories that the group can't write, files it can't, and what everybody can."""
    found = []
    for path in (dest, *dest.rglob("*")):
        mode = path.lstat().st_mode
        wanted = 0o2070 if stat.S_ISDIR(mode) else 0o060
        if not stat.S_ISLNK(mode) and (mode & wanted != wanted or mode & 0o002):
            found.append(path)
    return found


def test_every_start_is_without_a_word_and_leaves_the_directories_to_the_group(kept: Path, old: str) -> None:
    for options in ([], ["-W", "error"], ["-W", "error", "-B", "-s", "-E"]):
        done = run(kept / "bin/python", *options, "-c", "import sys; print(sys.prefix)", env={}, umask=0o022)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{kept}\n", ""), done
    if not old.endswith("2.7"):  # an environment of Python 2 finds its library by a site.py
        done = run(kept / "bin/python", "-W", "error", "-I", "-S", "-c", "import json", env={})
        assert (done.returncode, done.stderr) == (0, ""), done
    assert [path for path in unshared(kept) if path.is_dir()] == []


def test_pip_setuptools_and_wheel_are_there(kept: Path) -> None:
    listed = run(kept / "bin/pip", "--disable-pip-version-check", "list", "--format=json")
    assert {each["name"] for each in json.loads(listed.stdout)} == {"pip", "setuptools", "wheel"}


def test_check_keeps_its_promises_by_either_file_and_a_second_init_writes_nothing(
    kept: Path, legacy_tool: Tool, tool: Tool
) -> None:
    path = f"{kept}/bin:{tool.environ['PATH']}"
    for either in (legacy_tool, tool):
        told = either.json("check", "--venv", str(kept), VIRTUAL_ENV=str(kept), PATH=path)
        assert told["promises"].pop("guard") == "not checked"
        assert set(told["promises"].values()) == {"kept"}
    before = snapshot(kept)
    assert legacy_tool.json("init", str(kept), *HARMLESS)["plan"]["actions"] == []
    assert snapshot(kept) == before


@pytest.mark.parametrize("version", [(3, 9), (3, 13)], ids=["3.9", "3.13"])
def test_it_runs_on_the_oldest_and_on_a_new_python_without_a_warning(
    legacy: str, every_python: Versions, tool: Tool, version: Tuple[int, int]
) -> None:
    runner, python = old_python(every_python, version), old_python(every_python, (2, 7))
    words = ["init", tool.folder / "venv", "--python", python, *HARMLESS]
    done = run(runner, "-I", "-S", "-B", "-W", "error", legacy, *words, env=tool.environ)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert run(tool.folder / "venv/bin/python", "-c", "import pip").returncode == 0


def test_each_file_refuses_what_the_other_makes_and_names_it(
    tool: Tool, legacy_tool: Tool, every_python: Versions, one_python: str
) -> None:
    python = old_python(every_python, (2, 7))
    venv = str(tool.folder / "venv")
    old = tool.json("init", venv, "--python", python, *HARMLESS, code=5)["findings"][0]
    assert old["code"] == "interpreter-too-old"
    assert "venvboot-legacy init" in old["hint"]
    new = legacy_tool.json("init", venv, "--python", one_python, *HARMLESS, code=5)["findings"][0]
    assert new["code"] == "interpreter-too-new"
    assert "`venvboot init" in new["hint"]
    assert not Path(venv).exists()


def test_that_there_are_no_security_fixes_is_said(legacy_tool: Tool, old: str) -> None:
    told = legacy_tool.json("init", str(legacy_tool.folder / "venv"), "--python", old, "--dry-run", *HARMLESS)
    (warning,) = [finding for finding in told["findings"] if finding["code"] == "no-security-fixes"]
    assert warning["severity"] == "warning"


def test_detect_tells_the_environment_and_its_base(kept: Path, legacy_tool: Tool, old: str) -> None:
    environment, base = legacy_tool.json("detect", str(kept / "bin/python"), old)["interpreters"]
    assert (environment["origin"]["kind"], environment["strategy"]) == ("venv", "as-is")
    assert base["strategy"] in ("venv", "direct")
    assert environment["version"] == base["version"]


def test_an_environment_stands_for_its_base_and_is_not_nested(kept: Path, legacy_tool: Tool, old: str) -> None:
    words = ("--python", str(kept / "bin/python"), "--dry-run", *HARMLESS)
    told = legacy_tool.json("init", str(legacy_tool.folder / "second"), *words)
    assert told["base"]["real_path"] == os.path.realpath(old)


# -- install -------------------------------------------------------------------------------------------------


def test_install_adds_and_changes_by_either_file_wherever_it_is_called(
    dest: Path, legacy_tool: Tool, tool: Tool, old_wheels: Wheels
) -> None:
    for name in ("json", "runpy", "pip", "distutils", "sitecustomize"):
        (tool.folder / f"{name}.py").write_text("raise SystemExit('hijacked')\n")
    environment = ("--venv", str(dest))
    added = legacy_tool.json("install", "demo==1.0", *environment)
    assert added["changes"] == {"add": {"demo": "1.0"}, "remove": {}, "change": {}}
    changed = tool.json("install", "demo==2.0", *environment, PIP_FIND_LINKS=str(old_wheels.folder))
    assert changed["changes"]["change"] == {"demo": {"from": "1.0", "to": "2.0"}}
    assert unshared(dest) == []
    assert (dest / "bin/demo").stat().st_mode & 0o070 == 0o070


def test_install_verifies_the_hashes_of_a_lock(oldest: Path, legacy_tool: Tool, old_wheels: Wheels) -> None:
    lock = old_wheels.lock(legacy_tool.folder / "lock.txt", "demo==1.0")
    environment = ("--venv", str(oldest))
    assert legacy_tool.json("install", "-r", str(lock), *environment)["changes"]["add"] == {"demo": "1.0"}
    lock.write_text(f"demo==2.0 --hash=sha256:{'0' * 64}\n")
    assert codes(legacy_tool.json("install", "-r", str(lock), *environment, code=1)) == ["pip-failed"]


def test_a_source_distribution_is_built_without_a_network(dest: Path, legacy_tool: Tool) -> None:
    """What setuptools and wheel are seeded for."""
    folder = legacy_tool.folder / "source-1.0"
    folder.mkdir()
    (folder / "source.py").write_text("")
    setup = "from setuptools import setup\nsetup(name='source', version='1.0', py_modules=['source'])\n"
    (folder / "setup.py").write_text(setup)
    with tarfile.open(f"{folder}.tar.gz", "w:gz") as archive:
        archive.add(folder, arcname="source-1.0")
    done = legacy_tool("install", f"{folder}.tar.gz", "--venv", str(dest))
    assert done.returncode == 0, done.stderr
    assert run(dest / "bin/python", "-c", "import source").returncode == 0


def test_what_would_be_installed_is_told_by_every_pip(kept: Path, legacy_tool: Tool) -> None:
    words = ("install", "demo", "--dry-run", "--venv", str(kept))
    before = snapshot(kept)
    assert legacy_tool.json(*words)["changes"]["add"] == {"demo": "2.0"}
    assert snapshot(kept) == before


def test_sync_is_refused_with_the_way_to_install_a_lock(
    oldest: Path, tool: Tool, legacy_tool: Tool, old_wheels: Wheels
) -> None:
    lock = old_wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    before = snapshot(oldest)
    for either in (tool, legacy_tool):
        (finding,) = either.json("sync", "--venv", str(oldest), code=5)["findings"]
        assert finding["code"] == "sync-not-offered"
        assert f"venvboot install --venv {oldest} -r {lock}" in finding["hint"]
    assert snapshot(oldest) == before


def test_a_new_environment_is_not_synced_by_venvboot_legacy(one: Path, legacy_tool: Tool, wheels: Wheels) -> None:
    wheels.lock(legacy_tool.folder / "requirements.txt", "demo==1.0")
    (finding,) = legacy_tool.json("sync", "--venv", str(one), code=5)["findings"]
    assert finding["code"] == "sync-not-offered"
    assert finding["hint"].startswith(f"`venvboot sync --venv {one} ")


def test_install_into_the_old_base_itself_is_refused_after_resolving(
    old: str, one_python: str, legacy_tool: Tool, tmp_path: Path
) -> None:
    before = snapshot(Path(old).parent)
    constraints = tmp_path / "constraints.txt"  # as a pip.conf may name some
    constraints.write_text("other<1\n")
    path = f"{os.path.dirname(one_python)}:/usr/bin:/bin"  # a shim of rustc, which pip asks, would write into HOME
    told = legacy_tool.json("install", "demo", "--python", old, code=3, PATH=path, PIP_CONSTRAINT=str(constraints))
    assert codes(told) == ["system-target"], told  # and not not-resolved: the pip for that version fetched the wheel
    assert snapshot(Path(old).parent) == before
    assert os.listdir(legacy_tool.environ["HOME"]) == []


def test_pips_own_command_lines_get_umask_002_and_nothing_else_does(kept: Path, tmp_path: Path) -> None:
    python = kept / "bin/python"
    plain = run(python, "-c", "import os; print(os.umask(0))", umask=0o022)
    assert plain.stdout == f"{0o022}\n"
    by_name: List[List[object]] = [[path] for path in sorted((kept / "bin").glob("pip*"))]
    assert len(by_name) >= 4
    for number, words in enumerate([*by_name, [python, "-m", "pip"], [python, "-B", "-mpip"]]):
        target = tmp_path / f"target{number}"
        run(*words, "download", "--quiet", "--no-index", "--no-deps", "--dest", target, "pip==0", umask=0o022)
        # pip makes the folder before it looks for anything.
        assert stat.S_IMODE(target.stat().st_mode) == 0o775, words
