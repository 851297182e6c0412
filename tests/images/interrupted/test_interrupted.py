"""Whatever stops `init` at whatever moment: no half-made environment is called healthy, and the next run mends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.docker_engine import Container, Engine, Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base

KILLED, INTERRUPTED = 128 + 9, 130
# virtualenv's process gets ready before anything is made.
READY = "/tmp/venvboot-*/pip-*"
PACKAGES = "/opt/venv/lib/python3.11/site-packages"

# What is there as soon as a step of `init` has begun, in the order of the steps.
MILESTONES = {
    "begun": "/opt/venv/venvboot.json.unfinished",
    "environment laid out": "/opt/venv/pyvenv.cfg",
    "pip being copied": f"{PACKAGES}/pip/_vendor",
    "hook written": f"{PACKAGES}/_venvboot_pip.py",
    "activated": "/etc/profile.d/zz-venvboot.sh",
}


@pytest.fixture(scope="module")
def image(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    folder, files = Path(__file__).parent, {"venvboot": venvboot}
    return docker.build(folder, base=base_image("debian12"), files=files, cache=True)


def _stop_init(container: Container, signal: str, sign: str, status: int) -> str:
    done = container.execute("stop_init", signal, sign)
    assert done.returncode == status, str(done)
    return done.stderr


def _must_be_found_half_made(container: Container) -> None:
    check = container.execute("venvboot", "check", "--json")
    assert check.returncode == 4, str(check)
    told = json.loads(check.stdout)
    found = [(finding["code"], finding["subject"], finding["evidence"]) for finding in told["findings"]]
    assert found == [("record-missing", "/opt/venv/venvboot.json", "its making was interrupted")], str(check)
    assert "kept" not in told["promises"].values(), str(check)
    installed = container.execute("venvboot", "install", "six")
    assert installed.returncode == 3, str(installed)


def _must_be_mended_by_init(container: Container) -> None:
    again = container.execute("venvboot", "init")
    assert again.returncode == 0, str(again)
    assert "in place of a half-made one" in again.stderr, str(again)
    check = container.execute("venvboot", "check", user="1234567:0")
    assert check.returncode == 0, str(check)
    assert check.stdout.count(" kept") == 5, str(check)
    # No byte of the first attempt stays behind.
    odd = container.execute(
        "find", "/opt/venv", "/etc", "/usr/lib/python3.11", "-name", "*.part", "-o", "-name", "*.unf*"
    )
    assert (odd.returncode, odd.stdout) == (0, ""), str(odd)
    before = container.diff()
    idle = container.execute("venvboot", "init")
    assert "nothing was written" in idle.stderr, str(idle)
    assert container.diff() == before


@pytest.mark.parametrize("milestone", MILESTONES)
def test_init_killed_midway_is_found_half_made_and_mended_by_the_next_run(
    docker: Engine, image: Image, milestone: str
) -> None:
    with docker.start(image, "sleep", "600") as container:
        _stop_init(container, "KILL", MILESTONES[milestone], KILLED)
        _must_be_found_half_made(container)
        _must_be_mended_by_init(container)


@pytest.mark.parametrize("milestone", MILESTONES)
def test_init_told_to_stop_exits_130_says_so_and_leaves_nothing_in_tmp(
    docker: Engine, image: Image, milestone: str
) -> None:
    with docker.start(image, "sleep", "600") as container:
        said = _stop_init(container, "TERM", MILESTONES[milestone], INTERRUPTED)
        assert "error: interrupted [interrupted]" in said
        assert "Traceback" not in said, said
        left = container.execute("find", "/tmp", "-mindepth", "1")
        assert (left.returncode, left.stdout) == (0, ""), str(left)
        _must_be_found_half_made(container)


def test_killed_at_any_moment_one_run_after_another_ends_healthy(docker: Engine, image: Image) -> None:
    with docker.start(image, "sleep", "600") as container:
        for seconds in ("0.3", "0.6", "0.9"):
            killed = container.execute("timeout", "-s", "KILL", seconds, "venvboot", "init")
            # A fast machine may be done by then, and a slow one may not have begun. The record is written last: a
            # kill between it and the end of the process, or in a run that finds all done, leaves a whole environment.
            assert killed.returncode in (0, KILLED), str(killed)
            recorded = container.execute("test", "-e", "/opt/venv/venvboot.json").returncode == 0
            assert recorded or killed.returncode == KILLED
            check = container.execute("venvboot", "check")
            assert check.returncode == (0 if recorded else 4), str(check)
        done = container.execute("sh", "-c", "venvboot init && venvboot check")
        assert done.returncode == 0, str(done)


@pytest.mark.parametrize(("signal", "status"), [("KILL", KILLED), ("TERM", INTERRUPTED)])
def test_init_stopped_while_it_gets_ready_has_made_nothing_and_the_next_run_does(
    docker: Engine, image: Image, signal: str, status: int
) -> None:
    with docker.start(image, "sleep", "600") as container:
        _stop_init(container, signal, READY, status)
        assert container.execute("ls", "/opt/venv").returncode != 0
        again = container.execute("venvboot", "init")
        assert again.returncode == 0, str(again)
        assert "half-made" not in again.stderr, str(again)
        left = container.execute("sh", "-c", "ls -d /tmp/venvboot-*")
        assert left.stdout == "", str(left)
        check = container.execute("venvboot", "check", user="1234567:0")
        assert check.returncode == 0, str(check)
