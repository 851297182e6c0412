"""uvx in a RUN: what it makes is the image's own, and nothing of uv or of venvboot stays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Callable

import pytest

from tests.integration import uv
from tests.integration.installations import distribution  # noqa: F401  # a fixture

if TYPE_CHECKING:
    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine
    from tests.integration.installations import Distribution

ROOT = Path(__file__).parents[3]
DOCKERFILE = """
ARG BASE
FROM ${BASE}
ENV UV_FIND_LINKS=/wheels UV_PYTHON_DOWNLOADS=never
RUN --mount=type=bind,source=wheels,target=/wheels --mount=type=bind,source=uv,target=/usr/local/bin/uv \
    --mount=type=tmpfs,target=/root/.cache --mount=type=tmpfs,target=/root/.local \
    uv tool run --no-index venvboot init
ENV VIRTUAL_ENV=/opt/venv
ENV PATH=/opt/venv/bin:$PATH
ENV PYTHONNOUSERSITE=1
RUN --mount=type=bind,source=wheels,target=/wheels --mount=type=bind,source=uv,target=/usr/local/bin/uv \
    --mount=type=tmpfs,target=/root/.cache --mount=type=tmpfs,target=/root/.local \
    uv tool run --no-index venvboot check
"""


@pytest.fixture(scope="session")
def bundle(venvboot: Path) -> str:
    return str(venvboot)


@pytest.fixture(scope="session")
def root() -> str:
    return str(ROOT)


def test_uvx_makes_and_checks_the_environment_of_an_image(
    docker: Engine,
    base_image: Callable[[str], Base],
    venvboot: Path,
    distribution: Distribution,  # noqa: F811  # the fixture
) -> None:
    program = uv.program()
    if program is None:
        pytest.skip("uv is not on this machine, and can't be fetched")
    files = {f"wheels/{path.name}": path for path in distribution.house.glob("*.whl")}
    base = base_image("debian12")
    image = docker.build(dockerfile=DOCKERFILE, base=base, files={**files, "uv": Path(program)})
    for promise in ("origin", "environment", "sharing", "activation", "guard"):
        assert f"{promise:<12} kept" in image.log
    paths = {file.path for layer in docker.layers_above(image, base) for file in layer}
    assert not [path for path in paths if path.startswith(("root/.cache/", "root/.local/", "usr/local/bin/uv"))]
    options = [f"--volume={venvboot}:/one:ro"]
    there = docker.run(image, "sh", "-c", "/one check && grep home /opt/venv/pyvenv.cfg", options=options)
    assert there.returncode == 0, there.stdout + there.stderr
    assert "home = /usr/bin\n" in there.stdout
