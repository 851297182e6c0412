"""Whatever of the distro's a request would hide is refused with the name of the package that owns it.

The index that is asked has real wheels of PyPI's, pinned by two locks; so has every project of the list but two. The
names and owners in tests/data/debian12-owners.json are those of metadata and dpkg themselves (`owners.py`).
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images import top_projects
from tests.images.docker_engine import Container, Content, Engine
from tests.images.names_of_owners.simple_index import SimpleIndex, project, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

OWNERS: dict[str, str] = json.loads((top_projects.DATA / "debian12-owners.json").read_text())
SYSTEM = "/usr/bin/python3"
# A project of OWNERS of which the index has a source distribution only, and what building it would leave behind.
SOURCE_ONLY = "lz4"
TRACE = "/built"
SETUP = f"open({TRACE!r}, 'w').close()\nfrom setuptools import setup\nsetup(name={SOURCE_ONLY!r}, version='99')\n"
# And one that it doesn't know.
UNKNOWN = "flatbuffers"
BY_NAME = {SOURCE_ONLY, UNKNOWN}


@dataclass(frozen=True)
class Answer:
    """What is said of the owner, and the evidence of every finding by its code."""

    message: str
    findings: dict[str, str] = field(default_factory=dict)

    @property
    def resolved(self) -> bool:
        return "not-resolved" not in self.findings


@dataclass(frozen=True)
class Asked:
    """A container, and the index that pip is led to in it."""

    container: Container
    index: SimpleIndex


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
def asked(
    docker: Engine,
    venvboot: Path,
    base_image: Callable[[str], Base],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Asked]:
    source = tmp_path_factory.mktemp("sdists") / f"{SOURCE_ONLY}-99.tar.gz"
    source.write_bytes(sdist())
    folders = [top_projects.fetched(), top_projects.fetched("debian12-owners")]
    wheels = {wheel.name: wheel for folder in folders for wheel in folder.glob("*.whl")}
    served = [wheel for wheel in wheels.values() if project(wheel) not in BY_NAME]
    files: dict[str, Content] = {"venvboot": venvboot, f"sdists/{source.name}": source}
    image = docker.build(Path(__file__).parent, base=base_image("debian12-libraries"), files=files, cache=True)
    with serve([*served, source]) as index:
        leading = {"PIP_INDEX_URL": index.address}
        with docker.start(image, "sleep", "1800", env=leading) as container:
            yield Asked(container, index)


def test_the_list_is_long_and_what_dpkg_and_the_metadata_say(asked: Asked) -> None:
    told: dict[str, str] = json.loads(asked.container.execute("python3", "-B", "/srv/owners.py").stdout)
    assert {name: told.get(name) for name in OWNERS} == OWNERS
    assert len(OWNERS) >= 150


def test_every_name_is_refused_with_its_owner_and_nothing_is_built_or_written(asked: Asked) -> None:
    before = asked.container.diff()

    def ask(name: str) -> Answer:
        command = ["timeout", "120", "venvboot", "install", "--python", SYSTEM, "--json", name]
        done = asked.container.execute(*command)
        if done.returncode != 3:
            return Answer(f"status {done.returncode}: {done.stderr}")
        told: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
        messages = [
            finding["message"] for finding in told if finding["code"] == "shadow-dist" and finding["subject"] == name
        ]
        return Answer("; ".join(messages), {finding["code"]: finding["evidence"] for finding in told})

    with ThreadPoolExecutor(3) as pool:
        answers = dict(zip(OWNERS, pool.map(ask, OWNERS)))

    missed = {
        name: answer for name, answer in answers.items() if not re.fullmatch(form(name, OWNERS[name]), answer.message)
    }
    assert missed == {}
    by_name = {name: answer.findings["not-resolved"] for name, answer in answers.items() if not answer.resolved}
    assert set(by_name) == BY_NAME, by_name
    assert {name for name, answer in answers.items() if "needs-build" in answer.findings} == {SOURCE_ONLY}
    assert asked.index.pages >= set(OWNERS)
    assert asked.container.execute("test", "-e", TRACE).returncode == 1
    changed = {path: kind for path, kind in asked.container.diff().items() if path != "/tmp"}
    assert changed == before


def test_the_source_distribution_of_that_test_would_leave_a_trace(asked: Asked) -> None:
    """Otherwise its absence proves nothing."""
    done = asked.container.execute(
        "sh", "-c", f"cd / && tar -xzf /srv/sdists/*.gz && cd {SOURCE_ONLY}-99 && python3 setup.py -q egg_info"
    )
    assert done.returncode == 0, str(done)
    assert asked.container.execute("test", "-e", TRACE).returncode == 0


def form(name: str, package: str) -> str:
    """The message that names the owner: with a version if it was resolved, without if it is judged by its name."""
    version = "" if name in BY_NAME else r" [0-9]\S*"
    return rf"{re.escape(name)}{version} would hide {re.escape(name)} \S+ of the package {re.escape(package)}"
