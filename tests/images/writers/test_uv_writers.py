"""The same with uv, which gives directories the umask of its start and files the mode of its cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.images.writers.harness import FIRST, OTHER, SECOND, Writers, build, newest_pip, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine

# Each user has a cache folder: one that was filled at umask 022 refuses the second user.
CACHE = "export UV_CACHE_DIR=/tmp/uv-$(id -u)"
UV = f"{CACHE} && umask 002 && uv pip"
UV_022 = f"{CACHE} && umask 022 && uv pip"
ON_ONE_BASE = pytest.mark.parametrize("base", ["debian12"], indirect=True)


@pytest.fixture
def writers(docker: Engine, venvboot: Path, base: Base) -> Iterator[Writers]:
    with started(docker, build(docker, venvboot, base, "uv"), base) as started_writers:
        yield started_writers


def sharing(writers: Writers) -> list[tuple[str, str]]:
    """The code and subject of each finding of `check --only sharing`."""
    done = writers.attempt("root", "venvboot check --only sharing --json")
    found = json.loads(done.stdout)["findings"]
    assert done.returncode == (4 if found else 0), str(done)
    return [(finding["code"], finding["subject"]) for finding in found]


def test_each_writer_upgrades_and_removes_with_uv_or_pip_what_the_others_installed_with_uv_or_pip(
    writers: Writers, base: Base
) -> None:
    newest = newest_pip(base)
    both = {"vbns-alpha": "1.0", "vbfull": "1.0", "vbsingle": "2.0"}
    writers.step(FIRST, f"{UV} install vbns-alpha==1.0 vbfull==1.0", both)
    writers.step(SECOND, f"{UV} install vbns-beta==1.0 vbsingle==1.0", {"vbns-beta": "1.0", "vbsingle": "1.0"})
    upgraded = {"vbns-alpha": "2.0", "vbfull": "2.0", "vbsingle": "2.0"}
    writers.step(SECOND, f"{UV} install -U vbns-alpha vbfull vbsingle", upgraded)
    writers.step("root", f"{UV} install --reinstall vbfull==1.0 vbsingle==1.0", {"vbfull": "1.0", "vbsingle": "1.0"})
    writers.step(FIRST, "pip install -U vbfull vbns-beta", {"vbfull": "2.0", "vbns-beta": "2.0"})
    writers.step(SECOND, f"{UV} install pip==24.3.1", {"pip": "24.3.1"})
    writers.step(FIRST, f"pip install pip=={newest}", {"pip": newest})
    writers.step("root", f"{UV} install pip==23.3.2", {"pip": "23.3.2"})
    writers.step(SECOND, f"{UV} uninstall vbfull vbsingle", {"vbfull": "", "vbsingle": ""})
    writers.step(FIRST, f"{UV} uninstall vbns-alpha", {"vbns-alpha": ""})
    writers.step(SECOND, "pip uninstall -y vbns-beta", {"vbns-beta": ""})


@ON_ONE_BASE
def test_a_file_from_a_cache_filled_at_umask_022_stops_nobody(writers: Writers) -> None:
    writers.run(FIRST, f"{UV_022} install --target /tmp/elsewhere vbfull==1.0 vbsingle==1.0")
    writers.step(FIRST, f"{UV} install vbfull==1.0 vbsingle==1.0", {"vbfull": "1.0", "vbsingle": "1.0"})
    file = "$(python -B -c 'import vbsingle; print(vbsingle.__file__)')"
    assert writers.run(OTHER, f"stat -c %a:%u {file}").stdout == "644:54321\n"
    writers.step(SECOND, f"{UV} install vbsingle==2.0", {"vbsingle": "2.0"})
    writers.step(SECOND, "pip install vbfull==2.0", {"vbfull": "2.0"})


@ON_ONE_BASE
def test_check_is_content_with_what_uv_leaves_behind(writers: Writers) -> None:
    """The lock that uv keeps in the environment is empty and 0666, and no way in."""
    writers.step(FIRST, f"{UV} install vbsingle", {"vbsingle": "2.0"})
    assert writers.run("root", "stat -c '%a %s' /opt/venv/.lock").stdout == "666 0\n"
    assert sharing(writers) == []


@ON_ONE_BASE
def test_directories_made_at_umask_022_are_named_by_check_and_mended_by_their_owner(
    writers: Writers, base: Base
) -> None:
    writers.run(FIRST, f"{UV_022} install vbns-alpha vbfull")
    writers.expected.update({"vbns-alpha": "2.0", "vbfull": "2.0", "vbsingle": "2.0"})
    packages = f"/opt/venv/lib/python{base.python}/site-packages"
    named = {subject for code, subject in sharing(writers) if code == "directory-not-shared"}
    assert {f"{packages}/vbfull", f"{packages}/vbns", f"{packages}/vbfull-2.0.dist-info"} <= named
    writers.step(FIRST, "venvboot fix", {})
    assert sharing(writers) == []
    writers.step(SECOND, f"{UV} uninstall vbns-alpha vbfull", {"vbns-alpha": "", "vbfull": ""})


@ON_ONE_BASE
def test_folders_of_compiled_files_of_whoever_imported_first_are_named_and_mended(
    writers: Writers, base: Base
) -> None:
    """It compiles nothing, so the first import does, at that process's umask and as its user."""
    writers.step(FIRST, f"{UV} install vbns-alpha vbfull", {"vbns-alpha": "2.0", "vbfull": "2.0", "vbsingle": "2.0"})
    writers.run(OTHER, "vbfull")
    compiled = f"/opt/venv/lib/python{base.python}/site-packages/vbfull/__pycache__"
    assert writers.run("root", f"stat -c %a:%u {compiled}").stdout == "2755:1234567\n"
    assert ("directory-not-shared", compiled) in sharing(writers)
    writers.step("root", "venvboot fix", {})
    nothing = {"vbns-alpha": "", "vbfull": "", "vbsingle": ""}
    writers.step(SECOND, "pip uninstall -y vbfull vbsingle vbns-alpha", nothing)
