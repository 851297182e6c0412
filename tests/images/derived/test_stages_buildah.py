"""What a child or a later stage has made of an environment is told in buildah as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.buildah_engine import Buildah, Format
    from tests.images.docker_engine import Engine, Tagged

HERE = Path(__file__).parent
COPIED = """ARG BASE
FROM {made} AS made
FROM ${{BASE}}
COPY --from=made /opt/venv {place}
COPY --from=made /usr/local/bin/venvboot /usr/local/bin/venvboot
"""
CHILD = "ARG BASE\nFROM ${BASE}\nRUN rm /opt/venv/lib/python3.11/site-packages/venvboot_pip.pth\n"


@pytest.mark.parametrize("image_format", ["docker", "oci"])
def test_a_copied_or_changed_environment_is_told(
    buildah: Buildah,
    docker: Engine,
    venvboot: Path,
    base_image: Callable[[str], Base],
    image_format: Format,
    tmp_path: Path,
) -> None:
    for name in ("debian12", "debian13"):
        buildah.pull(docker, base_image(name))
    made = buildah.build(HERE, base=base_image("debian12"), image_format=image_format, files={"venvboot": venvboot})

    def codes(base: Tagged, dockerfile: str, *words: str) -> set[str]:
        (tmp_path / "Dockerfile").write_text(dockerfile)
        image = buildah.build(tmp_path, base=base, image_format=image_format, files={})
        done = buildah.run(image, "venvboot", *words, "--json")
        return {one["code"] for one in json.loads(done.stdout)["findings"] if one["severity"] == "error"}

    elsewhere = COPIED.format(made=made.tag, place="/opt/venv")
    assert codes(base_image("debian13"), elsewhere, "install", "x") == {"interpreter-moved"}
    told = codes(base_image("debian13"), elsewhere, "check")
    assert {"interpreter-moved", "path-lost", "virtual-env-lost"} <= told
    moved = COPIED.format(made=made.tag, place="/srv/app")
    assert codes(base_image("debian12"), moved, "install", "--venv", "/srv/app", "x") == {"no-environment"}
    assert codes(made, CHILD, "check") == {"hook-missing"}
