"""The project's wheel holds all that the program reads."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.integration.installations import Distribution, copy_sources


def test_the_wheel_has_every_file_of_the_package(distribution: Distribution, root: str) -> None:
    files = (path for path in (Path(root) / "venvboot").rglob("*") if path.is_file())
    package = {str(path.relative_to(root)) for path in files if "__pycache__" not in path.parts}
    with zipfile.ZipFile(distribution.wheel) as wheel:
        assert {name for name in wheel.namelist() if ".dist-info/" not in name} == package


def test_build_makes_the_same_wheel_as_pip(distribution: Distribution, root: str, tmp_path: Path) -> None:
    """``python -m build`` goes by the sdist: what that lacks, the wheel lacks."""
    copy_sources(root, tmp_path)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "built"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (tmp_path / "built").glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(distribution.wheel) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
