"""A sealed environment runs and is nobody's to change; undone it is what it was; killed, it is called unfinished."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import subprocess
import time
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from tests.integration.tool import HARMLESS, Tool, Wheels, codes, site, snapshot
from tests.integration.trees import Tree, difference, tree
from tests.integration.wheelhouse import make_wheel

SEED = int(os.environ.get("VB_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
TRIALS = 10
RECORD = "venvboot.json"
INSIDE = ("--only", "environment", "--only", "sharing")


def checked(tool: Tool, venv: Path) -> List[str]:
    """Return the codes of what is wrong with environment and sharing."""
    done = tool("check", "--venv", str(venv), *INSIDE, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == (4 if codes(told) else 0), done.stdout
    return codes(told)


def sealed_names(venv: Path) -> List[str]:
    return [str(path.relative_to(venv)) for path in sorted(venv.rglob("*"))]


def test_nothing_of_installing_stays_and_nobody_but_the_owner_writes(
    dest: Path, tool: Tool, wheels: Wheels, tmp_path: Path
) -> None:
    lock = wheels.lock(tmp_path / "lock.txt", "demo==1.0", "other==1.0")
    assert tool("sync", str(lock), "--venv", str(dest)).returncode == 0
    open_tree = tree(dest)
    done = tool("seal", "--venv", str(dest))
    assert done.returncode == 0, done.stderr
    names = sealed_names(dest)
    told = [name for name in names if any(word in name for word in ("pip", "activate", "_virtualenv"))]
    assert told == []
    assert (dest / "bin" / "demo").is_file()
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in dest.rglob("*") if not path.is_symlink()}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o755}
    assert {mode for path, mode in modes.items() if path.is_file()} <= {0o644, 0o755}
    program = "import demo; print(demo.VERSION)"
    started = subprocess.run([dest / "bin/python", "-c", program], capture_output=True, check=True)
    assert started.stdout == b"1.0\n"
    assert checked(tool, dest) == []
    before = snapshot(dest)
    assert "nothing was written" in tool("seal", "--venv", str(dest)).stderr
    again = tool("init", str(dest), *HARMLESS)
    assert (again.returncode, "sealed; nothing was written" in again.stderr) == (0, True), again.stderr
    same = tool("sync", str(lock), "--venv", str(dest))
    assert (same.returncode, "nothing to do" in same.stderr) == (0, True), same.stderr
    assert snapshot(dest) == before
    _undone(tool, dest, open_tree)
    same = tool("sync", str(lock), "--venv", str(dest))
    assert (same.returncode, "nothing to do" in same.stderr) == (0, True), same.stderr
    assert tool("install", "--venv", str(dest), "other==1.0").returncode == 0


def test_the_pip_that_a_lock_pins_comes_back_with_the_next_sync(one: Path, tool: Tool, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"pip==99.0 --hash=sha256:{make_wheel(tmp_path, 'pip', '99.0')}\n")
    sync = ("sync", str(lock), "--venv", str(one))
    for verb in (sync, ("seal", "--venv", str(one)), ("seal", "--undo", "--venv", str(one)), sync):
        done = tool(*verb, PIP_FIND_LINKS=str(tmp_path))
        assert done.returncode == 0, done.stderr
    assert [path.name for path in site(one).glob("pip-*.dist-info")] == ["pip-99.0.dist-info"]


def test_an_sbom_that_is_written_into_it_is_the_owners_alone(one: Path, tool: Tool, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.touch()
    sync = ("sync", str(lock), "--venv", str(one), "--sbom", str(one / "sbom.cdx.json"))
    for verb in (sync, ("seal", "--venv", str(one)), sync):
        done = tool(*verb)
        assert done.returncode == 0, done.stderr
    assert '"name": "pip"' not in (one / "sbom.cdx.json").read_text()
    assert checked(tool, one) == []


def _undone(tool: Tool, venv: Path, before: Tree) -> None:
    done = tool("seal", "--undo", "--venv", str(venv))
    assert done.returncode == 0, done.stderr
    assert difference(tree(venv), before) == [], done.stderr
    assert checked(tool, venv) == []
    idle = tool("init", str(venv), *HARMLESS)
    assert "nothing was written" in idle.stderr, idle.stderr


@pytest.mark.parametrize(
    "words", [("install", "demo"), ("sync", "other.txt"), ("fix",), ("fix", "venv/lib")], ids=" ".join
)
def test_what_would_change_it_is_refused_with_the_way_out(
    one: Path, tool: Tool, wheels: Wheels, tmp_path: Path, words: Tuple[str, ...]
) -> None:
    wheels.lock(tmp_path / "other.txt", "other==1.0")
    assert tool("seal", "--venv", str(one)).returncode == 0
    before = snapshot(one)
    told = tool.json(*words, *(() if words[-1].startswith("venv") else ("--venv", str(one))), code=3)
    assert codes(told) == ["sealed"]
    assert f"venvboot seal --undo --venv {one}" in told["findings"][0]["hint"]
    assert snapshot(one) == before


def test_what_came_in_again_is_told_and_sealed_again(one: Path, tool: Tool) -> None:
    assert tool("seal", "--venv", str(one)).returncode == 0
    (one / "bin" / "activate").write_text("")
    (site(one) / "pip").mkdir()
    (one / "pyvenv.cfg").chmod(0o664)
    (one / "bin").chmod(0o2775)
    assert checked(tool, one) == ["seal-broken", "sealed-writable"]
    assert tool("seal", "--venv", str(one)).returncode == 0
    assert checked(tool, one) == []


def test_what_setuptools_is_needed_by_is_named_and_pip_goes_all_the_same(
    one: Path, tool: Tool, tmp_path: Path
) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    make_wheel(folder, "setuptools", "70.0")
    make_wheel(folder, "wheel", "0.40")
    make_wheel(folder, "needy", "1.0", requires=("setuptools>=60", "pip", 'wheel; python_version < "3"'))
    given = {"PIP_FIND_LINKS": str(folder)}
    assert tool("install", "--venv", str(one), "setuptools", "wheel", **given).returncode == 0
    told = tool.json("seal", "--venv", str(one), "--dry-run")
    assert codes(told) == []
    assert [one["name"] for one in told["actions"] if one["type"] == "remove-distribution"] == [
        "pip",
        "setuptools",
        "wheel",
    ]
    assert tool("install", "--venv", str(one), "needy", **given).returncode == 0
    told = tool.json("seal", "--venv", str(one))
    assert [(one["code"], one["subject"]) for one in told["findings"]] == [
        ("seal-kept", "setuptools"),
        ("seal-kept", "wheel"),
        ("seal-needed", "pip"),
    ]
    assert {path.name for path in site(one).glob("*.dist-info")} == {
        "needy-1.0.dist-info",
        "setuptools-70.0.dist-info",
        "wheel-0.40.dist-info",
    }


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 8)], ids=lambda version: "{}.{}".format(*version))
def test_old_pythons_are_sealed_and_undone_by_venvboot_legacy(
    legacy_tool: Tool, every_python: Dict[Tuple[int, int], str], tmp_path: Path, version: Tuple[int, int]
) -> None:
    if version not in every_python:
        pytest.skip("no Python {}.{} on this machine".format(*version))
    venv = tmp_path / "venv"
    done = legacy_tool("init", str(venv), "--python", every_python[version], *HARMLESS)
    assert done.returncode == 0, done.stderr
    before = tree(venv)
    told = legacy_tool.json("seal", "--venv", str(venv))
    assert [one["subject"] for one in told["findings"] if one["code"] == "seal-kept"] == ["setuptools"]
    names = [name for name in sealed_names(venv) if "_vendor" not in name]
    assert [name for name in names if any(word in name for word in ("pip", "activate", "wheel-"))] == []
    assert checked(legacy_tool, venv) == []
    _undone(legacy_tool, venv, before)


def test_an_environment_of_another_maker_is_not_sealed(tool: Tool, one_python: str, tmp_path: Path) -> None:
    venv = tmp_path / "theirs"
    subprocess.run([one_python, "-m", "venv", str(venv)], check=True)
    adopted = tool("init", str(venv), *HARMLESS, VIRTUAL_ENV=str(venv))
    assert adopted.returncode == 0, adopted.stderr
    before = snapshot(venv)
    assert codes(tool.json("seal", "--venv", str(venv), code=3)) == ["seal-not-offered"]
    assert snapshot(venv) == before


def test_a_record_that_says_sealed_of_a_tree_that_is_not_leads_an_undoing_nowhere_else(
    one: Path, tool: Tool, tmp_path: Path
) -> None:
    """Any member of the group can have written it, and may have put links where virtualenv writes."""
    outside = {name: tmp_path / f"outside-{name}" for name in ("activate", "pip", "pyvenv.cfg", "library")}
    for name, path in outside.items():
        path.mkdir() if name == "library" else path.write_text("theirs")
    told = json.loads((one / RECORD).read_text())
    told["seal"]["state"] = "sealed"
    (one / RECORD).write_text(json.dumps(told))
    open_tree = tree(one)
    config = (one / "pyvenv.cfg").read_text()
    for place, name in (("bin/activate", "activate"), ("bin/pip", "pip"), ("pyvenv.cfg", "pyvenv.cfg")):
        (one / place).unlink()
        (one / place).symlink_to(outside[name])
    outside["pyvenv.cfg"].write_text(config)
    done = tool("seal", "--undo", "--venv", str(one))
    assert done.returncode == 0, done.stderr
    assert set(difference(tree(one), open_tree)) <= {RECORD, "pyvenv.cfg"}
    texts = {name: path.read_text() for name, path in outside.items() if name != "library"}
    assert texts == {"activate": "theirs", "pip": "theirs", "pyvenv.cfg": config}
    (one / RECORD).write_text(json.dumps(told))
    library = site(one)
    shutil.rmtree(library)
    library.symlink_to(outside["library"])
    done = tool("seal", "--undo", "--venv", str(one))
    assert (done.returncode, "[not-written]" in done.stderr) == (1, True), done.stderr
    assert list(outside["library"].iterdir()) == []


def test_with_a_moment_for_all_nothing_bears_the_time_of_a_seal(one: Path, tool: Tool) -> None:
    began = time.time()
    for words in (("seal",), ("seal", "--undo")):
        assert tool(*words, "--venv", str(one), SOURCE_DATE_EPOCH="1700000000").returncode == 0
        assert [str(path) for path in (one, *one.rglob("*")) if path.lstat().st_mtime > began] == []


# -- killed ---------------------------------------------------------------------------------------------------------


def _copied(template: Path, venv: Path) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run(["cp", "-a", str(template), str(venv)], check=True)


def _killed(tool: Tool, seconds: float, *words: str) -> None:
    process = subprocess.Popen(
        [tool.bundle, *words],
        env=tool.environ,
        cwd=tool.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


def test_killed_at_any_moment_it_is_called_unfinished_and_either_verb_ends_it(
    one: Path, tool: Tool, tmp_path: Path
) -> None:
    print(f"VB_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    venv = str(one)
    assert tool("install", "--venv", venv, "demo==1.0").returncode == 0
    templates, trees, took = {}, {}, {}
    for state, words in (("open", ()), ("sealed", ("seal",)), ("undone", ("seal", "--undo"))):
        began = time.monotonic()
        assert not words or tool(*words, "--venv", venv).returncode == 0
        took[state] = time.monotonic() - began
        templates[state], trees[state] = tmp_path / f"as-{state}", tree(one)
        _copied(one, templates[state])
    assert difference(trees["open"], trees["undone"]) == []
    seen: Dict[str, int] = {}
    for number in range(2 * TRIALS):
        begun, ending = (("open", "sealed"), ("sealed", "undone"))[number % 2]
        _copied(templates[begun], one)
        words = ("seal", *(("--undo",) if number % 2 else ()), "--venv", venv)
        moment = took[ending] * (0.2 + 0.8 * chance.random())
        _killed(tool, moment, *words)
        told = f"trial {number}, killed after {moment:.2f} s of {took[ending]:.2f} s: "
        state = json.loads((one / RECORD).read_text())["seal"]["state"]
        seen[state] = seen.get(state, 0) + 1
        found = checked(tool, one)
        assert found == (["seal-unfinished"] if state == "unfinished" else []), told + state
        if state == "unfinished":
            for verb in (("install", "demo"), ("fix",)):
                assert codes(tool.json(*verb, "--venv", venv, code=3)) == ["seal-unfinished"], told
            assert codes(tool.json("init", venv, *HARMLESS, code=3)) == ["seal-unfinished"], told
        back = chance.random() < 0.5
        done = tool("seal", *(("--undo",) if back else ()), "--venv", venv)
        if not back and done.returncode == 3:  # the Python itself was being made again
            assert "isn't whole" in done.stderr, told + done.stderr
            assert tool("seal", "--undo", "--venv", venv).returncode == 0
            done = tool("seal", "--venv", venv)
        assert done.returncode == 0, told + done.stderr
        assert difference(tree(one), trees["undone" if back else "sealed"]) == [], told + done.stderr
    print(seen)
    assert seen.get("unfinished", 0) > 0, seen
