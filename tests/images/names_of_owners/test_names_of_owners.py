"""Whatever of the distro's a request would hide is refused with the name of the package that owns it.

The names and owners in tests/data/debian12-owners.json are those of metadata and dpkg themselves (`owners.py`).
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images import top_projects
from tests.images.docker_engine import Container, Content, Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

OWNERS: dict[str, str] = json.loads((top_projects.DATA / "debian12-owners.json").read_text())
SYSTEM = "/usr/bin/python3"
# A project of OWNERS whose only release is a source distribution, and what building it would leave behind.
SOURCE_ONLY = "lz4"
TRACE = "/built"
SETUP = f"open({TRACE!r}, 'w').close()\nfrom setuptools import setup\nsetup(name={SOURCE_ONLY!r}, version='99')\n"


def sdist() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = f"Metadata-Version: 2.1\nName: {SOURCE_ONLY}\nVersion: 99\n"
        for name, text in (("setup.py", SETUP), ("PKG-INFO", info)):
            member = tarfile.TarInfo(f"{SOURCE_ONLY}-99/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture(scope="module")
def container(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Iterator[Container]:
    wheels = top_projects.fetched()
    assert list(wheels.glob(f"{SOURCE_ONLY}-*")) == []
    files: dict[str, Content] = {"venvboot": venvboot, f"sdists/{SOURCE_ONLY}-99.tar.gz": sdist()}
    image = docker.build(Path(__file__).parent, base=base_image("debian12-libraries"), files=files, cache=True)
    with docker.start(image, "sleep", "1800", options=[f"--volume={wheels}:/srv/wheels:ro"]) as started:
        yield started


def test_the_list_is_long_and_what_dpkg_and_the_metadata_say(container: Container) -> None:
    told: dict[str, str] = json.loads(container.execute("python3", "-B", "/srv/owners.py").stdout)
    assert {name: told.get(name) for name in OWNERS} == OWNERS
    assert len(OWNERS) >= 150


def test_every_name_is_refused_with_its_owner_and_nothing_is_built_or_written(container: Container) -> None:
    before = container.diff()

    def ask(name: str) -> list[str]:
        command = ["timeout", "120", "venvboot", "install", "--python", SYSTEM, "--json", name]
        done = container.execute(*command)
        if done.returncode != 3:
            return [f"status {done.returncode}: {done.stderr}"]
        told: dict[str, Any] = json.loads(done.stdout)
        return [
            finding["message"]
            for finding in told["findings"]
            if finding["code"] == "shadow-dist" and finding["subject"] == name
        ]

    with ThreadPoolExecutor(3) as pool:
        answers = dict(zip(OWNERS, pool.map(ask, OWNERS)))

    missed = {name: answer for name, answer in answers.items() if not _names(answer, OWNERS[name])}
    assert missed == {}
    assert container.execute("test", "-e", TRACE).returncode == 1
    changed = {path: kind for path, kind in container.diff().items() if path != "/tmp"}
    assert changed == before


def test_the_source_distribution_of_that_test_would_leave_a_trace(container: Container) -> None:
    """Otherwise its absence proves nothing."""
    done = container.execute(
        "sh", "-c", f"cd / && tar -xzf /srv/sdists/*.gz && cd {SOURCE_ONLY}-99 && python3 setup.py -q egg_info"
    )
    assert done.returncode == 0, str(done)
    assert container.execute("test", "-e", TRACE).returncode == 0


def _names(answer: list[str], package: str) -> bool:
    return len(answer) == 1 and package in re.findall(r"[a-z0-9][a-z0-9.+-]*[a-z0-9]", answer[0])
