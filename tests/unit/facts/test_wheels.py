"""Real wheel files, looked into before anything is written."""

from __future__ import annotations

import zipfile
from pathlib import Path

from venvboot.facts import wheels
from venvboot.model import IncomingDistribution
from venvboot.system import System


def wheel(folder: Path, name: str, *files: str) -> None:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for file in files:
            archive.writestr(file, "")


def test_a_wheel_is_known_by_name_version_and_the_modules_in_it(tmp_path: Path) -> None:
    wheel(tmp_path, "opencv_python-4.9.0.80-cp37-abi3-linux_x86_64.whl", "cv2/__init__.py", "x-1.dist-info/RECORD")
    (tmp_path / "notes.txt").write_text("no wheel")
    assert wheels.incoming(System(), str(tmp_path), ["opencv-python"]) == (
        IncomingDistribution("opencv-python", "4.9.0.80", requested=True, import_roots=("cv2",)),
    )


def test_what_was_not_asked_for_is_a_dependency(tmp_path: Path) -> None:
    wheel(tmp_path, "MarkupSafe-2.1-py3-none-any.whl", "markupsafe/__init__.py")
    (found,) = wheels.incoming(System(), str(tmp_path), ["jinja2"])
    assert (found.name, found.requested) == ("markupsafe", False)


def test_modules_in_the_data_folder_land_in_site_packages_and_scripts_do_not(tmp_path: Path) -> None:
    data = "pkg-1.0.data"
    files = (f"{data}/purelib/pure.py", f"{data}/platlib/plat.so", f"{data}/scripts/tool.py", f"{data}/data/x.py")
    wheel(tmp_path, "pkg-1.0-py3-none-any.whl", *files, "folder/")
    (found,) = wheels.incoming(System(), str(tmp_path), [])
    assert found.import_roots == ("plat", "pure")


def test_a_folder_without_wheels_brings_nothing(tmp_path: Path) -> None:
    assert wheels.incoming(System(), str(tmp_path), ["x"]) == ()
    assert wheels.incoming(System(), str(tmp_path / "none"), ["x"]) == ()
