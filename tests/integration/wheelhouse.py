"""Small real wheels, and a project to be built, so that installs in tests need no network."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Mapping

NOTHING_MORE: Mapping[str, str] = {}


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    module: str = "",
    requires: tuple[str, ...] = (),
    tag: str = "py3-none-any",
    more: Mapping[str, str] = NOTHING_MORE,
) -> str:
    """Write a pure wheel with one module (named as the distribution unless told) and return its sha256.

    ``more`` are further files by their path; in one of them DATA stands for the folder of the wheel's data.
    """
    module = module or name.replace("-", "_")
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    files = {
        f"{module}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + "".join(f"Requires-Dist: {other}\n" for other in requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        + "".join(f"Tag: {python}-none-any\n" for python in tag.split("-", maxsplit=1)[0].split(".")),
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {module}:print\n",
    }
    files.update({path.replace("DATA", info.replace(".dist-info", ".data")): text for path, text in more.items()})
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    path = folder / f"{name.replace('-', '_')}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, text in files.items():
            wheel.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


# A project whose build needs nothing but Python: PEP 517 with a backend of its own.
BACKEND = """
import os, zipfile

def build_wheel(folder, *_):
    with open({told!r}, "a") as file:
        file.write("built\\n")
    info = "project-1.0.dist-info"
    files = {{
        "project.py": "VALUE = 1\\n",
        info + "/METADATA": "Metadata-Version: 2.1\\nName: project\\nVersion: 1.0\\n",
        info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: it\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        info + "/RECORD": "".join(
            name + ",,\\n" for name in ("project.py", info + "/METADATA", info + "/WHEEL", info + "/RECORD")
        ),
    }}
    with zipfile.ZipFile(os.path.join(folder, "project-1.0-py3-none-any.whl"), "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return "project-1.0-py3-none-any.whl"
"""


def make_project(folder: Path, built: Path) -> Path:
    """Write a project, whose build adds a line to ``built``, and return its folder."""
    folder.mkdir(parents=True)
    (folder / "backend.py").write_text(BACKEND.format(told=str(built)))
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "project"\nversion = "1.0"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    return folder


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
