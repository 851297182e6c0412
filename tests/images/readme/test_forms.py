"""The forms of delivery: the manual's commands run in a checkout, its Dockerfile is built with what they make."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import pytest

from tests.images import buildx
from tests.images.readme.test_blocks import README, checkout

if TYPE_CHECKING:
    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine

SECTION = README.split("\n## Forms of delivery\n")[1].split("\n## ")[0]


def block(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)
    return found[number]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A checkout, as a fresh clone would have it."""
    for name, path in checkout().items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return tmp_path / "checkout"


def test_the_image_is_made_loaded_and_mounted(
    docker: Engine, base_image: Callable[[str], Base], sources: Path
) -> None:
    programs = sources.parent / "bin"
    programs.mkdir()
    (programs / "docker").symlink_to(docker._program)
    environ = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    commands = ["sh", "-eux", "-c", block("sh")]
    done = subprocess.run(commands, cwd=sources, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "venvboot.oci: 11 platforms, sha256:" in done.stderr
    docker._tags.append("venvboot")
    base = base_image("debian12")
    dockerfile = block("dockerfile").replace("FROM debian:12\n", f"FROM {base.tag}\n", 1)
    image = docker.build(dockerfile=dockerfile)
    there = docker.run(image, "sh", "-c", "ls /opt/venv/venvboot.json && ! test -e /usr/local/bin/venvboot")
    assert there.returncode == 0, there.stdout + there.stderr
    assert not [file.path for file in docker.layer_files(image) if file.path == "usr/local/bin/venvboot"]


def test_the_wheel_has_the_name_that_the_manual_shows(sources: Path) -> None:
    (build,) = re.findall(r"`(python3 -m pip wheel [^`]*)`", SECTION)
    # The Python of the tests has what builds it
    command = build.replace("python3", sys.executable).replace("--no-deps", "--no-deps --no-build-isolation")
    subprocess.run(["sh", "-c", command], cwd=sources, check=True, capture_output=True)
    (wheel,) = (sources / "dist").glob("*.whl")
    assert len(re.findall(re.escape(f"dist/{wheel.name}"), block("text"))) == 3


def test_the_builders_of_the_manual_are_made_and_not_asked(docker: Engine, sources: Path) -> None:
    """There are no such machines: what bake would send to them is not tried here."""
    folder = buildx.unpacked()
    if folder is None:
        pytest.skip("buildx can't be had: no apt, or Debian's archive isn't reached")
    settings = sources.parent / "settings"
    plugins = settings / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-buildx").symlink_to((folder / "settings/cli-plugins/docker-buildx").resolve())
    client = buildx.Buildx(docker._program, settings)
    lines = block("text", 1).splitlines()
    for line in lines:
        if " buildx create " in line:
            done = client(*line.split()[1:], cwd=sources)
            assert done.returncode == 0, done.stderr
    told = client("buildx", "inspect", "many", cwd=sources, BUILDX_NO_DEFAULT_LOAD="1").stdout
    assert re.findall(r"^Endpoint: +(\S+)", told, re.MULTILINE) == [
        "tcp://amd64.example.com:1234",
        "tcp://arm64.example.com:1234",
    ]
    (pushed,) = [line for line in lines if line.startswith("REGISTRY=")]
    words = [word for word in pushed.split()[2:] if word not in ("--builder", "many")]
    done = client(*words, "--print", cwd=sources, REGISTRY="registry.example.com/team")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"type=registry') == 2 * 13
