"""What `init` can't do it refuses: status, reason and way out, and not a byte is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.docker_engine import Container, Engine, Image

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

REFUSED, UNSUPPORTED = 3, 5
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def image(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    return docker.build(HERE, base=base_image("debian12"), files={"venvboot": venvboot}, cache=True)


@pytest.fixture(scope="module")
def container(docker: Engine, image: Image) -> Iterator[Container]:
    """One for all: each test proves that it left this container as it was."""
    with docker.start(image, "sleep", "600") as started:
        yield started


@dataclass(frozen=True)
class Case:
    """A command line and the refusal it must meet; `because` and `hint` are parts of those lines."""

    words: tuple[str, ...]
    status: int
    code: str
    subject: str
    because: str
    hint: str
    user: str = "root"


def _occupied(dest: str, because: str) -> Case:
    return Case((dest,), REFUSED, "destination-occupied", dest, because, "choose another DEST")


def _python(path: str, code: str, because: str, hint: str = "") -> Case:
    return Case(("--python", path), UNSUPPORTED, code, path, because, hint)


CASES = {
    "a file": _occupied("/srv/file", "no folder"),
    "a folder with files": _occupied("/srv/folder", "notes"),
    "an environment of another maker": _occupied("/srv/foreign", "virtual environment of another maker"),
    "a link to an empty folder": _occupied("/srv/link", "symbolic link to /srv/empty"),
    "a dangling link": _occupied("/srv/dangling", "symbolic link to /nowhere"),
    "no right to write": Case(
        (), REFUSED, "destination-not-writable", "/opt/venv", "may not write into /opt", "USER root", user="1001"
    ),
    "an empty folder of another user": Case(
        ("/srv/empty",), REFUSED, "destination-not-writable", "/srv/empty", "user 1001", "USER root", user="1001"
    ),
    "no such python": _python("/srv/nothing", "no-interpreter", "nothing stands there", "venvboot detect"),
    "a folder as python": _python("/srv/folder", "no-interpreter", "not an executable program", "venvboot detect"),
    "a program that is no python": _python(
        "/usr/bin/ls", "interpreter-not-startable", "", "name another one with --python"
    ),
    "a python without the right to be started": _python(
        "/srv/broken/not-executable", "no-interpreter", "not an executable program", "venvboot detect"
    ),
    "a python that lacks a shared library": _python(
        "/srv/broken/needs-a-library", "interpreter-not-startable", "libexpat.so.9", "install that library"
    ),
    "a python that is cut off": _python(
        "/srv/broken/cut-off", "interpreter-not-startable", "", "name another one with --python"
    ),
    "a version that is not there": Case(
        ("--python", "3.12"), UNSUPPORTED, "no-interpreter", "3.12", "interpreters looked at", "FROM python:3.12-slim"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_init_refuses_says_why_and_writes_nothing(container: Container, name: str) -> None:
    case = CASES[name]
    before = container.diff()

    done = container.execute("venvboot", "init", *case.words, user=case.user)

    assert done.returncode == case.status, str(done)
    assert done.stdout == "", str(done)
    assert f"[{case.code}]" in done.stderr, str(done)
    assert "\n  because: " in done.stderr, str(done)
    assert "\n  hint: " in done.stderr, str(done)
    assert "Traceback" not in done.stderr, str(done)
    told = container.execute("venvboot", "init", "--json", *case.words, user=case.user)
    first, *more = _findings(told, case.status)
    assert more == [], str(told)
    assert (first["code"], first["severity"], first["subject"]) == (case.code, "error", case.subject), str(told)
    assert case.because in first["evidence"], str(told)
    assert first["evidence"], str(told)
    assert case.hint in first["hint"], str(told)
    assert container.diff() == before


def _findings(done: subprocess.CompletedProcess[str], status: int) -> list[dict[str, str]]:
    assert done.returncode == status, str(done)
    told = json.loads(done.stdout)
    assert told["schema"] == "venvboot/1", str(done)
    assert told["status"] == {REFUSED: "refused", UNSUPPORTED: "unsupported"}[status], str(done)
    found: list[dict[str, str]] = told["findings"]
    return found


def test_a_read_only_root_is_refused_as_one(docker: Engine, image: Image) -> None:
    with docker.start(image, "sleep", "600", options=["--read-only"]) as container:
        before = container.diff()
        told = container.execute("venvboot", "init", "--json")
        (finding,) = _findings(told, REFUSED)
        assert (finding["code"], finding["subject"]) == ("destination-not-writable", "/opt/venv"), str(told)
        # The user is root: that it isn't must be neither the reason nor the way out.
        assert "read-only" in finding["evidence"].lower(), str(told)
        assert finding["hint"], str(told)
        assert container.diff() == before


def test_on_a_read_only_root_a_writable_mount_takes_the_environment(docker: Engine, image: Image) -> None:
    options = ["--read-only", "--tmpfs", "/run/app", "--tmpfs", "/tmp"]
    with docker.start(image, "sleep", "600", options=options) as container:
        done = container.execute("venvboot", "init", "/run/app/venv")
        assert done.returncode == 0, str(done)
        assert "/etc/profile.d/zz-venvboot.sh, /etc/bash.bashrc, /etc/environment" in done.stderr, str(done)
        assert "were not written [not-done]" in done.stderr, str(done)
        left = container.execute("find", "/tmp", "-mindepth", "1")
        assert (left.returncode, left.stdout) == (0, ""), str(left)


APT = "RUN apt-get update && apt-get install -y --no-install-recommends python3"
NO_PYTHON = "ARG BASE\nFROM ${BASE}\nCOPY venvboot /usr/local/bin/venvboot\n"


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("debian12-minimal", "/usr/bin/python3 lacks the modules"),
        ("debian12-nopython", "no python3 on PATH"),
    ],
)
def test_without_a_whole_python_it_says_what_to_install_and_writes_nothing(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], name: str, because: str
) -> None:
    bare = docker.build(dockerfile=NO_PYTHON, base=base_image(name), files={"venvboot": venvboot}, cache=True)
    with docker.start(bare, "sleep", "600") as container:
        before = container.diff()
        done = container.execute("venvboot", "init")
        assert (done.returncode, done.stdout) == (UNSUPPORTED, ""), str(done)
        error, reason, hint = done.stderr.splitlines()
        assert error == "error: no Python 3.9 or later that venvboot can run on [no-python]"
        assert reason.startswith("  because: "), str(done)
        assert because in reason, str(done)
        assert hint == f"  hint: {APT}"
        (finding,) = _findings(container.execute("venvboot", "init", "--json"), UNSUPPORTED)
        assert (finding["code"], finding["hint"]) == ("no-python", APT)
        assert container.diff() == before


def test_a_minimal_python_started_by_hand_is_refused_by_the_gate_in_the_archive(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base]
) -> None:
    base = base_image("debian12-minimal")
    bare = docker.build(dockerfile=NO_PYTHON, base=base, files={"venvboot": venvboot}, cache=True)
    done = docker.run(bare, "python3", "-IS", "/usr/local/bin/venvboot", "init")
    assert (done.returncode, done.stdout) == (UNSUPPORTED, ""), str(done)
    assert "package python3.11-minimal" in done.stderr, str(done)
    assert f"hint: {APT}" in done.stderr, str(done)
