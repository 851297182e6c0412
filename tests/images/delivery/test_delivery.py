"""The image that a RUN mounts venvboot from: nothing of it is left behind, and each platform has its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.images.base_images import Base
    from tests.images.buildah_engine import Buildah
    from tests.images.docker_engine import Engine

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
FOREIGN = {
    "linux/arm64": ("arm64", "v8"),
    "linux/arm/v7": ("arm", "v7"),
    "linux/386": ("386", None),
    "linux/ppc64le": ("ppc64le", None),
    "linux/riscv64": ("riscv64", None),
    "linux/s390x": ("s390x", None),
}


def build_image(file: Path, output: Path, *words: str) -> str:
    """Run the script and return the digest that it tells."""
    command = [sys.executable, str(ROOT / "scripts/build_image.py"), "--file", str(file), "--output", str(output)]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()[0].rpartition(" ")[2]


@pytest.fixture(scope="module")
def layout(venvboot: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("dist") / "venvboot.oci"
    build_image(venvboot, output)
    return output


@pytest.fixture(scope="module")
def debian12(base_image: Callable[[str], Base]) -> Base:
    return base_image("debian12")


@pytest.fixture
def loaded(docker: Engine, venvboot: Path, tmp_path: Path) -> Iterator[str]:
    tag = f"venvboot-test/session-{docker.session}:tool"
    build_image(venvboot, tmp_path / "venvboot.oci", "--load", tag, "--engine", docker._program)
    yield tag
    docker.client("rmi", tag)


def test_docker_mounts_it_and_nothing_of_it_is_in_a_layer(docker: Engine, debian12: Base, loaded: str) -> None:
    image = docker.build(HERE, base=debian12, build_args={"VENVBOOT": loaded})
    first, *later = docker.layers_above(image, debian12)
    paths = {file.path for file in first}
    assert "opt/venv/venvboot.json" in paths
    assert not {"venvboot", "usr/local/bin/venvboot"} & paths
    assert all(file.type == "directory" for layer in later for file in layer)
    there = docker.run(image, "sh", "-c", "! command -v venvboot && /opt/venv/bin/python -c 'print(1)'")
    assert (there.returncode, there.stdout) == (0, "1\n"), there.stderr


def test_buildah_mounts_it_as_well(
    docker: Engine, buildah: Buildah, debian12: Base, venvboot: Path, tmp_path: Path
) -> None:
    buildah.pull(docker, debian12)
    program = tmp_path / "buildah"
    program.write_text(f'#!/bin/sh\nexec buildah {" ".join(buildah._global)} "$@"\n')
    program.chmod(0o755)
    build_image(venvboot, tmp_path / "venvboot.oci", "--load", "localhost/venvboot:test", "--engine", str(program))
    tool = "localhost/venvboot:test"
    dockerfile = (HERE / "Dockerfile").read_text(encoding="utf-8").replace("ARG VENVBOOT\n", f"ARG VENVBOOT={tool}\n")
    image = buildah.build(HERE, base=debian12, image_format="oci", files={"Dockerfile": dockerfile})
    there = buildah.run(image, "sh", "-c", "! test -e /usr/local/bin/venvboot && /opt/venv/bin/python -V")
    assert there.returncode == 0, there.stdout + there.stderr
    assert there.stdout.startswith("Python 3."), there.stdout


@pytest.mark.parametrize("transport", ["oci", "oci-archive"])
def test_every_platform_can_be_pulled(buildah: Buildah, layout: Path, tmp_path: Path, transport: str) -> None:
    place = layout
    if transport == "oci-archive":
        place = tmp_path / "venvboot.tar"
        subprocess.run(["tar", "-C", str(layout), "-cf", str(place), "."], check=True)
    for platform, architecture in FOREIGN.items():
        done = buildah.client("pull", "--quiet", f"--platform={platform}", f"{transport}:{place}")
        told = json.loads(buildah.client("inspect", "--type=image", done.stdout.strip()).stdout)["OCIv1"]
        assert (told["architecture"], told.get("variant")) == architecture


def test_an_image_of_a_foreign_platform_takes_the_file(buildah: Buildah, layout: Path, venvboot: Path) -> None:
    """Nothing is executed, so it needs no emulator."""
    tool = buildah.client("pull", "--quiet", "--platform=linux/arm64", f"oci:{layout}").stdout.strip()
    buildah.client("tag", tool, "localhost/venvboot:arm64")
    dockerfile = "FROM scratch\nCOPY --from=localhost/venvboot:arm64 /venvboot /usr/local/bin/venvboot\n"
    context = layout.parent / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(dockerfile)
    words = ("--isolation=chroot", "--pull-never", "--platform=linux/arm64", "--tag=localhost/taken:arm64")
    buildah.client("bud", *words, str(context))
    told = json.loads(buildah.client("inspect", "--type=image", "localhost/taken:arm64").stdout)["OCIv1"]
    assert told["architecture"] == "arm64"
    container = buildah.client("from", "--quiet", "--pull-never", "localhost/taken:arm64").stdout.strip()
    path = Path(buildah.client("mount", container).stdout.strip()) / "usr/local/bin/venvboot"
    assert (path.read_bytes() == venvboot.read_bytes(), os.access(path, os.X_OK)) == (True, True)
    buildah.client("rm", container)


def test_its_digest_is_the_same_each_time(layout: Path, venvboot: Path, tmp_path: Path) -> None:
    assert build_image(venvboot, tmp_path / "one.oci") == build_image(venvboot, tmp_path / "two.oci")
    assert (tmp_path / "one.oci/index.json").read_bytes() == (layout / "index.json").read_bytes()
