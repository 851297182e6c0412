"""The same in buildah, which writes a layer's archive with code of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.reproducible.test_reproducible import EPOCH, files

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.buildah_engine import Buildah, Format
    from tests.images.docker_engine import Content, Engine

__all__ = ["files"]
HERE = Path(__file__).parent


@pytest.mark.parametrize("image_format", ["docker", "oci"])
def test_umask_makes_no_difference(
    buildah: Buildah,
    docker: Engine,
    base_image: Callable[[str], Base],
    files: dict[str, Content],
    image_format: Format,
) -> None:
    base = base_image("debian12")
    buildah.pull(docker, base)

    def layers(umask: str, epoch: str = EPOCH) -> list[str]:
        given = {"UMASK": umask, "SOURCE_DATE_EPOCH": epoch, "SESSION": image_format}
        # What it mounts over, as /run, would bear the time of the build.
        options = [f"--timestamp={epoch}"]
        image = buildah.build(
            HERE, base=base, image_format=image_format, files=files, build_args=given, options=options
        )
        return buildah.layers(image)[-3:]

    first = layers("022")
    assert layers("077") == first
    assert not {*layers("022", "1600000000")} & {*first}
