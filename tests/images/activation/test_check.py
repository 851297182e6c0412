"""`check` starts processes itself: what it says of them is so, and what it advises mends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.activation.reach import VENV
from tests.images.activation.switches import SWITCHES, Switch, output_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.images.base_images import Base
    from tests.images.docker_engine import Container, Engine, Image


@pytest.fixture(scope="module")
def base(base_image: Callable[[str], Base]) -> Base:
    """One release: how each shell starts in each release is the business of the other tests."""
    return base_image("debian12")


@pytest.fixture
def container(docker: Engine, wired: Image) -> Iterator[Container]:
    with docker.start(wired, "sleep", "600") as started:
        yield started


def test_check_writes_nothing_and_finds_nothing_missed(container: Container) -> None:
    checked: dict[str, Any] = json.loads(output_of(container, "venvboot", "check", "--only=activation", "--json"))
    assert container.diff() == {}
    assert checked["promises"]["activation"] == "kept"
    starts = {start["way"]: start for start in checked["starts"]}
    assert {start["state"] for start in starts.values()} == {"reached", "unreachable"}
    for start in starts.values():
        assert (start["python"] == VENV) == (start["state"] == "reached"), start
        assert bool(start["mend"]) == (start["state"] == "unreachable"), start


@pytest.mark.parametrize("switch", SWITCHES[:-1], ids=lambda switch: switch.name)
def test_check_sees_that_a_start_is_missed_and_names_the_mend(container: Container, switch: Switch) -> None:
    """Taken away by hand, so that the record still promises it."""
    output_of(container, "venvboot", "init", "--no-activate=wrappers")
    output_of(container, "sh", "-c", f"rm {switch.path}" if switch.whole else f": >{switch.path}")
    done = container.execute("venvboot", "check", "--only=activation", "--json")
    checked = json.loads(done.stdout)
    assert (done.returncode, checked["promises"]["activation"]) == (4, "broken"), str(done)
    missed = [start for start in checked["starts"] if start["state"] == "missed" and "env -i sh" not in start["way"]]
    assert missed, checked["starts"]
    assert all(start["mend"] and start["python"] != VENV for start in missed)
    errors = [one for one in checked["findings"] if one["severity"] == "error"]
    assert any(one["subject"] == switch.path for one in errors), errors
    # That these starts miss is the fault of that file, and told as one.
    assert not {start["way"] for start in missed} & {one["subject"] for one in errors}
    output_of(container, "venvboot", "init")
    output_of(container, "venvboot", "check", "--only=activation")


def test_a_script_of_plain_pip_is_named_with_the_rehash_which_then_serves_it(container: Container) -> None:
    def outdated() -> list[dict[str, str]]:
        told = json.loads(output_of(container, "venvboot", "check", "--only=activation", "--json"))
        return [one for one in told["findings"] if one["code"] == "wrappers-outdated"]

    (found,) = outdated()
    assert "vbplain" in found["message"]
    assert "vbrehashed" not in found["message"]
    command = found["hint"].split("`")[1]
    assert container.execute("env", "-i", "sh", "-c", "vbplain").returncode == 127
    output_of(container, *command.split())
    assert output_of(container, "env", "-i", "sh", "-c", "vbplain") == f"{VENV}\n"
    assert outdated() == []
    # Both ways: a script that pip removed leaves no wrapper that leads nowhere.
    output_of(container, "pip", "uninstall", "-y", "vbplain")
    (found,) = outdated()
    assert "vbplain" in found["message"]
    output_of(container, "venvboot", "install", "vblater")
    assert output_of(container, "env", "-i", "sh", "-c", "vblater") == f"{VENV}\n"
    assert container.execute("test", "-e", "/usr/local/bin/vbplain").returncode == 1
    assert outdated() == []


@pytest.mark.parametrize("name", ["profile.d", "fish", "zshenv"])
def test_the_hint_for_a_file_with_another_content_mends_it(container: Container, name: str) -> None:
    (switch,) = [one for one in SWITCHES if one.name == name]
    output_of(container, "sh", "-c", f"echo '# replaced by hand' >{switch.path}")
    told = json.loads(container.execute("venvboot", "check", "--only=activation", "--json").stdout)
    (hint,) = [one["hint"] for one in told["findings"] if one["subject"] == switch.path]
    commands = hint.split("`")[1::2]
    assert commands
    for command in commands:
        output_of(container, "sh", "-c", command)
    output_of(container, "venvboot", "check", "--only=activation")


def test_programs_that_are_missing_are_said_not_to_be_tried(docker: Engine, venvboot: Path, base: Base) -> None:
    """The same in the bare base, which has no sudo and no shells beside dash and bash."""
    options = [f"--volume={venvboot}:/usr/local/bin/venvboot:ro"]
    with docker.start(base, "sleep", "600", options=options) as bare:
        output_of(bare, "venvboot", "init")
        for user in ("root", "1001:0"):
            told = json.loads(bare.execute("venvboot", "check", "--only=activation", "--json", user=user).stdout)
            starts = {start["way"]: start for start in told["starts"]}
            tried = {way for way, start in starts.items() if start["state"] != "not tried"}
            assert {"exec form", "sh -c", "bash -lc", "sh -lc"} <= tried
            assert not tried & {"sudo", "zsh -c", "fish -c", "tcsh -c"}
            assert ("su -" in tried) == (user == "root")
            # ENV lines are missing here, and still nothing that is tried is missed: the wrappers are the net.
            assert {starts[way]["state"] for way in tried} == {"reached", "unreachable"}, starts


@pytest.mark.parametrize(
    "setting", ["PIP_USER=1", "PIP_TARGET=/tmp/t", "PYTHONHOME=/usr", "UV_SYSTEM_PYTHON=1", "PYTHONEXECUTABLE=/bin/x"]
)
def test_a_variable_that_misleads_is_an_error(docker: Engine, container: Container, setting: str) -> None:
    check = ["venvboot", "check", "--only=activation", "--json"]
    told = docker.client("exec", f"--env={setting}", container.name, *check, check=False)
    name, value = setting.split("=")
    (found,) = [one for one in json.loads(told.stdout)["findings"] if one["subject"] == name]
    assert (told.returncode, found["severity"]) == (4, "error"), str(told)
    assert value in found["evidence"]
    assert name in found["hint"]


def test_sudo_itself_finds_nothing_wrong(container: Container) -> None:
    output_of(container, "visudo", "--check")
    assert output_of(container, "stat", "-c", "%a %u:%g", "/etc/sudoers.d/venvboot") == "440 0:0\n"


def test_no_name_of_a_base_in_usr_local_is_taken(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base]
) -> None:
    """A wrapper there would start itself for ever."""
    options = [f"--volume={venvboot}:/usr/bin/venvboot:ro"]
    with docker.start(base_image("debian12-source"), "sleep", "600", options=options) as source:
        listing = ("sh", "-c", "cd /usr/local/bin && sha256sum *")
        before = output_of(source, *listing)
        assert "python3.11\n" in before
        output_of(source, "venvboot", "init")
        assert output_of(source, *listing) == before
        for start in (("sh", "-lc"), ("env", "-i", "bash", "-ic")):
            argv = (*start, "timeout 10 python3 -c 'import sys; print(sys.prefix)'")
            assert output_of(source, *argv) == f"{VENV}\n"
