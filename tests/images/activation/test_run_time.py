"""However a process is started in the container, the commands are the environment's; the known misses stay known."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.images.activation.reach import COMMANDS, VENV, Reach, Told, cells, leads_to_venv_first, told_in
from tests.images.activation.ways import COUNTED, SOURCED, WAYS, Way

if TYPE_CHECKING:
    from tests.images.activation.conftest import BuildWired
    from tests.images.docker_engine import Container, Engine, Image

HEALTH = "HEALTHCHECK CMD"
# What crond reads at its start; in a container it starts anew each time, so nobody has to wait for the full minute.
CRON = ("cron-bash", "cron-default")


@pytest.fixture(scope="module")
def printed(docker: Engine, build_wired: BuildWired, wired: Image) -> dict[str, str]:
    """What each way printed. One container for all that may share one, two starts at a time."""
    images = {"wired": wired, "exec-form": build_wired("exec-form")}
    health = ("--health-interval=2s", f"--health-cmd={SOURCED}")
    with docker.start(wired, "sleep", "600", options=health) as container, ThreadPoolExecutor(2) as pool:
        assert container.execute("cron").returncode == 0
        asked = [way for way in WAYS if way.argv or way.own]
        shown = dict(zip(asked, pool.map(lambda way: way.start(docker, images, container), asked)))
        answers = {way.name: shown.get(way, "") + _written(container, way) for way in WAYS}
        return {**answers, HEALTH: _health(docker, container)}


def _written(container: Container, way: Way, timeout: float = 30) -> str:
    """The answer of a start that nothing waits for."""
    if not way.answer:
        return ""
    deadline = time.monotonic() + timeout
    text = ""
    while told_in(text) is None and time.monotonic() < deadline:
        done = container.execute("cat", f"/results/{way.answer}")
        text = f"{done.stdout}\n{done.stderr}"
    return text


def _health(docker: Engine, container: Container, timeout: float = 30) -> str:
    deadline = time.monotonic() + timeout
    log: list[dict[str, str]] = []
    while not log and time.monotonic() < deadline:
        time.sleep(0.2)
        form = "--format={{json .State.Health.Log}}"
        log = json.loads(docker.client("inspect", form, container.name).stdout) or []
    return log[0]["Output"] if log else ""


@pytest.fixture(scope="module")
def table(printed: dict[str, str]) -> dict[str, Told]:
    """The answer of each way; one without an answer has no entry."""
    answers = {name: told_in(text) for name, text in printed.items()}
    return {name: told for name, told in answers.items() if told is not None}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_start_gets_what_it_can_get(table: dict[str, Told], printed: dict[str, str], way: Way) -> None:
    assert way.name in table, printed[way.name]
    told = table[way.name]
    assert cells(told) == way.reach.cells, told
    if way.active is not None:
        assert told["virtual_env"] == (VENV if way.active else ""), told
    if way.reach in {Reach.REACHED, Reach.KEPT}:
        assert leads_to_venv_first(told["path"]), told


def _found(table: dict[str, Told], *commands: str) -> list[str]:
    names = [way.name for way in COUNTED if way.name in table]
    return [name for name in names if all(table[name][command] == VENV for command in commands)]


def test_of_the_70_starts_64_are_wired_also_for_scripts_that_come_later(table: dict[str, Told]) -> None:
    assert len({way.name for way in COUNTED}) == 70
    assert len(_found(table, "python", "python3", "pip", "present")) >= 64
    assert len(_found(table, "rehashed")) >= 64
    assert len(_found(table, "plain")) >= 60
    assert len([way for way in COUNTED if table[way.name]["virtual_env"] == VENV]) >= 60


@pytest.mark.parametrize("command", COMMANDS)
def test_docker_itself_finds_each_command(docker: Engine, wired: Image, command: str) -> None:
    argv = {
        "pip": ["pip", "--version"],
        **{name: [name, "-c", "import sys; print(sys.prefix)"] for name in ("python", "python3")},
    }.get(command, [f"vb{command}"])
    done = docker.run(wired, *argv)
    assert done.returncode == 0, str(done)
    assert f"{VENV}/" in done.stdout or done.stdout == f"{VENV}\n", str(done)


NESTED = {
    "sh -c": "sh -c",
    "bash -c": "bash -c",
    "bash -ic": "bash -ic",
    "zsh -c": "zsh -c",
    "fish -c": "fish -c",
    "tcsh -c": "tcsh -c",
    "with BASH_ENV": "env BASH_ENV=/etc/profile.d/zz-venvboot.sh bash -c",
}


@pytest.mark.parametrize("start", NESTED)
def test_another_environment_that_is_active_stays_so(docker: Engine, wired: Image, start: str) -> None:
    ask = "/usr/bin/printenv VIRTUAL_ENV PATH; python -c 'import sys; print(sys.prefix)'"
    enter = "python -m venv --without-pip /tmp/o && . /tmp/o/bin/activate"
    done = docker.run(wired, "sh", "-c", f'{enter} && exec {NESTED[start]} "{ask}"')
    active, path, prefix = done.stdout.splitlines()
    assert (active, prefix) == ("/tmp/o", "/tmp/o"), str(done)
    assert path.split(":")[:2] == ["/tmp/o/bin", f"{VENV}/bin"], str(done)
    assert path.count(f"{VENV}/bin") == 1, str(done)
