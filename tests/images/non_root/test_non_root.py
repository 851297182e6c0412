"""A user that isn't root gets what it may have, and is told what it could not do and what for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.docker_engine import Engine, Image

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.images.base_images import Base

PROFILE = "/etc/profile.d/zz-venvboot.sh"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
DEST = "/srv/app/venv"


@dataclass(frozen=True)
class Made:
    """An image whose `init` was run by `user`; `layer_group` is the group of what it made."""

    image: Image
    user: str
    group: int
    not_done: set[str]


@pytest.fixture(scope="module", params=["group0", "group1500"])
def made(request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Made:
    folder, files = Path(__file__).parent, {"venvboot": venvboot}
    image = docker.build(folder, base=base_image("debian12"), files=files, target=request.param)
    if request.param == "group0":
        return Made(image, "1001", 0, {PROFILE, MARKER})
    return Made(image, "1500:1500", 1500, {PROFILE, MARKER, DEST})


def _told(done: subprocess.CompletedProcess[str], status: int) -> dict[str, Any]:
    assert done.returncode == status, str(done)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_init_makes_the_environment_and_warns_of_each_thing_not_done_and_what_it_is_for(made: Made) -> None:
    # The build went on, so `init` ended with 0.
    assert made.image.log.count("[not-done]") == len(made.not_done), made.image.log
    activation = f"{PROFILE}, /etc/bash.bashrc, /etc/environment, /usr/local/bin were not written"
    guard = f"{MARKER}, /usr/pip.conf, /usr/local/lib/python3.11/dist-packages were not written"
    for told in (activation, guard):
        assert told in made.image.log
    for purpose in ("it is for activation", "it is for refusing pip installs"):
        assert purpose in made.image.log
    assert ("it is for letting other users of that group install into it" in made.image.log) is (made.group != 0)
    assert "as root (USER root)" in made.image.log


def test_its_layer_holds_the_environment_only_with_group_and_modes_as_promised(docker: Engine, made: Made) -> None:
    layer = docker.layer_files(made.image)
    inside = [member for member in layer if f"/{member.path}/".startswith(DEST + "/")]
    outside = {member.path for member in layer if member not in inside}
    assert outside <= {"srv", "srv/app", "tmp"}
    directories = {(m.mode, m.uid, m.gid) for m in inside if m.type == "directory"}
    assert directories == {(0o2775, int(made.user.split(":")[0]), made.group)}
    assert [m for m in inside if m.type == "file" and (m.mode & 0o660 != 0o660 or m.gid != made.group)] == []
    assert [m for m in inside if m.type != "symlink" and m.mode & 0o002] == []


def test_check_passes_and_says_that_the_guard_was_not_checked(docker: Engine, made: Made) -> None:
    told = _told(docker.run(made.image, "venvboot", "check", "--json"), 0)
    assert told["promises"].pop("guard") == "not checked", told
    assert set(told["promises"].values()) == {"kept"}, told
    text = docker.run(made.image, "venvboot", "check")
    assert any(line.split(None, 1) == ["guard", "not checked"] for line in text.stdout.splitlines()), str(text)


def test_a_second_init_of_the_same_user_writes_nothing_and_says_the_same(docker: Engine, made: Made) -> None:
    with docker.start(made.image, "sleep", "600") as container:
        before = container.diff()
        told = _told(container.execute("venvboot", "init", DEST, "--json"), 0)
        assert container.diff() == before
    known = {("not-done", "warning"), ("group-not-zero", "warning")}
    assert {(finding["code"], finding["severity"]) for finding in told["findings"]} <= known, told
    assert {finding["subject"] for finding in told["findings"]} >= {PROFILE, MARKER}, told


def test_the_user_installs_into_it_and_root_completes_it_later_as_the_hint_says(docker: Engine, made: Made) -> None:
    with docker.start(made.image, "sleep", "600") as container:
        installed = container.execute("venvboot", "install", "six==1.16.0", user=made.user)
        assert installed.returncode == 0, str(installed)
        completed = container.execute("venvboot", "init", DEST, user="root")
        assert completed.returncode == 0, str(completed)
        assert "[not-done]" not in completed.stderr, str(completed)
        told = _told(container.execute("venvboot", "check", "--json", user=made.user), 0)
        assert set(told["promises"].values()) == {"kept"}, told
        upgraded = container.execute("pip", "install", "-U", "six", user=made.user)
        assert upgraded.returncode == 0, str(upgraded)
