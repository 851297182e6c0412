"""An environment in an image that buildah made, in both formats: as whole as in one of Docker's."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.base_images import Base
from tests.images.writers.wheels import wheels

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.buildah_engine import Buildah, BuiltImage, Format
    from tests.images.docker_engine import Content, Engine

UNSHARED = "find /opt/venv -type d ! '(' -perm -2070 -gid 0 ')'"
OPTIONS = "--no-index --find-links /opt/wheels --no-cache-dir"
WHERE = "import sys; print(sys.prefix)"
USERS = ("root", "1001", "1234567:0")


def lock() -> str:
    """A lock for the first version of the package and of what it needs."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in wheels().items()}
    names = ("vbfull", "vbsingle")
    return "".join(f"{name}==1.0 --hash=sha256:{digests[f'{name}-1.0-py3-none-any.whl']}\n" for name in names)


@dataclass(frozen=True)
class Built:
    """One stage of this folder's Dockerfile, in one format on one base."""

    buildah: Buildah
    image: BuiltImage
    format: Format
    base: Base

    def out(self, *argv: str, user: str = "root") -> str:
        done = self.buildah.run(self.image, *argv, user=user)
        assert done.returncode == 0, str(done)
        return done.stdout


MATRIX = [
    ("debian12", "oci", "whole"),
    ("debian12", "oci", "copied"),
    ("debian12", "docker", "whole"),
    ("debian12", "docker", "copied"),
    # The second stage needs the first.
    ("debian11", "oci", "copied"),
    ("debian11", "docker", "whole"),
    ("debian13", "oci", "copied"),
    ("debian13", "docker", "whole"),
]


@pytest.fixture(scope="module", params=MATRIX, ids="-".join)
def built(
    request: pytest.FixtureRequest,
    docker: Engine,
    venvboot: Path,
    base_image: Callable[[str], Base],
    buildah: Buildah,
) -> Built:
    release, image_format, stage = request.param
    base = base_image(release)
    buildah.pull(docker, base)
    files: dict[str, Content] = {"venvboot": venvboot, "requirements.txt": lock()}
    files.update({f"wheels/{name}": content for name, content in wheels().items()})
    image = buildah.build(Path(__file__).parent, base=base, image_format=image_format, files=files, target=stage)
    return Built(buildah, image, image_format, base)


MEDIA_TYPES: dict[Format, str] = {
    "oci": "application/vnd.oci.image.manifest.v1+json",
    "docker": "application/vnd.docker.distribution.manifest.v2+json",
}


def test_the_image_is_of_its_format_and_keeps_the_env_lines(built: Built) -> None:
    assert built.buildah.media_type(built.image) == MEDIA_TYPES[built.format]
    variables = built.buildah.config(built.image)["Env"]
    assert isinstance(variables, list)
    environment = dict(variable.split("=", maxsplit=1) for variable in variables)
    assert environment["VIRTUAL_ENV"] == "/opt/venv"
    assert environment["PATH"].split(":")[0] == "/opt/venv/bin"
    assert environment["PYTHONNOUSERSITE"] == "1"


def test_python_pip_and_the_console_script_are_the_environments(built: Built) -> None:
    expected = {
        ("python", "-c", WHERE): "/opt/venv",
        ("python3", "-c", WHERE): "/opt/venv",
        ("pip", "--version"): " from /opt/venv/lib/",
        ("vbfull",): "vbfull 1.0",
    }
    for argv, words in expected.items():
        assert words in built.out(*argv), argv
    # In a shell, with the last user of those that a cluster invents.
    for user in USERS:
        lines = built.out("sh", "-c", " && ".join(map(shlex.join, expected)), user=user).splitlines()
        for line, words in zip(lines, expected.values()):
            assert words in line, lines
        assert len(lines) == len(expected), lines


def test_every_directory_is_the_groups_and_its_members_install_and_remove(built: Built) -> None:
    assert built.out("sh", "-c", f"{UNSHARED} && echo searched") == "searched\n"
    commands = f"pip install -q {OPTIONS} -U vbfull vbsingle && vbfull && pip uninstall -qy vbfull vbsingle"
    assert built.out("sh", "-c", commands, user="54321:0") == "vbfull 2.0\n"
    refused = built.buildah.run(built.image, "sh", "-c", f"pip install {OPTIONS} -U vbsingle", user="1001:1001")
    assert refused.returncode != 0, str(refused)


# The time of the last change of mode or owner shows what was written, and what was only touched.
CHANGES = "find / -xdev -newercc /before ! -path '/proc/*' ! -path '/tmp*' ! -path /before ! -path /"


def test_a_second_init_touches_nothing(built: Built) -> None:
    commands = f"touch /before && venvboot init && {CHANGES} && echo searched"
    said = built.out("sh", "-c", commands)
    assert said.splitlines()[-1] == "searched", said
    assert "ENV VIRTUAL_ENV=/opt/venv" in said, said
    assert [line for line in said.splitlines() if line.startswith("/")] == [], said
