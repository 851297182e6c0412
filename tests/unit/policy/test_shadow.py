"""The refusal to install into a Python that isn't an environment's."""

from __future__ import annotations

import shlex
from typing import Callable

import pytest

from venvboot.model import Interpreter, SystemPackage
from venvboot.policy import shadow


@pytest.fixture(scope="session")
def base(make_interpreter: Callable[..., Interpreter], debian_package: SystemPackage) -> Interpreter:
    return make_interpreter(owner=debian_package)


def test_a_system_target_is_refused_by_the_owner_s_name(base: Interpreter) -> None:
    found = shadow.system_target(base, "install", ["six", "jinja2==3"], "/opt/venv")
    assert (found.code, found.subject) == ("system-target", "/usr/bin/python3")
    assert "six, jinja2==3 would be installed into /usr/bin/python3" in found.message
    assert found.evidence == "/usr/bin/python3.11 belongs to python3.11-minimal 3.11.2-6 (dpkg)"
    assert found.hint == "RUN venvboot init /opt/venv && venvboot install --venv /opt/venv six jinja2==3"


def test_an_unowned_target_is_refused_with_its_origin(make_interpreter: Callable[..., Interpreter]) -> None:
    found = shadow.system_target(make_interpreter(), "install", ["six"], "/opt/venv")
    assert found.evidence == "its origin: no package's, in /usr"


def test_the_way_out_is_a_whole_command_for_sh(base: Interpreter) -> None:
    words = ["-r", "my reqs.txt", "./project", "jinja2>=3", "it's.whl"]
    found = shadow.system_target(base, "install", words, "/opt/my venv")
    assert found.message.startswith(
        "what my reqs.txt asks for, ./project, jinja2>=3, it's.whl would be installed into /usr/bin/python3"
    )
    command = found.hint.partition(" && ")[2]
    assert shlex.split(command) == ["venvboot", "install", "--venv", "/opt/my venv", *words]
    assert shlex.split(found.hint.partition(" && ")[0]) == ["RUN", "venvboot", "init", "/opt/my venv"]


def test_the_way_out_of_a_sync_is_a_sync(base: Interpreter) -> None:
    found = shadow.system_target(base, "sync", ["-r", "/app/a.txt", "-r", "/app/b c.txt"], "/opt/venv")
    assert found.hint == ("RUN venvboot init /opt/venv && venvboot sync --venv /opt/venv /app/a.txt '/app/b c.txt'")
