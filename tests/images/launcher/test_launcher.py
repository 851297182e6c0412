"""The launcher finds a Python that fits, whatever `python3` on PATH is and whichever shell reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.images.docker_engine import Engine, Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base

FILE = "/usr/local/bin/venvboot"


class Build(Protocol):
    """Builds one stage of this case's Dockerfile."""

    def __call__(self, base: str, target: str) -> Image:
        """Return the image of the stage `target` on the base image called `base`."""


@pytest.fixture(scope="module")
def build(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Build:
    def build_stage(base: str, target: str) -> Image:
        folder, files = Path(__file__).parent, {"venvboot": venvboot}
        return docker.build(folder, base=base_image(base), files=files, target=target, cache=True)

    return build_stage


def _base_of(docker: Engine, image: Image, dest: str = "/opt/venv") -> str:
    done = docker.run(image, "cat", f"{dest}/venvboot.json")
    assert done.returncode == 0, str(done)
    path: str = json.loads(done.stdout)["base"]["path"]
    return path


def test_python_2_7_as_the_only_python3_on_path_is_passed_over_for_3_9_off_path(docker: Engine, build: Build) -> None:
    # Both ways of the Dockerfile: 2.7 before 3.9 on PATH, and nothing but 2.7 on PATH.
    image = build("debian11", "old")
    stands_in = docker.run(image, "/srv/path/python3", "-c", "import sys; print(sys.version_info[0])")
    assert stands_in.stdout == "2\n", str(stands_in)
    assert _base_of(docker, image) == "/usr/bin/python3.9"


def test_3_9_moved_to_opt_python_is_found_beside_python_2_7_on_path(docker: Engine, build: Build) -> None:
    done = docker.run(build("debian11", "old"), FILE, "detect", "--json")
    assert done.returncode == 0, str(done)
    found = {interpreter["real_path"]: interpreter for interpreter in json.loads(done.stdout)["interpreters"]}
    assert {"/usr/bin/python2.7", "/opt/python/3.9/bin/python3.9"} <= set(found), str(done)
    assert found["/usr/bin/python2.7"]["strategy"] == "refuse", str(done)


def test_a_first_python3_on_path_that_does_not_start_is_passed_over(docker: Engine, build: Build) -> None:
    image = build("debian12", "broken")
    stands_in = docker.run(image, "python3", "--version")
    assert stands_in.returncode == 127, str(stands_in)
    assert _base_of(docker, image) == "/usr/bin/python3.11"
    done = docker.run(image, "venvboot", "--version")
    assert done.returncode == 0, str(done)


@pytest.mark.parametrize("path", ["/nowhere", "/srv:/nowhere", ""])
def test_without_any_python_on_path_the_distros_is_found(docker: Engine, build: Build, path: str) -> None:
    image = build("debian12", "broken")
    done = docker.run(image, "/bin/sh", "-c", f"PATH={path} {FILE} --version")
    assert (done.returncode, done.stderr) == (0, ""), str(done)


@pytest.mark.parametrize("release", ["debian11", "debian13"])
@pytest.mark.parametrize("shell", ["busybox", "bash", "dash", "no-environment"])
def test_init_under_each_shell_and_without_environment_makes_one_that_starts(
    docker: Engine, build: Build, release: str, shell: str
) -> None:
    image, dest = build(release, "shells"), f"/opt/{shell}"
    environment = {"VIRTUAL_ENV": dest, "PATH": f"{dest}/bin:/usr/local/bin:/usr/bin:/bin"}
    done = docker.run(image, "venvboot", "check", "--only", "environment", "--only", "sharing", env=environment)
    assert done.returncode == 0, str(done)
    assert done.stdout.count(" kept") == 2, str(done)


@pytest.mark.parametrize("shell", [["busybox", "sh"], ["bash"], ["dash"], ["bash", "--posix"]])
def test_arguments_and_exit_status_pass_through_each_shell(docker: Engine, build: Build, shell: list[str]) -> None:
    image = build("debian13", "shells")
    for words, status in ((["--version"], 0), (["init", "a folder $HOME *"], 2), (["no-such-verb"], 2)):
        done = docker.run(image, *shell, FILE, *words, user="1234567:0", options=["--read-only"])
        assert done.returncode == status, str(done)
    quoted = docker.run(image, *shell, FILE, "init", "a folder $HOME *", workdir="/")
    assert "'a folder $HOME *'" in quoted.stderr, str(quoted)
