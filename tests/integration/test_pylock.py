"""``sync pylock.toml``: locks that pip and uv have made, and odd ones by hand."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Dict, Tuple

import pytest

from tests.integration import uv
from tests.integration.tool import HARMLESS, Tool, Wheels, codes, site, snapshot

HEAD = 'lock-version = "1.0"\ncreated-by = "a test"\n'
EPOCH = "1600000000"


def package(name: str, version: str, sha256: str, *more: str) -> str:
    """Return a package whose wheel is said to lie where nothing can be fetched."""
    where = f"https://elsewhere.invalid/{name}-{version}-py3-none-any.whl"
    lines = [f'name = "{name}"', f'version = "{version}"', 'index = "https://elsewhere.invalid/simple"', *more]
    return "\n".join(["[[packages]]", *lines, f'wheels = [{{url = "{where}", hashes = {{sha256 = "{sha256}"}}}}]\n'])


def write(tool: Tool, wheels: Wheels, *pins: str) -> Path:
    path = tool.folder / "pylock.toml"
    path.write_text(HEAD + "".join(package(*pin.split("=="), wheels.digests[pin]) for pin in pins))
    return path


def tree(folder: Path) -> Dict[str, Tuple[int, bool, bytes]]:
    """Return the mode of all files but the record, which names the lock, and the content of those sync wrote."""
    found = {}
    for path in folder.rglob("*"):
        info = path.lstat()
        if stat.S_ISREG(info.st_mode) and path.name != "venvboot.json":
            is_synced = info.st_mtime == int(EPOCH)
            found[str(path)] = (info.st_mode, is_synced, path.read_bytes() if is_synced else b"")
    return found


def installed(venv: Path) -> str:
    done = subprocess.run([venv / "bin/pip", "freeze"], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_lock_of_pips_fills_the_environment_as_requirements_do(
    dest: Path, python: str, tool: Tool, wheels: Wheels
) -> None:
    pylock = tool.folder / "pylock.toml"
    words = ["lock", "--quiet", "--no-index", "--find-links", str(wheels.folder), "--output", str(pylock)]
    subprocess.run([dest / "bin/pip", *words, "demo==1.0", "other"], check=True, capture_output=True)
    lock = wheels.lock(tool.folder / "requirements.txt", "demo==1.0", "other==1.0")
    trees = []
    for path in (pylock, lock):
        shutil.rmtree(dest)
        assert tool("init", str(dest), "--python", python, *HARMLESS).returncode == 0
        told = tool.json("sync", "--venv", str(dest), str(path), SOURCE_DATE_EPOCH=EPOCH)
        assert told["changes"] == {"add": {"demo": "1.0", "other": "1.0"}, "remove": {}, "change": {}}
        trees.append(tree(dest))
    assert trees[0] == trees[1]
    assert sum(1 for _, is_synced, _ in trees[0].values() if is_synced) > 12


def test_a_lock_of_uvs_for_all_pythons_gives_each_its_own(dest: Path, tool: Tool, wheels: Wheels) -> None:
    program = uv.program()
    if program is None:
        pytest.skip("uv is not on this machine, and can't be fetched")
    source = tool.folder / "source.in"
    source.write_text(
        'demo==1.0; python_version < "3.11"\ndemo==2.0; python_version >= "3.11"\nother; sys_platform == "win32"\n'
    )
    words = ["--universal", "--python-version", "3.9", "--no-index", "--find-links", str(wheels.folder), "--quiet"]
    lock = tool.folder / "pylock.app.toml"
    subprocess.run(
        [program, "pip", "compile", "--no-cache", *words, "--output-file", str(lock), str(source)],
        check=True,
        env=tool.environ,
        capture_output=True,
    )
    assert tool("sync", "--venv", str(dest), str(lock)).returncode == 0
    version = "1.0" if site(dest).parent.name in ("python3.9", "python3.10") else "2.0"
    assert installed(dest) == f"demo=={version}\n"


def test_the_record_and_what_is_unchanged_go_by_the_file_that_was_named(
    one: Path, tool: Tool, wheels: Wheels
) -> None:
    environment = ("--venv", str(one))
    lock = write(tool, wheels, "demo==1.0", "other==1.0")
    assert tool("sync", *environment, "pylock.toml").returncode == 0
    (recorded,) = json.loads((one / "venvboot.json").read_text())["locks"]
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    pins = {"demo": "1.0", "other": "1.0"}
    assert recorded == {"path": str(lock), "sha256": digest, "hashes": True, "pins": pins, "parent": False}
    before = snapshot(one)
    again = tool("sync", *environment, "pylock.toml", "-v")
    assert "nothing to do" in again.stderr
    assert "packaging" not in again.stderr
    assert snapshot(one) == before

    write(tool, wheels, "demo==2.0")
    told = tool.json("sync", *environment, "pylock.toml")
    assert told["changes"] == {
        "add": {},
        "remove": {"other": "1.0"},
        "change": {"demo": {"from": "1.0", "to": "2.0"}},
    }
    assert installed(one) == "demo==2.0\n"
    assert tool.json("check", *environment, "--only", "environment")["findings"] == []


def test_several_locks_are_one_whatever_their_form(one: Path, tool: Tool, wheels: Wheels) -> None:
    write(tool, wheels, "demo==1.0")
    wheels.lock(tool.folder / "more.txt", "other==1.0")
    done = tool("sync", "--venv", str(one), "pylock.toml", "more.txt")
    assert done.returncode == 0, done.stderr
    assert installed(one) == "demo==1.0\nother==1.0\n"
    names = [Path(lock["path"]).name for lock in json.loads((one / "venvboot.json").read_text())["locks"]]
    assert names == ["pylock.toml", "more.txt"]


def test_without_required_hashes_those_of_the_lock_hold_all_the_same(one: Path, tool: Tool, wheels: Wheels) -> None:
    environment = ("--venv", str(one), "--no-require-hashes", "pylock.toml")
    (tool.folder / "pylock.toml").write_text(HEAD + package("demo", "1.0", wheels.digests["demo==2.0"]))
    assert codes(tool.json("sync", *environment, code=1)) == ["pip-failed"]
    assert installed(one) == ""
    write(tool, wheels, "demo==1.0")
    assert tool("sync", *environment).returncode == 0
    assert installed(one) == "demo==1.0\n"
    assert json.loads((one / "venvboot.json").read_text())["locks"][0]["hashes"] is True


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("nonsense", "lock-unreadable", 1),
        (HEAD.replace("1.0", "2.0") + "packages = []\n", "lock-unreadable", 1),
        (HEAD + "environments = [\"sys_platform == 'win32'\"]\npackages = []\n", "lock-not-applicable", 5),
        (HEAD + 'requires-python = ">=4"\npackages = []\n', "lock-not-applicable", 5),
        (HEAD + '[[packages]]\nname = "app"\ndirectory = {path = "."}\n', "lock-not-pinned", 3),
        (HEAD + package("demo", "1.0", "00" * 32).replace("sha256", "sha512"), "lock-without-hashes", 3),
    ],
)
def test_what_can_not_be_used_changes_nothing(
    one: Path, tool: Tool, wheels: Wheels, text: str, code: str, status: int
) -> None:
    environment = ("--venv", str(one))
    assert tool("sync", *environment, str(wheels.lock(tool.folder / "before.txt", "demo==1.0"))).returncode == 0
    lock = tool.folder / "pylock.toml"
    lock.write_text(text)
    before = snapshot(one)
    told = tool.json("sync", *environment, "pylock.toml", code=status)
    assert codes(told) == [code]
    assert told["findings"][0]["subject"] == str(lock)
    assert snapshot(one) == before


def test_another_content_than_the_lock_says_is_not_installed(one: Path, tool: Tool, wheels: Wheels) -> None:
    (tool.folder / "pylock.toml").write_text(HEAD + package("demo", "1.0", wheels.digests["other==1.0"]))
    assert codes(tool.json("sync", "--venv", str(one), "pylock.toml", code=1)) == ["pip-failed"]
    assert installed(one) == ""


def test_what_is_judged_is_told_as_asked_for_by_the_lock_that_was_named(one: Path, tool: Tool, house: Path) -> None:
    digest = hashlib.sha256((house / "enum34-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    lock = tool.folder / "pylock.toml"
    lock.write_text(HEAD + package("enum34", "1.0", digest))
    told = tool.json("sync", "--venv", str(one), "pylock.toml", code=3, PIP_FIND_LINKS=str(house))
    assert codes(told) == ["shadow-stdlib"]
    assert told["findings"][0]["evidence"].endswith(f"asked for by {lock}")


def test_a_python_that_is_no_environment_is_not_asked_to_read_it(
    one: Path, one_python: str, tool: Tool, wheels: Wheels
) -> None:
    write(tool, wheels, "demo==1.0")
    told = tool.json("sync", "--python", one_python, "pylock.toml", code=3)
    assert codes(told) == ["system-target"]
    assert "pylock.toml" in told["findings"][0]["message"]
    assert installed(one) == ""


def test_what_reads_it_is_compiled_once_and_kept_in_the_cache(
    one: Path, one_python: str, tool: Tool, wheels: Wheels
) -> None:
    write(tool, wheels, "demo==1.0")
    sync = ("sync", "--venv", str(one), "--cache", str(tool.folder / "cache"), "pylock.toml", "-v")
    compiling = "compile what pylock_target.py imports"
    assert compiling in tool(*sync).stderr
    kept = [*(tool.folder / "cache/sync/tools").iterdir()]
    assert len(kept) == 2
    for damaged in (False, True):
        shutil.rmtree(one)
        assert tool("init", str(one), "--python", one_python, *HARMLESS).returncode == 0
        for archive in kept if damaged else ():
            archive.write_bytes(b"damaged")
        done = tool(*sync)
        assert done.returncode == 0, done.stderr
        assert (compiling in done.stderr) is damaged
        assert installed(one) == "demo==1.0\n"
