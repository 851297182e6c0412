"""``examples/bake``: a matrix of bases, printed whole, and two of them built."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.images import buildx as packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.images.base_images import Base
    from tests.images.buildx import Buildx
    from tests.images.docker_engine import Engine

ROOT = Path(__file__).parent.parent.parent.parent
BAKE = ("buildx", "bake", "--file", "examples/bake/docker-bake.hcl")
BUILT = {"debian-12": "debian12", "debian-13": "debian13"}
FOREIGN = ("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/s390x", "linux/riscv64")
# The engines of the tests have no bridge, and of bake's files only compose's can say so in this version of buildx.
NETWORK = "services:\n" + "".join(
    f"  {name}:\n    build: {{context: examples/bake, network: host}}\n" for name in BUILT
)


@pytest.fixture(scope="module")
def folder() -> Path:
    found = packages.unpacked()
    if found is None:
        pytest.skip("buildx can't be had: no apt, or Debian's archive isn't reached")
    return found


@pytest.fixture(scope="module")
def checkout(venvboot: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the bake file needs of a checkout, with the layout that scripts/build_image makes."""
    place = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "examples/bake", place / "examples/bake")
    (place / "compose.yaml").write_text(NETWORK)
    build_image(venvboot, place)
    return place


@pytest.fixture(scope="module")
def plain(docker: Engine, folder: Path) -> Buildx:
    """Give the engine of the machine, which knows no named contexts."""
    return packages.Buildx(docker._program, folder / "settings")


@pytest.fixture(scope="module")
def modern(docker: Engine, folder: Path) -> Iterator[Buildx]:
    with packages.engine(folder, docker._program) as found:
        yield found


def build_image(file: Path, place: Path, *words: str) -> None:
    output = str(place / "dist/venvboot.oci")
    command = [sys.executable, str(ROOT / "scripts/build_image.py"), "--file", str(file), "--output", output]
    subprocess.run([*command, *words], check=True, capture_output=True)


def printed(buildx: Buildx, checkout: Path, **variables: str) -> dict[str, Any]:
    done = buildx(*BAKE, "--print", cwd=checkout, **variables)
    assert done.returncode == 0, done.stderr
    targets: dict[str, Any] = json.loads(done.stdout)["target"]
    return targets


def baked(buildx: Buildx, checkout: Path, bases: dict[str, Base], *sets: str, **variables: str) -> None:
    words = [f"--set={name}.args.BASE={base.tag}" for name, base in bases.items()]
    words += ["--set=*.args.INSTALL=", *(f"--set={word}" for word in sets), "--no-cache", "--progress=plain"]
    done = buildx(*BAKE, "--file=compose.yaml", *words, *bases, cwd=checkout, PLATFORMS="", **variables)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def bases(base_image: Callable[[str], Base]) -> dict[str, Base]:
    return {name: base_image(base) for name, base in BUILT.items()}


def test_every_base_is_printed_with_all_that_it_needs(plain: Buildx, checkout: Path) -> None:
    targets = printed(plain, checkout)
    assert set(BUILT) < set(targets)
    for name, target in targets.items():
        assert target["contexts"] == {"venvboot": "oci-layout://dist/venvboot.oci"}
        assert target["platforms"] == ["linux/amd64", "linux/arm64"]
        assert target["tags"] == [f"environment:{name}"]
        assert not {"cache-to", "cache-from"} & set(target)
    assert len({target["args"]["BASE"] for target in targets.values()}) == len(targets)


def test_a_registry_gets_the_images_and_their_cache(plain: Buildx, checkout: Path) -> None:
    targets = printed(plain, checkout, REGISTRY="r.example/team", PLATFORMS="", VENVBOOT="docker-image://r.example/v")
    target = targets["debian-12"]
    assert target["tags"] == ["r.example/team/environment:debian-12"]
    assert target["cache-from"] == ["type=registry,ref=r.example/team/environment-cache:debian-12"]
    assert target["cache-to"] == [f"{target['cache-from'][0]},mode=max"]
    assert target["contexts"] == {"venvboot": "docker-image://r.example/v"}
    assert "platforms" not in target


def test_two_bases_are_baked_with_the_layout_as_context(
    docker: Engine, modern: Buildx, checkout: Path, bases: dict[str, Base]
) -> None:
    for base in bases.values():
        docker.client("save", "--output", str(checkout / "base.tar"), base.tag)
        loaded = modern("load", "--input", "base.tar", cwd=checkout)
        assert loaded.returncode == 0, loaded.stderr
    baked(modern, checkout, bases)
    for name in bases:
        words = ("run", "--rm", "--network=none", f"environment:{name}")
        done = modern(*words, "sh", "-c", "! test -e /usr/local/bin/venvboot && python -V", cwd=checkout)
        assert (done.returncode, done.stdout[:9]) == (0, "Python 3."), done.stderr


def test_one_build_takes_the_layout_for_each_platform(modern: Buildx, checkout: Path) -> None:
    """Nothing is executed, so it needs no emulator."""
    context = checkout / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\nCOPY --from=venvboot /venvboot /venvboot\n")
    words = ["--provenance=false", f"--platform={','.join(FOREIGN)}", "--output=type=oci,dest=out.tar"]
    words += ["--build-context=venvboot=oci-layout://dist/venvboot.oci", "context"]
    done = modern("buildx", "build", *words, cwd=checkout)
    assert done.returncode == 0, done.stderr
    with tarfile.open(checkout / "out.tar") as archive:

        def read(name: str) -> Any:
            file = archive.extractfile(name)
            assert file is not None
            return json.load(file)

        digest = read("index.json")["manifests"][0]["digest"]
        platforms = [one["platform"] for one in read(f"blobs/{digest.replace(':', '/')}")["manifests"]]
    told = {"/".join(filter(None, (one["os"], one["architecture"], one.get("variant")))) for one in platforms}
    assert told == set(FOREIGN)


def test_an_engine_without_contexts_takes_the_loaded_image(
    docker: Engine, plain: Buildx, checkout: Path, venvboot: Path, bases: dict[str, Base]
) -> None:
    tool = f"venvboot-test/session-{docker.session}:bake-tool"
    build_image(venvboot, checkout, "--load", tool, "--engine", docker._program)
    tags = {name: f"venvboot-test/session-{docker.session}:bake-{name}" for name in bases}
    docker._tags += [tool, *tags.values()]
    sets = [f"{name}.tags={tag}" for name, tag in tags.items()]
    baked(plain, checkout, bases, f"*.args.VENVBOOT={tool}", *sets, VENVBOOT="")
    for tag in tags.values():
        done = docker.run(tag, "sh", "-c", "! test -e /usr/local/bin/venvboot && python -V")
        assert (done.returncode, done.stdout[:9]) == (0, "Python 3."), done.stderr
