"""The most installed projects of PyPI go into an isolated environment, all at once, and nothing cries wolf.

The distro's Python beside it has packages of many of them. tests/data/top-projects-reviewed.json holds what may be
refused, with the reason, and what the lock leaves out because of its size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images import top_projects
from tests.images.docker_engine import Container, Engine

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

REVIEWED: dict[str, dict[str, str]] = json.loads((top_projects.DATA / "top-projects-reviewed.json").read_text())
REFUSED, BY_NAME_ONLY = REVIEWED["refused"], REVIEWED["by name only"]


@dataclass(frozen=True)
class Synced:
    """A container in which `sync` has run, and what that said."""

    container: Container
    done: subprocess.CompletedProcess[str]

    @property
    def findings(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = json.loads(self.done.stdout)["findings"]
        return told


@pytest.fixture(scope="module")
def synced(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Iterator[Synced]:
    wheels = top_projects.fetched()
    files = {"venvboot": venvboot, top_projects.LOCK.name: top_projects.LOCK}
    image = docker.build(Path(__file__).parent, base=base_image("debian12-libraries"), files=files, cache=True)
    with docker.start(image, "sleep", "1800", options=[f"--volume={wheels}:/srv/wheels:ro"]) as container:
        lock = f"/srv/{top_projects.LOCK.name}"
        without = "".join(f"/^{name}==/d;" for name in REFUSED)
        assert container.execute("sed", "-i", without, lock).returncode == 0
        yield Synced(container, container.execute("venvboot", "sync", "--json", lock))


def test_the_sample_is_whole() -> None:
    """Each project is in the lock, or is left out by name and with a reason."""
    lines = (top_projects.DATA / "top-projects.txt").read_text().splitlines()
    names = {line for line in lines if line and not line.startswith("#")}
    assert len(names) >= 200
    assert set(top_projects.versions()) | set(BY_NAME_ONLY) == names
    assert all(reason for reasons in REVIEWED.values() for reason in reasons.values())


def test_the_distro_has_many_of_them_too(synced: Synced) -> None:
    """Otherwise there would be nothing to take for a collision."""
    owners: dict[str, str] = json.loads((top_projects.DATA / "debian12-owners.json").read_text())
    packages = {owners[name] for name in top_projects.versions() if name in owners}
    assert len(packages) >= 60
    done = synced.container.execute("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}\n", *sorted(packages))
    assert done.stdout.split() == ["ii"] * len(packages), str(done)


def test_nothing_is_refused(synced: Synced) -> None:
    refusals = [finding for finding in synced.findings if finding["severity"] == "error"]
    assert (synced.done.returncode, refusals) == (0, []), synced.done.stderr


def test_all_of_them_are_installed_with_their_versions(synced: Synced) -> None:
    done = synced.container.execute("pip", "list", "--format=json", "--disable-pip-version-check")
    assert done.returncode == 0, str(done)
    has = {
        entry["name"].lower().replace("_", "-").replace(".", "-"): entry["version"]
        for entry in json.loads(done.stdout)
    }
    wanted = {name: version for name, version in top_projects.versions().items() if name not in REFUSED}
    assert {name: has.get(name) for name in wanted} == wanted


def test_check_is_content_with_the_environment(synced: Synced) -> None:
    done = synced.container.execute("venvboot", "check")
    assert done.returncode == 0, str(done)


def test_what_is_reviewed_is_still_refused(synced: Synced) -> None:
    """Otherwise the list would grow old."""
    for name in REFUSED:
        done = synced.container.execute("venvboot", "install", "--dry-run", "--json", name)
        assert done.returncode == 3, str(done)
