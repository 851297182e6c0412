"""A base image as the README has it, and children that only say FROM: filled, checked, with no secret in a layer."""

from __future__ import annotations

import re
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import BuildFailed, Engine, Image
from tests.images.private_index import NETRC, PASSWORD, private_index
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
VALUE = ("python", "-c", "import here_main; print(here_main.__file__)")
OPEN = "COPY wheels /srv/wheels/\nENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/srv/wheels\n"


def of_readme() -> str:
    (found,) = [block for block in re.findall(r"```dockerfile\n(.*?)```", README, re.DOTALL) if "ONBUILD" in block]
    block: str = found
    return block.replace("FROM debian:12\n", "ARG BASE\nFROM ${BASE}\n", 1)


@dataclass(frozen=True)
class Index:
    """Its address, where its wheel lies, and a lock of that."""

    address: str
    wheel: Path
    lock: str


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("index")
    place = folder / "simple" / "here"
    place.mkdir(parents=True)
    digest = make_wheel(place, "here", "1.0", module="here_main")
    (wheel,) = place.glob("*.whl")
    with private_index(folder) as address:
        yield Index(address, wheel, f"here==1.0 --hash=sha256:{digest}\n")


@pytest.fixture
def secrets(tmp_path: Path, index: Index) -> tuple[str, ...]:
    (tmp_path / "netrc").write_text(NETRC)
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {index.address}\n")
    return tuple(f"--secret=id={name},src={tmp_path / name}" for name in ("netrc", "pip.conf"))


@pytest.fixture(scope="module", params=[base.name for base in DEBIAN_RELEASES])
def base(request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    return docker.build(dockerfile=of_readme(), base=base_image(request.param), files={"venvboot": venvboot})


@pytest.fixture(scope="module")
def initialised(docker: Engine, venvboot: Path, base_image: Callable[[str], Base], index: Index) -> Image:
    """An image with an environment and wheels that anybody may read, for triggers of other kinds."""
    before = of_readme().partition("ENV VIRTUAL_ENV")[0]
    files: dict[str, Any] = {"venvboot": venvboot, f"wheels/{index.wheel.name}": index.wheel}
    return docker.build(dockerfile=before + OPEN, base=base_image("debian12"), files=files)


def printed(docker: Engine, image: Image, *words: str) -> str:
    done = docker.run(image, "venvboot", "onbuild", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_lines_of_the_manual_are_those_that_are_printed(docker: Engine, base: Image) -> None:
    assert of_readme().endswith("RUN venvboot init\n" + printed(docker, base))


def test_a_child_is_filled_and_checked_with_secrets_that_stay_nowhere(
    docker: Engine, base: Image, index: Index, secrets: tuple[str, ...], tmp_path: Path
) -> None:
    files = {"requirements.txt": index.lock}
    child = docker.build(dockerfile=f"FROM {base.tag}\nUSER 1001\n", files=files, options=secrets)
    assert "1 to add, 0 to change, 0 to remove" in child.log
    assert re.search(r"sharing +kept", child.log)
    done = docker.run(child, *VALUE)
    assert re.fullmatch(r"/opt/venv/lib/python3\.\d+/site-packages/here_main\.py\n", done.stdout), str(done)
    docker.client("save", "--output", str(tmp_path / "image.tar"), child.tag)
    with tarfile.open(tmp_path / "image.tar") as archive:
        contents = [archive.extractfile(member) for member in archive if member.isfile()]
        assert len(contents) > 5
        assert not [one for one in contents if one and PASSWORD.encode() in one.read()]
    assert PASSWORD not in child.log


def test_without_what_the_index_asks_for_the_build_fails_and_says_so(
    docker: Engine, base: Image, index: Index, secrets: tuple[str, ...]
) -> None:
    with pytest.raises(BuildFailed) as failed:
        docker.build(dockerfile=f"FROM {base.tag}\n", files={"requirements.txt": index.lock}, options=secrets[1:])
    assert "password of a private index" in failed.value.log, failed.value.log


def test_a_child_chooses_by_build_arguments_and_by_nothing_of_its_own(
    docker: Engine, initialised: Image, index: Index
) -> None:
    base = docker.build(dockerfile=f"FROM {initialised.tag}\n{printed(docker, initialised)}")
    files = {"requirements.txt": "\n", "locks/prod.txt": index.lock}
    late = f"FROM {base.tag}\nARG VENVBOOT_LOCK=locks/prod.txt\nENV VENVBOOT_LOCK=locks/prod.txt\n"
    assert docker.run(docker.build(dockerfile=late, files=files), *VALUE).returncode == 1
    chosen = {"VENVBOOT_LOCK": "locks/prod.txt", "VENVBOOT_BYTECODE": "none"}
    child = docker.build(dockerfile=f"FROM {base.tag}\n", files=files, build_args=chosen)
    assert docker.run(child, *VALUE).returncode == 0
    compiled = docker.run(child, "sh", "-c", "ls /opt/venv/lib/python3*/site-packages/__pycache__/here_main*")
    assert compiled.returncode != 0
    assert "unknown-variable" not in child.log
    with pytest.raises(BuildFailed, match=r"requirements\.txt"):
        docker.build(dockerfile=f"FROM {base.tag}\n")


def test_a_child_may_let_the_base_s_lock_go(docker: Engine, initialised: Image, index: Index, tmp_path: Path) -> None:
    digest = make_wheel(tmp_path, "here", "2.0", module="here_main")
    (wheel,) = tmp_path.glob("*.whl")
    files: dict[str, Any] = {"lock.txt": index.lock, f"wheels/{wheel.name}": wheel}
    filled = "COPY lock.txt wheels /srv/wheels/\nRUN venvboot sync /srv/wheels/lock.txt\n"
    base = docker.build(dockerfile=f"FROM {initialised.tag}\n{filled}{printed(docker, initialised)}", files=files)
    lock = {"requirements.txt": f"here==2.0 --hash=sha256:{digest}\n"}
    with pytest.raises(BuildFailed) as failed:
        docker.build(dockerfile=f"FROM {base.tag}\n", files=lock)
    assert "--build-arg VENVBOOT_REPLACE_PARENT=1" in failed.value.log, failed.value.log
    chosen = {"VENVBOOT_REPLACE_PARENT": "1", "VENVBOOT_AS_PARENT": "1", "VENVBOOT_SBOM": "/srv/sbom.json"}
    between = f"FROM {base.tag}\n{printed(docker, initialised)}"
    child = docker.build(dockerfile=between, files=lock, build_args=chosen)
    assert "pkg:pypi/here@2.0" in docker.run(child, "cat", "/srv/sbom.json").stdout
    with pytest.raises(BuildFailed) as failed:
        docker.build(dockerfile=f"FROM {child.tag}\n", files={"requirements.txt": index.lock})
    assert "parent-conflict" in failed.value.log, failed.value.log


def test_triggers_fire_once_and_not_for_a_copy(docker: Engine, initialised: Image, index: Index) -> None:
    base = docker.build(dockerfile=f"FROM {initialised.tag}\n{printed(docker, initialised)}")
    files = {"requirements.txt": index.lock}
    stages = f"FROM {base.tag} AS build\nFROM build AS next\nFROM next\nCOPY --from={base.tag} /etc/hostname /x\n"
    child = docker.build(dockerfile=stages, files=files)
    assert len(re.findall(r"wrote \d+ files", child.log)) == 1
    assert docker.run(docker.build(dockerfile=f"FROM {child.tag}\n"), *VALUE).returncode == 0


def test_the_base_s_user_runs_them(docker: Engine, initialised: Image, index: Index, tmp_path: Path) -> None:
    lines = printed(docker, initialised, "--user", "1001:0")
    base = docker.build(dockerfile=f"FROM {initialised.tag}\nUSER 1001:0\n{lines}")
    (tmp_path / "closed.txt").write_text(index.lock)
    (tmp_path / "closed.txt").chmod(0o600)
    closed: dict[str, Any] = {"requirements.txt": tmp_path / "closed.txt"}
    child = docker.build(dockerfile=f"FROM {base.tag}\n", files=closed)
    assert "wrote 9 files" in child.log, child.log
    again = {"requirements.txt": f"# {docker.session}\n{index.lock}"}
    cached = docker.build(dockerfile=f"FROM {base.tag}\n", files=again, cache=True)
    assert "1 more from the cache" in cached.log, cached.log
    owner = docker.run(child, "sh", "-c", "stat -c %u:%g /opt/venv/lib/python3*/site-packages/here_main.py")
    assert owner.stdout == "1001:0\n"
    assert docker.run(child, "venvboot", "check", user="1234567:0").returncode == 0


def test_the_legacy_builder_takes_the_lines_without_mounts(docker: Engine, initialised: Image, index: Index) -> None:
    lines = printed(docker, initialised, "--no-mounts")
    base = docker.build(dockerfile=f"FROM {initialised.tag}\n{lines}", builder="legacy")
    child = docker.build(dockerfile=f"FROM {base.tag}\n", files={"requirements.txt": index.lock}, builder="legacy")
    assert docker.run(child, *VALUE).returncode == 0
