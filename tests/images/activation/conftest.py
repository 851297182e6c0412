"""The images that all tests of this folder start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.images.activation.wheels import wheels
from tests.images.base_images import DEBIAN_RELEASES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Builder, Content, Engine, Image

HERE = Path(__file__).parent


class BuildWired(Protocol):
    """The type of the fixture `build_wired`; keyword arguments are those of `Engine.build`."""

    def __call__(self, target: str, builder: Builder = "buildkit", **options: Any) -> Image:
        """Build a stage of `wired/Dockerfile` on the image with the tools."""


@pytest.fixture(scope="module", params=[base.name for base in DEBIAN_RELEASES])
def base(request: pytest.FixtureRequest, base_image: Callable[[str], Base]) -> Base:
    return base_image(request.param)


@pytest.fixture(scope="module")
def tools(docker: Engine, base: Base) -> Image:
    """The base with shells, cron, sudo, sshd and so on, and without venvboot: the same for both builders."""
    return docker.build(HERE / "tools", base=base, cache=True)


@pytest.fixture(scope="module")
def build_wired(docker: Engine, tools: Image, venvboot: Path) -> BuildWired:
    files: dict[str, Content] = {"venvboot": venvboot, **wheels()}

    def build(target: str, builder: Builder = "buildkit", **options: Any) -> Image:
        options = {"cache": True, **options}
        return docker.build(HERE / "wired", base=tools, builder=builder, files=files, target=target, **options)

    return build


@pytest.fixture(scope="module")
def wired(build_wired: BuildWired) -> Image:
    """Every activation, and a console script from before it, from `venvboot install` and from plain pip."""
    return build_wired("wired")
