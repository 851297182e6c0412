"""The way out of each conflict: it never names what is installed into, and says what can be done there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.policy.test_conflicts import CAUSES, NOTHING, R, arriving, judged, owned, target
from venvboot.model import Isolation
from venvboot.policy import conflicts
from venvboot.policy.conflicts import ISOLATED, SYSTEM, SYSTEM_SITE


@pytest.mark.parametrize(
    ("isolation", "dest", "named"),
    [
        (SYSTEM, "/opt/venv", "/opt/venv"),
        (SYSTEM, "/srv/env", "/srv/env"),
        (SYSTEM_SITE, "/opt/venv", "/opt/isolated"),
        (SYSTEM_SITE, "/opt/isolated", "/opt/venv"),
        (SYSTEM_SITE, "/srv/env", "/opt/venv"),
    ],
)
@pytest.mark.parametrize("kind", ["shadow-dist", "shadow-module"])
def test_the_environment_to_make_instead_is_another_and_is_installed_into(
    isolation: Isolation, dest: str, named: str, kind: str
) -> None:
    item, there, more = CAUSES[kind]
    found = judged(item, target(isolation, dest=dest, **more), there)[kind].finding
    assert f"venvboot init {named} && venvboot install --venv {named} x" in found.hint


@pytest.mark.parametrize(("isolation", "named"), [(SYSTEM, "/opt/venv"), (ISOLATED, "/opt/isolated")])
def test_a_file_of_a_package_is_left_alone_by_another_environment(isolation: Isolation, named: str) -> None:
    item, there, more = CAUSES["owned-file"]
    found = judged(item, target(isolation, **more), there)["owned-file"].finding
    assert found.hint.endswith(f"venvboot init {named}")


@pytest.mark.parametrize(("isolation", "folder"), [(SYSTEM, "/usr/local/bin"), (ISOLATED, "/opt/venv/bin")])
def test_the_folder_that_comes_first_in_path_is_named(isolation: Isolation, folder: str) -> None:
    item, there, _ = CAUSES["hide-command"]
    found = judged(item, target(isolation), there)["hide-command"].finding
    assert found.evidence.startswith(f"{folder} comes first in PATH; ")


def test_a_start_up_file_that_is_refused_has_a_way_out() -> None:
    item, there, _ = CAUSES["startup-hook"]
    refused = judged(item, target(SYSTEM), there)["startup-hook"].finding
    assert (refused.severity, "venvboot init /opt/venv" in refused.hint) == (R, True)
    assert "read it before" in judged(item, target(ISOLATED), there)["startup-hook"].finding.hint


def test_what_stands_there_and_is_of_no_distribution_is_removed_as_a_file() -> None:
    """Its name is that of a module: neither pip's uninstall nor an index knows it."""
    item = replace(arriving(import_roots=("cv2",)), name="cv2", version="")
    found = judged(item, target(there=True), owned({}, {"cv2": "python3-opencv"}))["shadow-module"].finding
    assert "remove it from /usr/local/lib/python3.11/dist-packages" in found.hint
    assert "uninstall" not in found.hint
    assert found.hint.endswith("venvboot install --venv /opt/venv NAME")


@pytest.mark.parametrize(("isolation", "told"), [(SYSTEM, True), (SYSTEM_SITE, False)])
def test_an_environment_upgrades_the_pip_that_it_has_itself(isolation: Isolation, told: bool) -> None:
    there = owned({"pip": "python3-pip"}, {"pip": "python3-pip"})
    item = arriving("pip", import_roots=("pip",), commands=("pip", "pip3"))
    assert ("shadow-dist" in judged(item, target(isolation), there)) is told
    assert "shadow-module" not in judged(item, target(isolation), NOTHING)


def test_another_environment_is_another() -> None:
    assert all(conflicts.another(place) != place for place in (*conflicts.PLACES, "/srv"))
