"""Who is not in the environment's group is refused, by name of the group, before anything is tried."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.images.writers.harness import FIRST, build
from tests.images.writers.wheels import wheels

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.images.base_images import Base
    from tests.images.docker_engine import Container, Engine, Image

STRANGER = "1001:1001"
WHEEL = wheels()["vbsingle-1.0-py3-none-any.whl"]
LOCK = f"vbsingle==1.0 --hash=sha256:{hashlib.sha256(WHEEL).hexdigest()}"
OTHER_GROUP = "venvboot init --group 1500 --no-guard --no-activate all /opt/other"


@pytest.fixture
def image(docker: Engine, venvboot: Path, base: Base) -> Image:
    return build(docker, venvboot, base)


def refused(container: Container, command: str, user: str, group: str) -> None:
    """`command` by `user` has to be refused with the one finding that names both, and to write nothing."""
    before = container.diff()
    told = container.execute(*command.split(), user=user)
    assert told.returncode == 3, str(told)
    first = told.stderr.splitlines()[0]
    assert first.startswith("error: "), str(told)
    assert first.endswith("[not-in-group]"), str(told)
    assert group in first, str(told)
    assert user.partition(":")[0] in first, str(told)
    finding = only_finding(container.execute(*command.split(), "--json", user=user))
    assert (finding["code"], finding["severity"]) == ("not-in-group", "error"), str(finding)
    assert container.diff() == before


def only_finding(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (3, "refused"), str(done)
    (finding,) = answer["findings"]
    assert isinstance(finding, dict)
    return finding


def test_a_user_outside_group_0_is_refused_by_install_and_sync(docker: Engine, image: Image) -> None:
    with docker.start(image, "sleep", "600") as container:
        assert container.execute("sh", "-c", f"echo '{LOCK}' >/srv/lock.txt").returncode == 0
        for command in ("venvboot install vbsingle", "venvboot sync /srv/lock.txt"):
            refused(container, command, STRANGER, "group 0")
        # The same lines work for who is in it: the refusal has no other reason.
        for command in ("venvboot install vbsingle", "venvboot sync /srv/lock.txt"):
            allowed = container.execute(*command.split(), user=FIRST)
            assert allowed.returncode == 0, str(allowed)


@pytest.mark.parametrize("base", ["debian12"], indirect=True)
def test_group_0_beside_another_one_is_enough(docker: Engine, image: Image) -> None:
    command = ["venvboot", "install", "vbsingle"]
    allowed = docker.run(image, *command, user=STRANGER, options=["--group-add=0"])
    assert allowed.returncode == 0, str(allowed)


@pytest.mark.parametrize("base", ["debian12"], indirect=True)
def test_a_user_of_group_0_is_refused_where_the_environment_has_another_group(docker: Engine, image: Image) -> None:
    command = "venvboot install --venv /opt/other vbsingle"
    with docker.start(image, "sleep", "600") as container:
        made = container.execute(*OTHER_GROUP.split())
        assert made.returncode == 0, str(made)
        refused(container, command, FIRST, "group 1500")
        allowed = container.execute(*command.split(), user="1001:1500")
        assert allowed.returncode == 0, str(allowed)
