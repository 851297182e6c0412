"""Triggers and buildah: a base in Docker's format fires them in children of either; an OCI base has lost them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.buildah_engine import Buildah, BuiltImage, Format
    from tests.images.docker_engine import Content, Engine, Tagged

BASE = "ARG BASE\nFROM ${BASE}\n"
READY = """COPY venvboot /usr/local/bin/venvboot
COPY wheels /srv/wheels/
RUN venvboot init --quiet
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/srv/wheels
"""
FORMATS: tuple[Format, ...] = ("docker", "oci")


@dataclass(frozen=True)
class Builds:
    """Builds from text, on an image that buildah has, with a lock of one wheel beside it."""

    buildah: Buildah
    folder: Path
    files: dict[str, Content]

    def image(self, base: Tagged, lines: str, image_format: Format) -> BuiltImage:
        (self.folder / "Dockerfile").write_text(BASE + lines)
        return self.buildah.build(self.folder, base=base, image_format=image_format, files=self.files)

    def has_it(self, image: BuiltImage) -> bool:
        ask = "/opt/venv/bin/python -c 'import here_main' 2>/dev/null && echo yes || echo no"
        return self.buildah.run(image, "sh", "-c", ask).stdout == "yes\n"


@pytest.fixture(scope="module")
def builds(
    buildah: Buildah,
    docker: Engine,
    venvboot: Path,
    base_image: Callable[[str], Base],
    tmp_path_factory: pytest.TempPathFactory,
) -> Builds:
    buildah.pull(docker, base_image("debian12"))
    wheels = tmp_path_factory.mktemp("wheels")
    digest = make_wheel(wheels, "here", "1.0", module="here_main")
    (wheel,) = wheels.glob("*.whl")
    lock = f"here==1.0 --hash=sha256:{digest}\n"
    files: dict[str, Content] = {
        "venvboot": venvboot,
        f"wheels/{wheel.name}": wheel,
        "requirements.txt": lock,
    }
    return Builds(buildah, tmp_path_factory.mktemp("context"), files)


@pytest.fixture(scope="module")
def ready(builds: Builds, base_image: Callable[[str], Base]) -> BuiltImage:
    return builds.image(base_image("debian12"), READY, "docker")


def printed(builds: Builds, ready: BuiltImage, *words: str) -> str:
    done = builds.buildah.run(ready, "venvboot", "onbuild", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_base_in_docker_s_format_fills_children_of_both_formats(builds: Builds, ready: BuiltImage) -> None:
    base = builds.image(ready, printed(builds, ready), "docker")
    for image_format in FORMATS:
        assert builds.has_it(builds.image(base, "RUN true\n", image_format)), image_format


def test_an_oci_base_has_no_triggers_and_its_child_says_the_plain_lines(builds: Builds, ready: BuiltImage) -> None:
    base = builds.image(ready, printed(builds, ready), "oci")
    assert not builds.has_it(builds.image(base, "RUN true\n", "oci"))
    assert builds.has_it(builds.image(base, printed(builds, ready, "--plain"), "oci"))
