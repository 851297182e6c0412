"""What an installation of venvboot refuses because of where, and with which libraries, it is installed."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Tuple

import pytest

from tests.integration.installations import Distribution, new_environment
from tests.integration.tool import HARMLESS, Tool, Wheels, codes, snapshot

Versions = Dict[Tuple[int, int], str]


def test_libraries_for_another_python_are_told(
    distribution: Distribution, tool: Tool, pythons: Versions, wheels: Wheels
) -> None:
    old, new = (3, 9), max(pythons)
    if old not in pythons or new < (3, 10):
        pytest.skip("no Python 3.9 and a later one on this machine")
    programs = new_environment(pythons[new], tool.folder / "tool")
    distribution.install(str(programs / "python"))
    carried = replace(tool, bundle=str(programs / "venvboot"))
    venv = str(tool.folder / "venv")
    done = carried("init", venv, "--python", pythons[old], *HARMLESS)
    assert done.returncode == 0, done.stderr
    (tool.folder / "requirements.in").write_text("demo\n")
    wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    for verb in ("sync", "compile"):
        told = carried.json(verb, "--venv", venv, code=5)
        (finding,) = told["findings"]
        assert finding["code"] == "no-library"
        assert "for Python {}.{}: ".format(*new) in finding["evidence"]
        assert "uvx --python 3.9" in finding["hint"]
    assert carried("install", "--venv", venv, "demo").returncode == 0


def test_a_sync_that_would_remove_the_venvboot_that_runs_is_refused(
    distribution: Distribution, tool: Tool, one_python: str, wheels: Wheels
) -> None:
    venv = tool.folder / "venv"
    assert tool("init", str(venv), "--python", one_python, *HARMLESS).returncode == 0
    distribution.install(str(venv / "bin/python"))
    wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    before = snapshot(venv)
    own = replace(tool, bundle=str(venv / "bin/venvboot"))
    assert codes(own.json("sync", "--venv", str(venv), code=3)) == ["removes-itself"]
    assert snapshot(venv) == before
    assert tool("sync", "--venv", str(venv)).returncode == 0
    assert not (venv / "bin/venvboot").exists()
