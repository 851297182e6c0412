"""The ENV lines may stand before the RUN that makes the environment or after it: the image is the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Builder, Engine, Image

# Modes, owners, sizes and digests of all that init wrote. Bytecode holds the time of the build, and virtualenv
# lists the files of what it seeds in an order of chance, so those are compared without their digest, or sorted.
CONTENTS = r"""
cd /
places="opt/venv etc/profile.d usr/lib/python$1/EXTERNALLY-MANAGED* var/lib/dpkg/diversions* usr/pip.conf"
places="$places usr/local/lib"
find $places -printf '%y %m %U:%G %p %l\n' | sort
find $places -type f ! -name '*.pyc' ! -path '*.dist-info/RECORD' -exec sha256sum {} + | sort -k 2
sort opt/venv/lib/python$1/site-packages/*.dist-info/RECORD
"""


@pytest.mark.parametrize(
    ("name", "builder"),
    [("debian11", "buildkit"), ("debian12", "buildkit"), ("debian12", "legacy"), ("debian13", "buildkit")],
)
def test_env_lines_before_and_after_init_give_the_same_content_and_a_check_that_passes(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], name: str, builder: Builder
) -> None:
    base = base_image(name)

    def build(target: str) -> Image:
        folder = Path(__file__).parent
        # `RUN venvboot check` is the last step: the build itself fails where it finds a fault.
        return docker.build(folder, base=base, builder=builder, files={"venvboot": venvboot}, target=target)

    before, after = build("before"), build("after")

    assert _contents(docker, before, base) == _contents(docker, after, base)
    assert _sizes(docker, before) == _sizes(docker, after)
    for image in (before, after):
        python = docker.run(image, "python", "-c", "import sys; print(sys.prefix)")
        assert (python.returncode, python.stdout) == (0, "/opt/venv\n"), str(python)


def _contents(docker: Engine, image: Image, base: Base) -> list[str]:
    done = docker.run(image, "sh", "-euc", CONTENTS, "contents", str(base.python))
    assert done.returncode == 0, str(done)
    lines = done.stdout.splitlines()
    assert any(line.endswith(" opt/venv/venvboot.json") for line in lines), str(done)
    return lines


def _sizes(docker: Engine, image: Image) -> dict[str, int]:
    """The layer of each RUN: `check` writes nothing."""
    layers = docker.layer_sizes(image)
    sizes = {
        verb: layer.size for layer in layers for verb in ("init", "check") if f"venvboot {verb}" in layer.created_by
    }
    assert sizes.get("check") == 0, layers
    return sizes
