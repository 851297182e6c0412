"""The one file starts in a bare Debian, at build time and at run time, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.images.base_images import Base
    from tests.images.conftest import BuildCase
    from tests.images.docker_engine import Builder, Engine


def test_version(docker: Engine, build_case: BuildCase, base: Base, builder: Builder) -> None:
    image = build_case(base, builder)

    copied, *later = docker.layers_above(image, base)
    assert [entry.path for entry in copied if entry.type == "file"] == ["usr/local/bin/venvboot"]
    assert [entry.path for layer in later for entry in layer] == []
    as_root = docker.run(image, "venvboot", "--version")
    assert as_root.returncode == 0, as_root.stderr
    assert as_root.stdout.startswith("venvboot ")
    as_anybody = docker.run(
        image, "venvboot", "--version", user="1234567:0", env={"HOME": "/nowhere"}, options=["--read-only"]
    )
    assert (as_anybody.returncode, as_anybody.stdout) == (0, as_root.stdout), as_anybody.stderr
    assert as_root.stdout.strip() in image.log
