"""The refusal to install into a Python that isn't an environment's."""

from __future__ import annotations

from typing import Callable

import pytest

from venvboot.model import Interpreter, SystemPackage
from venvboot.policy import shadow


@pytest.fixture(scope="session")
def base(make_interpreter: Callable[..., Interpreter], debian_package: SystemPackage) -> Interpreter:
    return make_interpreter(owner=debian_package)


def test_a_system_target_is_refused_by_the_owner_s_name(base: Interpreter) -> None:
    found = shadow.system_target(base, ["six", "jinja2==3"], "/opt/venv")
    assert (found.code, found.subject) == ("system-target", "/usr/bin/python3")
    assert "six, jinja2==3 would be installed into /usr/bin/python3" in found.message
    assert found.evidence == "/usr/bin/python3.11 belongs to python3.11-minimal 3.11.2-6 (dpkg)"
    assert found.hint == "RUN venvboot init /opt/venv && venvboot install --venv /opt/venv six jinja2==3"


def test_an_unowned_target_is_refused_with_its_origin(make_interpreter: Callable[..., Interpreter]) -> None:
    found = shadow.system_target(make_interpreter(), [], "/opt/venv")
    assert found.evidence == "its origin: no package's, in /usr"
    assert found.message.startswith("this would be installed")
    assert found.hint.endswith("--venv /opt/venv")
