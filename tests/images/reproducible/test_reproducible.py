"""With SOURCE_DATE_EPOCH two builds have layers of one digest: contents, modes, owners, times and order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Builder, Engine, Image, Tagged
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = "1700000000"
MODULES = {"many/__init__.py": "", **{f"many/part{number}.py": f"VALUE = {number}\n" for number in range(20)}}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, venvboot: Path) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("wheels")
    more = {**MODULES, "DATA/scripts/many-tool": "#!python\nprint('here')\n", "DATA/data/share/many/notes": "notes\n"}
    digest = make_wheel(folder, "many", "1.0", module="many_main", more=more)
    make_wheel(folder, "later", "1.0", module="later_main")
    lock = f"many==1.0 --hash=sha256:{digest}\n"
    return {"venvboot": venvboot, "lock.txt": lock, **{f"wheels/{path.name}": path for path in folder.glob("*.whl")}}


def layers(docker: Engine, image: Image) -> list[str]:
    """Return the digests of the layers of `init`, of `sync` and of `install`."""
    told = docker.client("image", "inspect", "--format={{json .RootFS.Layers}}", image.tag).stdout
    found: list[str] = json.loads(told)
    return found[-3:]


@pytest.mark.parametrize("release", [base.name for base in DEBIAN_RELEASES])
def test_umask_and_a_warm_cache_make_no_difference(
    docker: Engine, base_image: Callable[[str], Base], files: dict[str, Any], release: str
) -> None:
    def build(umask: str, epoch: str = EPOCH, *, cache: bool = True) -> Image:
        given = {"UMASK": umask, "SOURCE_DATE_EPOCH": epoch, "SESSION": docker.session}
        folder = Path(__file__).parent
        return docker.build(folder, base=base_image(release), files=files, build_args=given, cache=cache)

    # Without a cache of steps BuildKit gives an empty mount as well; the others run for their new arguments.
    first = build("022", cache=False)
    second, other = build("077"), build("022", "1600000000")
    assert "0 more from the cache" in first.log
    assert "1 more from the cache" in second.log, second.log
    assert layers(docker, first) == layers(docker, second)
    assert not {*layers(docker, first)} & {*layers(docker, other)}
    times = docker.run(
        first, "find", "/opt/venv", "/etc/profile.d", "/usr/local/bin", "-newermt", "2023-11-14 22:13:21"
    )
    assert [path for path in times.stdout.splitlines() if path != "/usr/local/bin/venvboot"] == []


def test_the_legacy_builder_s_layers_are_alike_too(
    docker: Engine, base_image: Callable[[str], Base], files: dict[str, Any]
) -> None:
    lines = (Path(__file__).parent / "Dockerfile").read_text(encoding="utf-8")
    plain = lines.replace("--mount=type=cache,id=venvboot-reproducible,target=/root/.cache/venvboot ", "")
    builder: Builder = "legacy"
    found = [
        docker.build(
            dockerfile=plain,
            base=base_image("debian12"),
            files=files,
            builder=builder,
            build_args={"UMASK": umask, "SOURCE_DATE_EPOCH": EPOCH},
        )
        for umask in ("022", "027")
    ]
    assert layers(docker, found[0]) == layers(docker, found[1])


OTHERS = {
    "guard": ("debian12", "venvboot guard"),
    "a Python used directly": ("debian12-source", "venvboot init --direct --python /usr/local/bin/python3"),
    "a seal": ("debian12", "venvboot init && venvboot seal"),
}
ONCE = """ARG BASE
FROM ${BASE}
COPY venvboot /usr/local/bin/venvboot
ARG UMASK
ARG SOURCE_DATE_EPOCH
RUN umask $UMASK && LINE
"""


def _alike(docker: Engine, base: Tagged, files: dict[str, Any], line: str) -> None:
    found = [
        docker.build(
            dockerfile=ONCE.replace("LINE", line),
            base=base,
            files=files,
            build_args={"UMASK": umask, "SOURCE_DATE_EPOCH": EPOCH},
        )
        for umask in ("022", "077")
    ]
    assert layers(docker, found[0])[-1] == layers(docker, found[1])[-1]


@pytest.mark.parametrize("what", OTHERS)
def test_what_else_is_written_once_is_alike(
    docker: Engine, base_image: Callable[[str], Base], files: dict[str, Any], what: str
) -> None:
    release, line = OTHERS[what]
    _alike(docker, base_image(release), files, line)


def test_so_is_an_environment_of_a_software_collection(
    docker: Engine, base_image: Callable[[str], Base], files: dict[str, Any]
) -> None:
    base_image("debian12-flavours")
    rpm = Path(__file__).parents[1] / "origins" / "rpm"
    bare = docker.build(rpm, base=base_image("debian11-el"), files=files, target="collections", cache=True)
    _alike(docker, bare, files, "venvboot init --python /opt/rh/rh-python311/root/usr/bin/python3.11")
