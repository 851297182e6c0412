"""A sync for which pip installs is held against others, and what is killed in the midst of it is told and mended."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, Dict

import pytest

from tests.integration.synced import Synced
from tests.integration.tool import codes, site
from tests.integration.trees import STAGE, installed
from tests.integration.wheelhouse import make_wheel

PATIENCE = 60.0  # seconds
FILES = 1500
LOCK = "requirements.txt"


def _locks(synced: Synced, lock: str) -> None:
    (synced.tool.folder / LOCK).write_text(lock)


@pytest.fixture
def large(synced: Synced) -> Synced:
    """With a large distribution installed, and a lock without hashes of another version of it."""
    modules = {f"large/m{number}.py": f"VALUE = {number}\n" for number in range(FILES)}
    for version in ("1.0", "2.0"):
        make_wheel(synced.house, "large", version, module="large_one", more={**modules, f"large/v{version}.py": ""})
    _locks(synced, "demo==1.0\nlarge==1.0\n")
    assert synced("--no-require-hashes").returncode == 0
    _locks(synced, "large==2.0\nother==1.0\n")
    return synced


MOMENTS: Dict[str, Callable[[Path, Path], bool]] = {
    "begun": lambda venv, _: (venv / STAGE / "committing").exists(),
    "put aside": lambda _, place: any(place.glob("~*")),
    "half there": lambda _, place: (place / "large/v2.0.py").exists(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_killed_while_pip_installs_is_told_and_mended(large: Synced, moment: str) -> None:
    place = site(large.venv)
    words = [large.tool.bundle, "sync", "--venv", str(large.venv), "--no-require-hashes"]
    environ = {**large.tool.environ, "PIP_FIND_LINKS": f"{large.house} {large.wheels.folder}"}
    with subprocess.Popen(words, env=environ, cwd=large.tool.folder, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + PATIENCE
        while not MOMENTS[moment](large.venv, place):
            assert process.poll() is None
            assert time.monotonic() < end
        process.send_signal(signal.SIGKILL)
    time.sleep(1)  # in which pip notices that
    assert (large.venv / STAGE).exists()
    assert "sync-unfinished" in codes(large.tool.json("check", "--venv", str(large.venv), code=4))
    done = large("--no-require-hashes")
    assert done.returncode == 0, done.stderr
    assert installed(large.venv) == {"large": "2.0", "other": "1.0"}
    assert not list(place.glob("~*"))
    assert not (place / "large/v1.0.py").exists()
    assert {path.name for path in place.glob("large/*.py")} == {*(f"m{n}.py" for n in range(FILES)), "v2.0.py"}
    assert not (large.venv / STAGE).exists()


def test_two_that_pip_carries_out_are_not_at_work_at_once(large: Synced) -> None:
    words = [large.tool.bundle, "sync", "--venv", str(large.venv), "--no-require-hashes"]
    environ = {**large.tool.environ, "PIP_FIND_LINKS": f"{large.house} {large.wheels.folder}"}
    with subprocess.Popen(words, env=environ, cwd=large.tool.folder, stderr=subprocess.DEVNULL) as process:
        while not MOMENTS["begun"](large.venv, site(large.venv)):
            assert process.poll() is None
        for options in ([], ["--no-require-hashes"]):
            done = large(*options)
            assert done.returncode == 3, done.stderr
            assert codes(large.told(done)) == ["sync-running"]
        assert process.wait(PATIENCE) == 0
    assert installed(large.venv) == {"large": "2.0", "other": "1.0"}


def test_what_pip_can_t_remove_leaves_nothing_unfinished(synced: Synced) -> None:
    _locks(synced, "other==1.0\n")
    (site(synced.venv) / "demo-1.0.dist-info/RECORD").unlink()
    assert codes(synced.fails(1, "--no-require-hashes")) == ["pip-failed"]
