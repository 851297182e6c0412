"""What looks and what mends adds no byte to an image, but for the files it has to mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.images.writers.harness import build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.images.base_images import Base
    from tests.images.docker_engine import Builder, Engine, Image

MATRIX = [
    ("debian11", "buildkit"),
    ("debian12", "buildkit"),
    ("debian12", "legacy"),
    ("debian13", "buildkit"),
]


@pytest.fixture(params=MATRIX, ids="-".join)
def parent(
    request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base]
) -> tuple[Image, Builder]:
    release, builder = request.param
    return build(docker, venvboot, base_image(release)), builder


def derive(docker: Engine, parent: tuple[Image, Builder], *commands: str) -> Image:
    """An image with one RUN for each command."""
    image, builder = parent
    lines = ["ARG BASE", "FROM ${BASE}", *(f"RUN {command}" for command in commands)]
    return docker.build(dockerfile="\n".join(lines), base=image, builder=builder)


def sizes(docker: Engine, image: Image, *commands: str) -> list[int]:
    """The bytes of the image's last steps, which have to be the commands, in their order."""
    # The legacy builder makes a step of the session's label.
    steps = [step for step in docker.layer_sizes(image) if "LABEL" not in step.created_by]
    last = steps[-len(commands) :]
    for step, command in zip(last, commands):
        assert command in step.created_by, last
    return [step.size for step in last]


def test_looking_at_a_healthy_environment_adds_no_byte(docker: Engine, parent: tuple[Image, Builder]) -> None:
    commands = ("venvboot init", "venvboot check", "venvboot check --only sharing")
    assert sizes(docker, derive(docker, parent, *commands), *commands) == [0, 0, 0]


def test_fix_of_a_healthy_environment_adds_no_byte(docker: Engine, parent: tuple[Image, Builder]) -> None:
    commands = ("venvboot fix", "venvboot fix --dry-run", "venvboot fix /opt/venv")
    assert sizes(docker, derive(docker, parent, *commands), *commands) == [0, 0, 0]


BREAK_DIRECTORIES = "find /opt/venv -type d -exec chmod g-ws {} +"


def test_fix_of_every_directory_adds_no_byte(docker: Engine, parent: tuple[Image, Builder]) -> None:
    broken = docker.run(derive(docker, parent, BREAK_DIRECTORIES), "venvboot", "check", "--only", "sharing")
    assert broken.returncode == 4, str(broken)
    commands = (BREAK_DIRECTORIES, "venvboot fix", "venvboot check --only sharing")
    mended = derive(docker, parent, *commands)
    assert sizes(docker, mended, *commands) == [0, 0, 0]
    wrong = docker.run(mended, "find", "/opt/venv", "-type", "d", "!", "(", "-perm", "-2070", "-gid", "0", ")")
    assert (wrong.returncode, wrong.stdout) == (0, ""), str(wrong)


# Three files of umask 022 and of more care; the third is right, and the largest, so that a copy of it shows.
BREAK_FILES = (
    "umask 022 && mkdir /opt/venv/share && head -c 7000000 /dev/urandom >/tmp/random"
    " && head -c 3000000 /tmp/random >/tmp/first && cp /tmp/first /opt/venv/share/first"
    " && head -c 2000000 /tmp/random >/tmp/second && chmod 600 /tmp/second && cp /tmp/second /opt/venv/share/second"
    " && install -m 664 /tmp/random /opt/venv/share/right && chmod g+w /opt/venv/share && rm /tmp/*"
)


def test_fix_of_files_copies_those_up_and_says_how_many_bytes_that_is(
    docker: Engine, parent: tuple[Image, Builder]
) -> None:
    below = derive(docker, parent, BREAK_FILES)
    modes = docker.run(below, "stat", "-c", "%a %n", "first", "second", "right", workdir="/opt/venv/share")
    assert modes.stdout == "644 first\n600 second\n664 right\n", str(modes)
    commands = ("venvboot fix --dry-run", "venvboot fix", "venvboot fix", "venvboot check --only sharing")
    mended = derive(docker, (below, parent[1]), *commands)

    assert sizes(docker, mended, *commands) == [0, 5_000_000, 0, 0]
    # In the order of the steps: what would be copied, what is, and nothing.
    said = [int(number.replace(",", "")) for number in re.findall(r"([\d,]*\d) bytes", mended.log)]
    assert said[:2] == [5_000_000, 5_000_000], mended.log
    assert set(said[2:]) <= {0}, mended.log
    layer = next(members for members in docker.layers_above(mended, below) if members)
    files = {member.path: (member.mode, member.gid) for member in layer if member.type != "directory"}
    assert files == {"opt/venv/share/first": (0o664, 0), "opt/venv/share/second": (0o660, 0)}
