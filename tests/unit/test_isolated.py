"""What the working directory and the caller's variables hold does not steer an interpreter of any version."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict

import pytest

from venvboot import isolated

VERSIONS = ["2.7", *(f"3.{minor}" for minor in range(6, 14))]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder in which the modules that pip and its start import first are somebody else's."""
    for name in ("json", "runpy", "pkgutil", "sysconfig", "sitecustomize", "usercustomize", "pip"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hijacked')\n")
    return tmp_path


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("site", [True, False], ids=["site", "no-site"])
def test_variables_steer_no_start_and_no_bytecode_is_written(
    pythons: Dict[str, str], hostile: Path, version: str, site: bool
) -> None:
    if version not in pythons:
        pytest.skip(f"no Python {version} on this machine")
    (hostile / "plain.py").write_text("")
    program = f"import sys, json, sysconfig; sys.path.insert(0, {str(hostile)!r}); import plain; print(sys.version)"
    environ = {"PYTHONPATH": str(hostile), "PYTHONUSERBASE": str(hostile), "PYTHONSTARTUP": str(hostile / "pip.py")}
    argv = [pythons[version], *isolated.options(f"{version}.0", site=site), "-c", program]
    done = subprocess.run(argv, env=environ, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert done.stdout.startswith(version)
    assert not list(hostile.glob("plain.pyc")) + list(hostile.glob("__pycache__"))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_working_directory_steers_no_start_of_pip(
    pythons: Dict[str, str], hostile: Path, tmp_path_factory: pytest.TempPathFactory, version: str
) -> None:
    """A prefix that stands for an environment: its Python is the real one, its pip a program that says its name."""
    if version not in pythons:
        pytest.skip(f"no Python {version} on this machine")
    folder = tmp_path_factory.mktemp("prefix")
    (folder / "pip").write_text("import json, sys, sysconfig\nprint(sys.argv[1:])\n")
    (folder / "python").write_text(f'#!/bin/sh\nexec {pythons[version]} "$@"\n')
    (folder / "python").chmod(0o755)
    argv = [*isolated.pip(str(folder / "python"), f"{version}.0"), "--version"]
    done = subprocess.run(argv, env={"PATH": "/bin"}, cwd=hostile, capture_output=True, text=True, check=False)
    assert "hijacked" not in done.stderr
    assert done.returncode == 0, done
    assert done.stdout.startswith("['--version']" if version == "2.7" else "pip ")


def test_only_python_2_does_without_option_i() -> None:
    assert isolated.options("2.7.18", site=False) == ["-E", "-s", "-S", "-B"]
    assert isolated.options("3.6.15", site=False) == ["-I", "-S", "-B"]
    assert isolated.options("20.1.0") == ["-I", "-B"]
