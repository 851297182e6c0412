"""venvboot as a wheel, with wheels of its libraries, so that it can be installed without an index."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, List

import pytest

from tests.integration.tool import Tool, Wheels
from tests.integration.wheelhouse import make_wheel

SOURCES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "venvboot")


@dataclass(frozen=True)
class Distribution:
    """The project's own wheel, and the folder where it lies beside the wheels of all that it needs."""

    wheel: Path
    house: Path

    def environ(self, more: str = "") -> Dict[str, str]:
        """Return what leads pip and uv to that folder alone, and to the folder ``more``."""
        folders = [str(self.house), *([more] if more else [])]
        return {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": " ".join(folders),
            "UV_FIND_LINKS": ",".join(folders),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_CONFIG": "1",
        }

    def install(self, python: str, *words: str, **variables: str) -> None:
        """Install venvboot with the pip of ``python``."""
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words, str(self.wheel)]
        environ = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, **self.environ(), **variables}
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def distribution(bundle: str, root: str, tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    """Build the wheel from a copy of the sources: what an earlier build left in the checkout would get into it."""
    sources, house = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("house")
    copy_sources(root, sources)
    # Neither is ever imported; pip-tools asks for them
    for needed in ("setuptools", "wheel"):
        make_wheel(house, needed, "99.0")
    for path, content in _libraries(bundle).items():
        (house / path).write_bytes(content)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "."]
    subprocess.run([*command, "--wheel-dir", str(house)], cwd=sources, check=True, capture_output=True)
    (wheel,) = house.glob("venvboot-*.whl")
    return Distribution(wheel, house)


def copy_sources(root: str, folder: Path) -> None:
    """Copy what a distribution is built from."""
    for name in SOURCES:
        path = os.path.join(root, name)
        if os.path.isdir(path):
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)


def _libraries(bundle: str) -> Dict[str, bytes]:
    """Return the wheels of the one file, and of pip those that virtualenv's holds."""
    found: Dict[str, bytes] = {}
    with zipfile.ZipFile(bundle) as file:
        for name in _wheels(file):
            content = found[os.path.basename(name)] = file.read(name)
            with zipfile.ZipFile(io.BytesIO(content)) as wheel:
                found.update({os.path.basename(pip): wheel.read(pip) for pip in _wheels(wheel) if "/pip-" in pip})
    return found


def _wheels(archive: zipfile.ZipFile) -> List[str]:
    return [name for name in archive.namelist() if name.endswith(".whl")]


def new_environment(python: str, folder: Path) -> Path:
    """Make an environment of ``python`` with pip, by none of our code, and return its bin folder."""
    command = [sys.executable, "-m", "virtualenv", "--quiet", "--no-download", "--python", python, str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "bin"


@pytest.fixture(scope="session")
def home_of_installed(distribution: Distribution, one_python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with venvboot."""
    programs = new_environment(one_python, tmp_path_factory.mktemp("installed") / "tool")
    distribution.install(str(programs / "python"))
    return programs


@pytest.fixture
def installed(tool: Tool, home_of_installed: Path, distribution: Distribution, wheels: Wheels) -> Tool:
    """The program of that installation."""
    environ = {**tool.environ, **distribution.environ(str(wheels.folder))}
    return replace(tool, bundle=str(home_of_installed / "venvboot"), environ=environ)
