"""Fixtures of the image tests: one Dockerfile and one assertion file per case, run on several bases.

A case is a folder `tests/images/<case>/` with `Dockerfile` and `test_<case>.py`. The test asks for `base`,
`builder` or both to run once for each, and builds with `build_case`.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base, BaseImages
from tests.images.buildah_engine import Buildah, NoBuildah
from tests.images.docker_engine import Builder, Engine, Image, ImageName, NoEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


class BuildCase(Protocol):
    """The type of the fixture `build_case`; keyword arguments are those of `Engine.build`."""

    def __call__(self, base: ImageName, builder: Builder = "buildkit", **options: Any) -> Image:
        """Build the case's Dockerfile on `base`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder, so that `-m 'not images'` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.images)


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    """The Docker engine. Without one the tests are skipped, unless VB_TEST_IMAGES is `required`."""
    try:
        engine = Engine.find()
    except NoEngine as error:
        if os.environ.get("VB_TEST_IMAGES") == "required":
            pytest.fail(f"no Docker engine: {error}")
        pytest.skip(f"no Docker engine: {error}")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def buildah() -> Iterator[Buildah]:
    """Give buildah, with a storage of the module's own. Without one its tests are skipped, unless it is required."""
    try:
        found = Buildah.find()
    except NoBuildah as error:
        if os.environ.get("VB_TEST_IMAGES") == "required" and os.environ.get("VB_TEST_BUILDAH") != "skip":
            pytest.fail(f"no buildah: {error}")
        pytest.skip(f"no buildah: {error}")
    yield found
    found.close()


@pytest.fixture(scope="session")
def base_image(docker: Engine) -> Callable[[str], Base]:
    """`base_image("debian12-source")` makes that base image where it is missing (`base_images.BASES`)."""
    return BaseImages(docker).ensure


@pytest.fixture(params=[base.name for base in DEBIAN_RELEASES])
def base(request: pytest.FixtureRequest, base_image: Callable[[str], Base]) -> Base:
    """Debian 11, 12 and 13 with `python3` and nothing else of Python."""
    return base_image(request.param)


@pytest.fixture(params=["buildkit", "legacy"])
def builder(request: pytest.FixtureRequest) -> Builder:
    """Both builders of the engine."""
    chosen: Builder = request.param
    return chosen


@pytest.fixture(scope="session")
def venvboot() -> Path:
    """The one-file program. `scripts/test` builds it and names it in VB_TEST_FILE; otherwise built here."""
    return _one_file("VB_TEST_FILE", "venvboot")


@pytest.fixture(scope="session")
def venvboot_legacy() -> Path:
    """Its companion for old versions of Python, named in VB_TEST_LEGACY_FILE."""
    return _one_file("VB_TEST_LEGACY_FILE", "venvboot-legacy", "--legacy")


def _one_file(variable: str, name: str, *options: str) -> Path:
    named = os.environ.get(variable)
    if named:
        return Path(named)
    # Several workers of pytest-xdist get here at the same time.
    with open(os.path.join(tempfile.gettempdir(), f"venvboot-test-build.{os.getuid()}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "scripts/build_zipapp.py", *options], cwd=ROOT, check=True)
    return ROOT / "dist" / name


@pytest.fixture
def build_case(request: pytest.FixtureRequest, docker: Engine, venvboot: Path) -> BuildCase:
    """Builds the Dockerfile beside the test, with the one-file program as `venvboot` in its context."""

    def build(base: ImageName, builder: Builder = "buildkit", **options: Any) -> Image:
        files = {"venvboot": venvboot, **options.pop("files", {})}
        return docker.build(request.path.parent, base=base, builder=builder, files=files, **options)

    return build
