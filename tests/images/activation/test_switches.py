"""Each activation can be left out and taken back; then what it alone serves is missed, and nothing else is left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.images.activation.reach import VENV, cells, told_in
from tests.images.activation.switches import EDITED, ENTRYPOINT, PROFILE, SWITCHES, Switch, output_of
from tests.images.activation.ways import SOURCED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.images.activation.conftest import BuildWired
    from tests.images.docker_engine import Container, Engine, Image

STAT = ("-exec", "stat", "-c", "%n %a %u:%g", "{}", "+")
LIST = ("find", "/etc", "/usr/local", "-type", "f", *STAT, "-exec", "sha256sum", "{}", "+")
NOT_OURS = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/usr/local/bin/venvboot"}


@pytest.fixture
def container(docker: Engine, wired: Image) -> Iterator[Container]:
    with docker.start(wired, "sleep", "600") as started:
        yield started


def _python(container: Container, argv: tuple[str, ...]) -> str:
    told = told_in(output_of(container, *argv))
    assert told is not None
    return cells(told)["python3"]


def _files(listed: str) -> dict[str, set[str]]:
    """Mode, owner and digest of each file, but not of those that the engine mounts, nor of the program."""
    lines = [line.split() for line in listed.splitlines()]
    names = {word for line in lines for word in line if word.startswith("/")} - NOT_OURS
    return {name: {" ".join(line) for line in lines if name in line} for name in names}


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_what_is_taken_back_leaves_no_trace_and_is_missed(
    docker: Engine, tools: Image, container: Container, switch: Switch
) -> None:
    assert _python(container, switch.argv) == VENV
    # The wrappers would serve the start as well.
    without = sorted({switch.name, "wrappers"})
    output_of(container, "venvboot", "init", *(f"--no-activate={name}" for name in without))
    assert _python(container, switch.argv) in {"", "/usr"}
    before, now = _files(docker.run(tools, *LIST).stdout), _files(output_of(container, *LIST))
    assert now.get(switch.path) == before.get(switch.path)

    # Neither a run without the option nor `check` holds it to be promised or brings something else back.
    checked = json.loads(output_of(container, "venvboot", "check", "--only=activation", "--json"))
    assert [one for one in checked["findings"] if one["severity"] == "error"] == []
    output_of(container, "venvboot", "init")
    assert _python(container, switch.argv) == VENV


def test_all_of_it_can_be_taken_back_byte_for_byte(docker: Engine, tools: Image, container: Container) -> None:
    before, wired = _files(docker.run(tools, *LIST).stdout), _files(output_of(container, *LIST))
    assert set(EDITED) <= {path for path in before if wired[path] != before[path]}
    output_of(container, "venvboot", "init", "--no-activate=all")
    output_of(container, "venvboot", "guard", "--undo")
    assert _files(output_of(container, *LIST)) == before
    assert container.execute("test", "-e", ENTRYPOINT).returncode == 1
    # And all of it comes back, the same.
    output_of(container, "venvboot", "init")
    assert _files(output_of(container, *LIST)).items() >= wired.items()
    assert container.execute("test", "-x", ENTRYPOINT).returncode == 0


@pytest.mark.parametrize("path", EDITED)
def test_what_others_write_beside_the_block_stays(
    docker: Engine, tools: Image, container: Container, path: str
) -> None:
    output_of(container, "sh", "-c", f"sed -i '1i # before' {path} && echo '# after' >>{path}")
    assert "[foreign-file]" not in container.execute("venvboot", "init").stderr
    before = docker.run(tools, "cat", path).stdout
    output_of(container, "venvboot", "init", "--no-activate=all")
    # What stood above the block and below it, in the order of then.
    assert output_of(container, "cat", path) == f"# before\n{before}# after\n"


def test_a_second_run_writes_nothing(docker: Engine, build_wired: BuildWired) -> None:
    twice = build_wired("twice")
    assert docker.layer_sizes(twice)[-1].size == 0
    with docker.start(twice, "sleep", "600") as container:
        output_of(container, "venvboot", "init")
        assert container.diff() == {}


def test_bash_env_is_there_on_request_and_serves_bash_under_a_foreign_path(
    docker: Engine, container: Container
) -> None:
    assert "BASH_ENV" not in output_of(container, "venvboot", "env")
    output_of(container, "venvboot", "init", "--activate=all", "--activate=bash-env")
    assert f"ENV BASH_ENV={PROFILE}\n" in output_of(container, "venvboot", "env")
    under = ["exec", "--env=PATH=/usr/bin:/bin", f"--env=BASH_ENV={PROFILE}", container.name]
    told = told_in(docker.client(*under, "bash", "-c", SOURCED).stdout)
    assert told is not None
    assert set(cells(told).values()) == {VENV}
    output_of(container, "venvboot", "init", "--no-activate=bash-env")
    assert "BASH_ENV" not in output_of(container, "venvboot", "env")
    assert _python(container, ("sh", "-lc", SOURCED)) == VENV
