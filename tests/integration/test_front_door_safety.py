"""What would break an environment with real pips: its own files, half an installation, a killed run."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

import pytest

from tests.integration.tool import Tool, codes, snapshot
from tests.integration.wheelhouse import make_wheel


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "house"
    folder.mkdir()
    make_wheel(folder, "good", "1.0")
    return folder


@pytest.mark.parametrize(
    "path",
    [
        "DATA/data/pyvenv.cfg",
        "DATA/data/venvboot.json",
        "DATA/scripts/python",
        "DATA/data/bin/activate",
        "DATA/purelib/venvboot_pip.pth",
        "_venvboot_pip.py",
        "DATA/data/lib64",
    ],
)
def test_no_wheel_replaces_a_file_of_the_environment(tool: Tool, one: Path, house: Path, path: str) -> None:
    make_wheel(house, "taker", "1.0", more={path: "#!python\n"})
    before = snapshot(one)
    told = tool.json("install", "--venv", str(one), "taker", code=3, PIP_FIND_LINKS=str(house))
    assert "environment-file" in codes(told)
    allowed = ("--allow", "taker:environment-file", "--because", "no exception is made of this")
    tool.json("install", "--venv", str(one), "taker", *allowed, code=2, PIP_FIND_LINKS=str(house))
    assert snapshot(one) == before


def test_pip_and_what_belongs_to_it_are_upgraded(tool: Tool, one: Path, house: Path) -> None:
    make_wheel(house, "pip", "99.0", more={"DATA/scripts/pip3.13": "#!python\n"})
    make_wheel(house, "setuptools", "99.0", more={"distutils-precedence.pth": ""})
    make_wheel(house, "wheel", "99.0")
    done = tool("install", "--venv", str(one), "pip>=99", "setuptools", "wheel", PIP_FIND_LINKS=str(house))
    assert done.returncode == 0, done.stderr
    site = next(one.glob("lib/python3*/site-packages"))
    found = {path.name for path in site.glob("*.dist-info")}
    assert found == {f"{name}-99.0.dist-info" for name in ("pip", "setuptools", "wheel")}


@pytest.mark.parametrize(
    "more",
    [
        {"a\nb.py": ""},
        {f"{'x' * 256}.py": ""},
        {"broken-1.0.dist-info/entry_points.txt": "[console_scripts]\nbroken = a:b\n../x = a:b\n"},
        {"broken-1.0.dist-info/entry_points.txt": "[console_scripts]\nbroken = a:b\nx\x1b = a:b\n"},
        {"broken-1.0.dist-info/entry_points.txt": "[console_scripts]\nbroken = a:b\nx = no_object\n"},
        {"broken-1.0.dist-info/entry_points.txt": "[console_scripts]\nbroken = a:b\ny x = a:b\n"},
    ],
)
def test_a_broken_wheel_leaves_nothing_of_the_whole_run(
    tool: Tool, one: Path, house: Path, more: Dict[str, str]
) -> None:
    make_wheel(house, "broken", "1.0", more=more)
    before = snapshot(one)
    words = ("install", "--venv", str(one), "good", "broken")
    assert codes(tool.json(*words, code=1, PIP_FIND_LINKS=str(house))) == ["wheel-not-valid"]
    assert snapshot(one) == before
