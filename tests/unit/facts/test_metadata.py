"""Metadata that nobody can read to its end, wherever pip and pip-tools would look."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from venvboot.facts import metadata
from venvboot.system import System

INFO = "demo-1.0.dist-info"


def _site(folder: Path) -> Path:
    info = folder / "site-packages" / INFO
    (info / "licenses").mkdir(parents=True)
    (info / "METADATA").write_text("Name: demo\n")
    (info / "RECORD").symlink_to("METADATA")
    (info / "gone").symlink_to("nowhere")
    return folder / "site-packages"


def _found(site: Path) -> str:
    found = metadata.unreadable(System(), [str(site)])
    return found[0] if found else ""


@pytest.mark.parametrize(
    "path",
    [
        f"{INFO}/direct_url.json",
        f"{INFO}/top_level.txt",
        "x-1.0.dist-info",
        "x.dist-info/METADATA",
        "x-1.0.egg-info",
        "x-1.0.egg-info/PKG-INFO",
        "x.egg-link",
        "x-1.0.egg",
        "x-1.0.egg/EGG-INFO/PKG-INFO",
    ],
)
def test_a_pipe_is_found_wherever_metadata_may_stand(tmp_path: Path, path: str) -> None:
    site = _site(tmp_path)
    assert not _found(site)
    (site / path).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(site / path)
    assert _found(site) == str(site / path)


def test_a_link_to_a_device_is_no_better_than_that(tmp_path: Path) -> None:
    site = _site(tmp_path)
    (site / INFO / "INSTALLER").symlink_to("/dev/zero")
    assert _found(site) == str(site / INFO / "INSTALLER")


def test_a_file_without_an_end_in_sight_is_found(tmp_path: Path) -> None:
    site = _site(tmp_path)
    with (site / INFO / "direct_url.json").open("wb") as file:
        file.truncate(metadata.MOST)
        assert not _found(site)
        file.truncate(metadata.MOST + 1)
    assert _found(site) == str(site / INFO / "direct_url.json")


def test_what_an_egg_link_leads_to_is_looked_at_too_and_no_further(tmp_path: Path) -> None:
    site, project = _site(tmp_path), tmp_path / "project"
    (project / "x.egg-info").mkdir(parents=True)
    (project / "back.egg-link").write_text(str(site))
    (site / "x.egg-link").write_text(f"\n  {project}\n.")
    assert not _found(site)
    os.mkfifo(project / "x.egg-info/PKG-INFO")
    assert _found(site) == str(project / "x.egg-info/PKG-INFO")
    os.mkfifo(tmp_path / "pipe")
    (site / "x.egg-link").write_text("../pipe\n")
    assert _found(site) == f"{site}/../pipe"
