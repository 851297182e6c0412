"""Variables that lead away from the environment."""

from __future__ import annotations

from typing import Dict, List

import pytest

from venvboot.policy import variables


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, []),
        ({"PIP_USER": "1"}, ["PIP_USER"]),
        ({"PIP_USER": "0"}, []),
        ({"PIP_USER": "No"}, []),
        ({"PIP_TARGET": "/srv", "PYTHONHOME": "/usr"}, ["PIP_TARGET", "PYTHONHOME"]),
        ({"PYTHONEXECUTABLE": "/opt/venv/bin/python"}, ["PYTHONEXECUTABLE"]),
        ({"UV_SYSTEM_PYTHON": "true"}, ["UV_SYSTEM_PYTHON"]),
        ({"UV_PROJECT_ENVIRONMENT": "/opt/venv/"}, []),
        ({"UV_PROJECT_ENVIRONMENT": "/usr"}, ["UV_PROJECT_ENVIRONMENT"]),
    ],
)
def test_each_is_told_with_its_value_and_a_way_out(environ: Dict[str, str], told: List[str]) -> None:
    found = variables.findings(environ, "/opt/venv")
    assert [one.subject for one in found] == told
    for one in found:
        assert one.code == "variable-misleads"
        assert one.evidence == f"{one.subject}={environ[one.subject]}"
        assert one.hint.startswith("ENV ")
