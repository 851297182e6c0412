"""The cache of syncs: it saves work, is shared by runs at the same time, and is believed as far as digests go."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List

import pytest

from tests.integration.shelf import PINS
from tests.integration.tool import HARMLESS, Tool, Wheels
from tests.integration.trees import Tree, difference, exact, faults, installed, tree
from tests.integration.wheelhouse import make_wheel

PATIENCE = 60.0  # seconds
HOUR = 3600
NOWHERE = {"PIP_FIND_LINKS": "", "PIP_NO_INDEX": "1"}


@dataclass
class Filled:
    """An environment that was filled from the cache, and can be made empty again."""

    tool: Tool
    venv: Path
    wheels: Wheels
    fresh: Path
    own: List[str]
    filled: Tree

    @property
    def cache(self) -> Path:
        return self.tool.folder / "cache"

    def __call__(self, *more: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.tool("sync", "--venv", str(self.venv), "--cache", str(self.cache), *more, **variables)

    def make_empty(self) -> None:
        shutil.rmtree(self.venv)
        subprocess.run(["cp", "-a", str(self.fresh), str(self.venv)], check=True)

    def must_be_filled(self, done: subprocess.CompletedProcess[str]) -> None:
        assert done.returncode == 0, done.stderr
        assert difference(tree(self.venv), self.filled) == []
        assert faults(self.venv, set(self.own)) == []

    def wheel(self, name: str) -> Path:
        (path,) = self.cache.glob(f"sync/wheels/*/{name}-1.0-*.whl")
        return path

    def laid_out(self) -> List[Path]:
        return sorted(self.cache.glob("sync/laid-out/*"))

    def bytecode(self) -> List[Path]:
        return sorted(self.cache.glob("sync/bytecode/*"))


def _sound(cache: Path) -> None:
    """Prove that every wheel is what its folder is called, and that no file was left half written."""
    wheels = list(cache.glob("sync/wheels/*/*.whl"))
    assert wheels
    for path in wheels:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name
    assert list(cache.rglob("*.part")) == []


@pytest.fixture(scope="module")
def made(bundle: str, one_python: str, shelf: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """One that the tests share, since bytecode is kept for a place."""
    folder = tmp_path_factory.mktemp("filled")
    home = folder / "home"
    home.mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "PIP_NO_INDEX": "1"}
    tool = Tool(bundle, folder, {**environ, "PIP_FIND_LINKS": str(shelf.folder)})
    venv, fresh = folder / "venv", folder / "fresh"
    done = tool("init", str(venv), "--python", one_python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    subprocess.run(["cp", "-a", str(venv), str(fresh)], check=True)
    shelf.lock(folder / "requirements.txt", *PINS)
    found = Filled(tool, venv, shelf, fresh, list(tree(venv)), {})
    done = found()
    assert done.returncode == 0, done.stderr
    found.filled = tree(venv)
    subprocess.run(["cp", "-a", str(found.cache), str(folder / "cache-as-it-was")], check=True)
    return found


@pytest.fixture
def filled(made: Filled) -> Filled:
    """The same, empty again, with the cache as the first sync left it."""
    shutil.rmtree(made.cache)
    subprocess.run(["cp", "-a", str(made.tool.folder / "cache-as-it-was"), str(made.cache)], check=True)
    shelf = made.wheels.lock(made.tool.folder / "requirements.txt", *PINS)
    assert shelf.exists()
    made.make_empty()
    return made


# -- what is kept --------------------------------------------------------------------------------------------------


def test_without_a_cache_nothing_is_kept(tool: Tool, one: Path, wheels: Wheels) -> None:
    wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    before = exact(Path(tool.environ["HOME"]))
    done = tool("sync", "--venv", str(one))
    assert done.returncode == 0, done.stderr
    assert exact(Path(tool.environ["HOME"])) == before
    assert {path.name for path in tool.folder.iterdir()} == {"home", "requirements.txt", "venv"}


def test_what_is_in_the_cache_is_installed_without_an_index(filled: Filled) -> None:
    before = _contents(filled.cache)
    done = filled(**NOWHERE)
    filled.must_be_filled(done)
    assert "fetched 0 wheels" in done.stderr
    assert "3 more from the cache" in done.stderr
    assert "compiled 0 modules" in done.stderr
    assert "3 wheels copied as laid out before" in done.stderr
    assert _contents(filled.cache) == before


def _contents(cache: Path) -> Dict[str, bytes]:
    files = (path for path in cache.rglob("*") if path.suffix in (".whl", ".zip"))
    return {str(path): path.read_bytes() for path in files}


def test_what_is_not_in_the_cache_is_needed_from_an_index(filled: Filled) -> None:
    before = exact(filled.cache)
    filled.wheels.lock(filled.tool.folder / "requirements.txt", *PINS, "four==1.0")
    done = filled(**NOWHERE)
    assert done.returncode == 1
    assert "[pip-failed]" in done.stderr
    assert installed(filled.venv) == {}
    assert exact(filled.cache) == before
    assert filled().returncode == 0
    assert len(installed(filled.venv)) == 4
    _sound(filled.cache)


def test_a_folder_of_wheels_that_the_lock_names_takes_the_place_of_an_index(
    tool: Tool, one: Path, shelf: Wheels
) -> None:
    lock = shelf.lock(tool.folder / "requirements.txt", *PINS)
    lock.write_text(f"--no-index\n--find-links {shelf.folder}\n{lock.read_text()}")
    variables = {"PIP_FIND_LINKS": "", "PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    done = tool("sync", "--venv", str(one), **variables)
    assert done.returncode == 0, done.stderr
    assert installed(one) == dict(pin.split("==") for pin in PINS)


# -- runs at the same time, and killed ones ------------------------------------------------------------------------


def test_two_syncs_at_the_same_time_share_a_cache(tool: Tool, one_python: str, shelf: Wheels, tmp_path: Path) -> None:
    shelf.lock(tool.folder / "requirements.txt", *PINS)
    venvs = [tmp_path / "a", tmp_path / "b"]
    own = {}
    for venv in venvs:
        assert tool("init", str(venv), "--python", one_python, *HARMLESS).returncode == 0
        own[venv] = set(tree(venv))
    cache = tmp_path / "cache"
    words = [[tool.bundle, "sync", "--venv", str(venv), "--cache", str(cache)] for venv in venvs]
    environ = {**tool.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(shelf.folder)}
    running = [
        subprocess.Popen(line, env=environ, cwd=tool.folder, stderr=subprocess.PIPE, text=True) for line in words
    ]
    for process in running:
        _, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, told
    for venv in venvs:
        assert installed(venv) == dict(pin.split("==") for pin in PINS)
        assert faults(venv, own[venv]) == []
    _sound(cache)


def test_a_sync_that_is_killed_while_it_keeps_something_leaves_a_cache_that_is_sound(filled: Filled) -> None:
    chance = random.Random(1)
    words = [filled.tool.bundle, "sync", "--venv", str(filled.venv), "--cache", str(filled.cache)]
    for _ in range(5):
        shutil.rmtree(filled.cache)
        filled.make_empty()
        with subprocess.Popen(
            words, env=filled.tool.environ, cwd=filled.tool.folder, stderr=subprocess.DEVNULL
        ) as process:
            while process.poll() is None and not filled.cache.exists():
                time.sleep(0.001)
            time.sleep(chance.random() * 0.02)
            process.kill()
        filled.make_empty()
        done = filled()
        filled.must_be_filled(done)
        assert "damaged" not in done.stderr
        for path in filled.cache.glob("sync/wheels/*/*.whl"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name


# -- what somebody changed there -----------------------------------------------------------------------------------


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _no_bytes(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").write_text("mine")


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _closed(path: Path) -> None:
    path.unlink()


DAMAGES: Dict[str, Callable[[Path], None]] = {
    "a flipped bit": _flip,
    "cut off": _cut,
    "empty": _no_bytes,
    "gone": _closed,
    "a folder": _folder,
    "a link": _link,
    "a link to itself": _loop,
    "a link to a device": _device,
    "a pipe": _pipe,
}


@pytest.mark.parametrize("how", DAMAGES)
def test_what_is_damaged_in_the_cache_is_dropped_and_made_again(filled: Filled, how: str) -> None:
    paths = [filled.wheel("one"), *filled.laid_out(), *filled.bytecode(), *filled.cache.glob("sync/tools/*.zip")]
    paths += list(filled.cache.glob("sync/choices/*"))[:1]
    assert len(paths) == 9
    for path in paths:
        DAMAGES[how](path)
    done = filled()
    filled.must_be_filled(done)
    # Afterwards it is as good as new.
    for path in paths:
        if path.parent.name != "tools":  # each that is made has another name, that of its digest
            assert path.is_file(), path
            assert not path.is_symlink(), path
    _sound(filled.cache)
    for path in filled.cache.glob("sync/tools/*"):
        assert path.stem.endswith(hashlib.sha256(path.read_bytes()).hexdigest())
    filled.make_empty()
    done = filled(**NOWHERE)
    filled.must_be_filled(done)
    assert "fetched 0 wheels" in done.stderr
    assert "compiled 0 modules" in done.stderr
    assert "3 wheels copied as laid out before" in done.stderr


def _other(path: Path, folder: Path) -> bytes:
    """Return a valid wheel of the same name with other content."""
    folder.mkdir()
    make_wheel(folder, "one", "1.0", more={"one_pkg/m0.py": "import os  # evil\n"})
    return (folder / path.name).read_bytes()


def test_another_wheel_in_the_place_of_one_is_not_installed(filled: Filled, tmp_path: Path) -> None:
    path = filled.wheel("one")
    path.write_bytes(_other(path, tmp_path / "evil"))
    assert zipfile.ZipFile(path).testzip() is None
    done = filled()
    filled.must_be_filled(done)
    assert "the wheel of one in the cache is damaged" in done.stderr
    _sound(filled.cache)


@pytest.mark.parametrize("built", [False, True])
def test_a_choice_of_another_wheel_is_not_obeyed(filled: Filled, tmp_path: Path, *, built: bool) -> None:
    """Not of one that says it was built here, either: that would have to be asked for."""
    path = filled.wheel("one")
    evil = _other(path, tmp_path / "evil")
    digest = hashlib.sha256(evil).hexdigest()
    place = path.parent.parent / digest / path.name
    place.parent.mkdir()
    place.write_bytes(evil)
    for choice in filled.cache.glob("sync/choices/*"):
        if json.loads(choice.read_text())["file"] == path.name:
            choice.write_text(json.dumps({"sha256": digest, "file": path.name, "built": built}))
    filled.must_be_filled(filled())


@pytest.mark.parametrize("file", ["../../../../evil/one-1.0-py3-none-any.whl", "/etc/passwd", "..", "", "x\0.whl"])
def test_a_choice_leads_nowhere_else(filled: Filled, file: str) -> None:
    for choice in filled.cache.glob("sync/choices/*"):
        told = json.loads(choice.read_text())
        choice.write_text(json.dumps({**told, "file": file}))
    done = filled()
    filled.must_be_filled(done)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"sha256": 1}', "[" * 50000])
def test_a_choice_that_is_none_is_passed_over(filled: Filled, text: str) -> None:
    for choice in filled.cache.glob("sync/choices/*"):
        choice.write_text(text)
    filled.must_be_filled(filled())


# -- its limit -----------------------------------------------------------------------------------------------------


def _aged(path: Path, hours: float) -> None:
    moment = time.time() - hours * HOUR
    os.utime(path, (moment, moment))


def test_what_was_used_longest_ago_goes_until_the_cache_is_small_enough(filled: Filled) -> None:
    for path in filled.cache.rglob("*"):
        if path.is_file():
            _aged(path, 2)
    large = filled.cache / "sync/wheels" / ("0" * 64) / "large-1.0-py3-none-any.whl"
    large.parent.mkdir()
    large.write_bytes(bytes(1 << 20))
    _aged(large, 5)
    before = sum(path.stat().st_size for path in filled.cache.rglob("*") if path.is_file())
    done = filled("--cache-limit", f"{(before - 1000) / 1e6:.3f}M")
    filled.must_be_filled(done)
    assert not large.exists()
    assert filled.wheel("one").exists()
    filled.make_empty()
    done = filled("--cache-limit", "1", **NOWHERE)
    filled.must_be_filled(done)  # what was used just now stays
    assert filled.wheel("one").exists()
    for path in filled.cache.rglob("*"):
        if path.is_file():
            _aged(path, 2)
    filled.wheels.lock(filled.tool.folder / "requirements.txt", *PINS, "four==1.0")
    done = filled("--cache-limit", "1k")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in filled.cache.glob("sync/wheels/*/*.whl")] == ["four-1.0-py3-none-any.whl"]


@pytest.mark.parametrize("text", ["", " ", "-1", "1X", "much", "1e9", "0x10", "१G"])
def test_a_limit_that_is_no_size_is_refused_before_anything_is_done(filled: Filled, text: str) -> None:
    before = (exact(filled.venv), exact(filled.cache))
    done = filled("--cache-limit", text)
    assert done.returncode == 2, done.stderr
    assert "[usage]" in done.stderr
    assert (exact(filled.venv), exact(filled.cache)) == before
