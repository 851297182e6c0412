"""`docker export | docker import` drops every ENV line: files reach what they can without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.images.activation.reach import VENV, Reach, cells, told_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.images.docker_engine import Engine, Image

SOURCED = ". /start/probe.sh"
STARTS = {
    "sh -c": (("sh", "-c", SOURCED), Reach.WRAPPED),
    "bash -c": (("bash", "-c", SOURCED), Reach.WRAPPED),
    "bash -lc": (("bash", "-lc", SOURCED), Reach.REACHED),
    "sh -lc": (("sh", "-lc", SOURCED), Reach.REACHED),
    "bash -ic": (("bash", "-ic", SOURCED), Reach.REACHED),
    "zsh -c": (("zsh", "-c", SOURCED), Reach.REACHED),
    "su app": (("su", "app", "-c", SOURCED), Reach.REACHED),
    "su - app": (("su", "-", "app", "-c", SOURCED), Reach.REACHED),
    "sudo": (("sudo", "sh", "-c", SOURCED), Reach.REACHED),
    "sudo -i": (("sudo", "-i", ".", "/start/probe.sh"), Reach.REACHED),
}


@pytest.fixture(scope="module")
def flattened(docker: Engine, wired: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    archive: Path = tmp_path_factory.mktemp("flattened") / "image.tar"
    tag = f"{wired.tag}-flattened"
    with docker.start(wired, "sleep", "60") as container:
        docker.client("export", f"--output={archive}", container.name)
    docker.client("import", str(archive), tag)
    archive.unlink()
    yield tag
    docker.client("rmi", "--force", tag)


def test_no_env_line_is_left(docker: Engine, flattened: str) -> None:
    assert not docker.config(flattened)["Env"]


def test_the_wrapper_serves_a_bare_command(docker: Engine, flattened: str) -> None:
    done = docker.run(flattened, "python", "-c", "import sys; print(sys.prefix)")
    assert (done.returncode, done.stdout) == (0, f"{VENV}\n"), str(done)


@pytest.mark.parametrize("start", STARTS)
def test_a_start_gets_what_files_can_give(docker: Engine, flattened: str, start: str) -> None:
    argv, reach = STARTS[start]
    done = docker.run(flattened, *argv)
    told = told_in(done.stdout)
    assert told is not None, str(done)
    assert cells(told) == reach.cells, told
    # sudo's env_keep keeps what there is, and here nothing is.
    active = reach is Reach.REACHED and start != "sudo"
    assert told["virtual_env"] == (VENV if active else ""), told
