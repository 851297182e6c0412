"""Whatever the form of a RUN step, its shell, user and PATH: the commands are the environment's, in both builders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.activation.reach import Reach, Told, cells, leads_to_venv_first, told_in

if TYPE_CHECKING:
    from tests.images.activation.conftest import BuildWired
    from tests.images.docker_engine import Builder, Engine

REACHED, WRAPPED, MISSED = Reach.REACHED, Reach.WRAPPED, Reach.MISSED

# By the name of the file below /results that a step of build_time/Dockerfile writes.
STEPS = {
    "sh": REACHED,
    "exec-form": REACHED,
    "exec-form-python": REACHED,
    "sh-1001": REACHED,
    "sh-1234567": REACHED,
    "bash-c": REACHED,
    "bash-eux-pipefail-c": REACHED,
    "bash-lc": REACHED,
    "sh-lc": REACHED,
    "bash-ic": REACHED,
    "ash-c": REACHED,
    "su": REACHED,
    "su-sh": REACHED,
    "sudo": REACHED,
    "sudo-sh": REACHED,
    "env-i-sh": WRAPPED,
    "app-path": REACHED,
    "local-path": WRAPPED,
    "local-path-login": REACHED,
    "distro-path": MISSED,
    "distro-path-bash": MISSED,
    "distro-path-login": REACHED,
}


@pytest.fixture(scope="module", params=["buildkit", "legacy"])
def builder(request: pytest.FixtureRequest) -> Builder:
    chosen: Builder = request.param
    return chosen


@pytest.fixture(scope="module")
def steps(docker: Engine, build_wired: BuildWired, builder: Builder) -> dict[str, Told]:
    """What each step of a child image noted; the steps themselves are never taken from the cache."""
    wired = build_wired("wired", builder)
    image = docker.build(Path(__file__).parent / "build_time", base=wired, builder=builder)
    shown = docker.run(image, "sh", "-c", 'cd /results && for step in *; do echo "$step $(cat "$step")"; done')
    assert shown.returncode == 0, str(shown)
    answers = {line.split(" ", 1)[0]: told_in(line) for line in shown.stdout.splitlines()}
    return {step: told for step, told in answers.items() if told is not None}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_gets_what_it_can_get(steps: dict[str, Told], step: str) -> None:
    told = steps[step]
    assert cells(told) == STEPS[step].cells, told
    if STEPS[step] is REACHED:
        assert told["virtual_env"] == "/opt/venv", told
        # A derived image's own folder may stand before the environment's.
        assert leads_to_venv_first(told["path"].replace("/app/bin:", "", 1)), told


def test_every_step_is_looked_at(steps: dict[str, Told]) -> None:
    assert set(steps) == set(STEPS)
