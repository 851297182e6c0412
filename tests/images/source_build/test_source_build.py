"""A Python built from source in /usr/local, alone and beside the distro's, which alone is guarded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.images.docker_engine import Engine, Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base

SOURCE, DISTRO = "/usr/local/bin/python3.11", "/usr/bin/python3.11"
MARKER = "usr/lib/python3.11/EXTERNALLY-MANAGED"


class Build(Protocol):
    """Builds one stage of this case's Dockerfile."""

    def __call__(self, target: str) -> Image:
        """Return the image of the stage `target`."""


@pytest.fixture(scope="module")
def build(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Build:
    base = base_image("debian12-source")

    def build_stage(target: str) -> Image:
        return docker.build(Path(__file__).parent, base=base, files={"venvboot": venvboot}, target=target, cache=True)

    return build_stage


def _told(docker: Engine, image: Image, *words: str) -> dict[str, Any]:
    done = docker.run(image, "venvboot", *words, "--json")
    assert done.returncode == 0, str(done)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _record(docker: Engine, image: Image) -> dict[str, Any]:
    done = docker.run(image, "cat", "/opt/venv/venvboot.json")
    assert done.returncode == 0, str(done)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def test_detect_names_both_origins_with_owner_and_which_is_first_on_path(docker: Engine, build: Build) -> None:
    told = _told(docker, build("both"), "detect")

    found = {interpreter["real_path"]: interpreter for interpreter in told["interpreters"]}
    assert list(found) == [SOURCE, DISTRO], told
    source, distro = found[SOURCE], found[DISTRO]
    assert (source["origin"]["kind"], source["origin"]["managed"], source["origin"]["owner"]) == (
        "source",
        False,
        None,
    )
    assert (distro["origin"]["kind"], distro["origin"]["managed"]) == ("distro", True)
    assert distro["origin"]["owner"]["manager"] == "dpkg", told
    assert distro["origin"]["owner"]["package"] == "python3.11-minimal", told
    assert (source["first_on_path"], distro["first_on_path"]) == (True, False)
    assert (source["strategy"], distro["strategy"]) == ("direct", "venv")
    assert source["evidence"], told


def test_init_from_a_source_build_writes_no_marker_and_check_passes(docker: Engine, build: Build) -> None:
    image = build("alone")

    layer = docker.layer_files(image)
    beside = {m.path for m in layer if m.type != "directory" and not m.path.startswith("opt/venv/")}
    # No wrappers: the base lies in their folder.
    assert beside == {"etc/profile.d/zz-venvboot.sh", "etc/bash.bashrc", "etc/environment"}
    assert _record(docker, image)["base"]["path"] == SOURCE
    promises = _told(docker, image, "check")["promises"]
    assert promises.pop("guard") == "not checked", promises
    assert set(promises.values()) == {"kept"}, promises
    installed = docker.run(image, "sh", "-c", "pip install six && python -c 'import six'", user="54321:0")
    assert installed.returncode == 0, str(installed)


@pytest.mark.parametrize(
    ("target", "base", "managed"),
    [("first-on-path", SOURCE, False), ("distros-first", DISTRO, True), ("named", DISTRO, True)],
)
def test_with_both_the_base_is_the_first_on_path_or_the_one_named_and_the_distros_is_guarded_anyway(
    docker: Engine, build: Build, target: str, base: str, managed: bool
) -> None:
    image = build(target)

    record = _record(docker, image)
    assert record["base"]["path"] == base
    assert record["origin"]["managed"] is managed
    written = {member.path for member in docker.layer_files(image)}
    assert {MARKER, "usr/pip.conf", "usr/local/lib/python3.11/dist-packages"} <= written
    assert "usr/local/pip.conf" not in written
    assert "usr/local/lib/python3.11/EXTERNALLY-MANAGED" not in written
    promises = _told(docker, image, "check")["promises"]
    assert set(promises.values()) == {"kept"}, promises
    prefix = docker.run(image, "python", "-c", "import sys; print(sys.base_prefix)")
    expected = "/usr\n" if managed else "/usr/local\n"
    assert (prefix.returncode, prefix.stdout) == (0, expected), str(prefix)
