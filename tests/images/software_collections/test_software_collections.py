"""A collection's Python doesn't start outside of `enable`; the environments made from it do, however they start."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.docker_engine import Container, Engine, Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

HERE = Path(__file__).parent
COLLECTION = "/opt/rh/rh-python311/root/usr/bin/python3.11"
LINKS = "/usr/local/lib/venvboot/opt-rh-rh-python311-root-usr-lib64"
NOT_FOUND = 127
ASK = "import sys, ssl, ctypes; print(sys.prefix)"
ASK_2 = "import sys; print(sys.prefix)"

WAYS = {
    "exec form": f"python -c '{ASK}'",
    "sh -c": f"sh -c \"python3 -c '{ASK}'\"",
    "bash -lc": f"bash -lc \"python -c '{ASK}'\"",
    "env -i with the path": f"env -i /opt/venv/bin/python -c '{ASK}'",
    "env -i sh -c": f"env -i sh -c \"python -c '{ASK}'\"",
    "another library path": f"env LD_LIBRARY_PATH=/srv/none python -c '{ASK}'",
}


@pytest.fixture(scope="module")
def bare(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    base_image("debian12-flavours")
    rpm, files = HERE.parent / "origins" / "rpm", {"venvboot": venvboot}
    return docker.build(rpm, base=base_image("debian11-el"), files=files, target="collections", cache=True)


@pytest.fixture(scope="module")
def made(docker: Engine, venvboot_legacy: Path, bare: Image) -> Image:
    return docker.build(HERE, base=bare, files={"venvboot-legacy": venvboot_legacy}, target="made", cache=True)


@pytest.fixture(scope="module")
def container(docker: Engine, made: Image) -> Iterator[Container]:
    with docker.start(made, "sleep", "600") as started:
        yield started


def test_outside_of_enable_a_collection_does_not_start(docker: Engine, bare: Image) -> None:
    done = docker.run(bare, COLLECTION, "-c", "pass")
    assert (done.returncode, "libpython3.11.so.rh-python311-1.0" in done.stderr) == (NOT_FOUND, True), str(done)


@pytest.mark.parametrize("user", ["root", "1234567:0"])
@pytest.mark.parametrize("way", WAYS)
def test_the_environment_starts_however_it_is_started(container: Container, way: str, user: str) -> None:
    done = container.execute(*shlex.split(WAYS[way]), user=user)
    assert (done.returncode, done.stdout) == (0, "/opt/venv\n"), str(done)


@pytest.mark.parametrize("before", ["", "env -i "])
def test_that_of_the_old_python27_starts_too(container: Container, before: str) -> None:
    done = container.execute(*shlex.split(f"{before}/opt/venv27/bin/python -c '{ASK_2}'"))
    assert (done.returncode, done.stdout) == (0, "/opt/venv27\n"), str(done)


def test_nothing_of_the_system_is_hidden_by_the_collections_libraries(container: Container) -> None:
    places = container.execute("sh", "-c", "cat /etc/ld.so.conf.d/venvboot-*").stdout.split("\n")
    folders = {line for line in places if line.startswith("/")}
    assert folders == {LINKS, "/opt/rh/python27/root/usr/lib64"}
    # IUS's Python has these names too, in /usr/lib64.
    hidden = {"libpython3.so", "libpython3.11.so"}
    offered = set(container.execute("ls", "/opt/rh/rh-python311/root/usr/lib64").stdout.split())
    assert hidden <= offered
    linked = set(container.execute("ls", LINKS).stdout.split())
    assert linked == {"libpython3.11.so.rh-python311-1.0"}
    assert container.execute("/usr/bin/python3.11", "-c", "import sys; print(sys.prefix)").stdout == "/usr\n"


def test_lost_libraries_are_told_with_the_way_back(docker: Engine, made: Image) -> None:
    with docker.start(made, "sleep", "600") as container:
        lost = container.execute("sh", "-c", "rm /etc/ld.so.conf.d/venvboot-* && ldconfig && venvboot check --json")
        assert lost.returncode == 4, str(lost)
        codes = {finding["code"] for finding in json.loads(lost.stdout)["findings"]}
        assert "library-path-lost" in codes, codes
        mended = container.execute("sh", "-c", "venvboot init && venvboot check")
        assert mended.returncode == 0, str(mended)


def test_a_second_init_changes_nothing(docker: Engine, made: Image, bare: Image, venvboot_legacy: Path) -> None:
    twice = docker.build(HERE, base=bare, files={"venvboot-legacy": venvboot_legacy}, target="twice", cache=True)
    (second,) = docker.layers_above(twice, made)
    assert second == []
