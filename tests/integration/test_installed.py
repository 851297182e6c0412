"""venvboot installed from its wheel: by pip into an environment or for a user, run by uvx and by pipx."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Dict, Tuple

import pytest

from tests.integration import pips, pipx, uv
from tests.integration.installations import Distribution, new_environment
from tests.integration.tool import HARMLESS, Tool, Wheels, site, snapshot

# What would break a program that imports them in place of the real ones
HOSTILE = (
    "json",
    "argparse",
    "packaging",
    "virtualenv",
    "platformdirs",
    "piptools",
    "installer",
    "runpy",
)

Versions = Dict[Tuple[int, int], str]


def home_of(venv: Path) -> str:
    """Return the folder of the base, as CPython reads it."""
    lines = (line.partition(" = ") for line in (venv / "pyvenv.cfg").read_text().splitlines())
    return os.path.realpath({key: value for key, _, value in lines}["home"])


def filled_by(tool: Tool, python: str, wheels: Wheels) -> Path:
    """Make, fill and check an environment with every verb that needs a library, and return it."""
    venv = tool.folder / "made"
    (tool.folder / "requirements.in").write_text("demo==1.0\n")
    told = tool.json("detect", python)
    assert [one["real_path"] for one in told["interpreters"]] == [os.path.realpath(python)]
    done = tool("init", str(venv), "--python", python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    for words in (("compile",), ("sync",), ("install", "other"), ("check", "--only", "sharing")):
        done = tool(words[0], "--venv", str(venv), *words[1:])
        assert done.returncode == 0, done.stdout + done.stderr
    assert wheels.digests["demo==1.0"] in (tool.folder / "requirements.txt").read_text()
    assert {"demo.py", "other.py"} <= set(os.listdir(site(venv)))
    done = tool("check", "--venv", str(venv), "--only", "environment")
    assert done.returncode == 0, done.stdout + done.stderr
    return venv


def synced_by(tool: Tool, python: str, wheels: Wheels) -> None:
    """Make and sync an environment: what needs virtualenv, pip, pip-tools and installer."""
    venv = str(tool.folder / "made")
    wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    for words in (("init", venv, "--python", python, *HARMLESS), ("sync", "--venv", venv)):
        done = tool(*words)
        assert done.returncode == 0, done.stderr
    assert "demo.py" in os.listdir(site(Path(venv)))


def test_every_verb_works_from_an_installation(
    installed: Tool, one_python: str, wheels: Wheels, home_of_installed: Path
) -> None:
    venv = filled_by(installed, one_python, wheels)
    assert home_of(venv) == os.path.dirname(os.path.realpath(one_python))
    told = b"".join(path.read_bytes() for path in venv.rglob("*") if path.is_file() and not path.is_symlink())
    assert str(home_of_installed.parent).encode() not in told


def test_the_pip_of_an_installation_may_be_of_any_age(
    distribution: Distribution, tool: Tool, pythons: Versions, wheels: Wheels
) -> None:
    """What reads a lock needs the one that virtualenv brings."""
    oldest = pythons[min(pythons)]
    programs = new_environment(oldest, tool.folder / "tool")
    distribution.install(str(programs / "python"))
    distribution.install(str(programs / "python"), "pip==22.3.1", PIP_FIND_LINKS=str(pips.fetched()))
    synced_by(replace(tool, bundle=str(programs / "venvboot")), oldest, wheels)


def test_nothing_else_is_imported_in_place_of_its_own(installed: Tool, one_python: str, wheels: Wheels) -> None:
    hostile = installed.folder / "hostile"
    hostile.mkdir()
    for name in HOSTILE:
        for folder in (hostile, installed.folder):
            (folder / f"{name}.py").write_text(f"open({str(hostile / 'sprung')!r}, 'w')\n")
    python_path = {**installed.environ, "PYTHONPATH": f"{hostile}:"}
    filled_by(replace(installed, environ=python_path), one_python, wheels)
    assert not (hostile / "sprung").exists()


def test_an_installation_is_left_as_it_was(installed: Tool, home_of_installed: Path, one_python: str) -> None:
    before = snapshot(home_of_installed.parent)
    done = installed("init", str(installed.folder / "venv"), "--python", one_python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    assert snapshot(home_of_installed.parent) == before


def test_started_as_a_module_it_is_isolated_as_well(
    installed: Tool, home_of_installed: Path, one_python: str
) -> None:
    (installed.folder / "json.py").write_text("raise SystemExit('not this one')\n")
    program = Path(installed.folder / "start")
    program.write_text(f'#!/bin/sh\nexec {home_of_installed}/python -m venvboot "$@"\n')
    program.chmod(0o755)
    tool = replace(installed, bundle=str(program))
    assert tool.json("detect", one_python, PYTHONPATH=str(installed.folder))["status"] == "done"


def test_an_installation_of_a_user_finds_its_own_libraries(
    distribution: Distribution, tool: Tool, pythons: Versions, wheels: Wheels
) -> None:
    """``-I`` takes the user's site-packages off the path."""
    python = pythons[max(pythons)]
    home = tool.environ["HOME"]
    distribution.install(python, "--user", "--no-warn-script-location", HOME=home)
    synced_by(replace(tool, bundle=f"{home}/.local/bin/venvboot"), python, wheels)


# -- run without an installation that stays ----------------------------------------------------------------------


def runner(folder: Path, *words: str) -> str:
    """Return a program that starts venvboot by the command line ``words``."""
    path = folder / "runner"
    path.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in words) + ' "$@"\n')
    path.chmod(0o755)
    return str(path)


def image_like(tool: Tool, distribution: Distribution, pythons: Versions, wheels: Wheels) -> Tuple[Tool, str]:
    """Return a tool with another ``python3`` first on PATH than the newest, and that one."""
    first = pythons[sorted(pythons)[-2]]
    programs = tool.folder / "image/bin"
    programs.mkdir(parents=True)
    (programs / "python3").symlink_to(first)
    path = f"{programs}:/usr/bin:/bin"
    return replace(tool, environ={**tool.environ, **distribution.environ(str(wheels.folder)), "PATH": path}), first


def proves_itself(tool: Tool, first: str) -> None:
    """The environment that comes without --python has the image's first Python as base."""
    venv = tool.folder / "venv"
    done = tool("init", str(venv), *HARMLESS)
    assert done.returncode == 0, done.stderr
    assert "it is the first python3 on PATH" in done.stderr
    assert home_of(venv) == os.path.dirname(os.path.realpath(first))
    told = tool.json("detect")
    (star,) = [one for one in told["interpreters"] if one["first_on_path"]]
    assert star["real_path"] == os.path.realpath(first)


def test_uvx_runs_it_for_the_python_of_the_image(
    distribution: Distribution, tool: Tool, pythons: Versions, wheels: Wheels
) -> None:
    program = uv.program()
    if program is None:
        pytest.skip("uv is not on this machine, and can't be fetched")
    alike, first = image_like(tool, distribution, pythons, wheels)
    # uvx puts the environment of the tool first on PATH
    words = (program, "tool", "run", "--quiet", "--no-index", "--from", str(distribution.wheel), "--python")
    proves_itself(replace(alike, bundle=runner(tool.folder, *words, pythons[max(pythons)], "venvboot")), first)
    fitting = replace(alike, bundle=runner(tool.folder, *words, first, "venvboot"))
    venv = filled_by(fitting, first, wheels)
    # The environment outlives what made it
    shutil.rmtree(Path(tool.environ["HOME"]) / ".cache")
    done = tool("check", "--venv", str(venv), "--only", "environment")
    assert done.returncode == 0, done.stdout + done.stderr


def test_pipx_runs_it_for_the_python_of_the_image(
    distribution: Distribution, tool: Tool, pythons: Versions, wheels: Wheels
) -> None:
    program = pipx.program()
    if program is None:
        pytest.skip("pipx can't be fetched")
    alike, first = image_like(tool, distribution, pythons, wheels)
    words = (program, "run", "--python", pythons[max(pythons)], "--spec", str(distribution.wheel), "venvboot")
    proves_itself(replace(alike, bundle=runner(tool.folder, *words)), first)
