"""What `RUN venvboot sync` leaves in a layer: what pip would have, for the group, and nothing else; no password."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Engine, Image, LayerFile
from tests.images.private_index import NETRC, PASSWORD, private_index
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VENV = "opt/venv/"
MODULES = {f"big/part{number}.py": f"VALUE = {number}\n" * 400 for number in range(60)}


@dataclass(frozen=True)
class Index:
    """Its address, and the locks of what it has: of the second one nothing is as in the first but `same`."""

    address: str
    files: dict[str, str]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("index")
    digests = {}
    for name, version, more in (
        ("same", "1.0", {}),
        ("big", "1.0", {"big/__init__.py": "", **MODULES, "DATA/data/share/big/notes.txt": "notes\n"}),
        ("big", "2.0", {"big/__init__.py": "", "big/other.py": "VALUE = 2\n"}),
        ("gone", "1.0", {"DATA/scripts/gone-tool": "#!python\nprint('here')\n"}),
        ("added", "1.0", {}),
    ):
        place = folder / "simple" / name
        place.mkdir(parents=True, exist_ok=True)
        digests[name, version] = make_wheel(place, name, version, module=f"{name}_main", more=more)

    def lock(**pins: str) -> str:
        return "".join(f"{pin[0]}=={pin[1]} --hash=sha256:{digests[pin]}\n" for pin in pins.items())

    files = {
        "first.txt": lock(same="1.0", big="1.0", gone="1.0"),
        "second.txt": lock(same="1.0", big="2.0", added="1.0"),
        "netrc": NETRC,
    }
    with private_index(folder) as address:
        yield Index(address, files)


@dataclass(frozen=True)
class Built:
    base: Base
    build: Callable[[str], Image]


@pytest.fixture(scope="module", params=[base.name for base in DEBIAN_RELEASES])
def built(
    request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base], index: Index
) -> Built:
    base = base_image(request.param)
    files: dict[str, Any] = {"venvboot": venvboot, **index.files}

    def build(target: str) -> Image:
        options: dict[str, Any] = {"base": base, "files": files, "build_args": {"INDEX": index.address}}
        # Every step but that of the target is one of the fixture's own before.
        return docker.build(Path(__file__).parent, target=target, cache=target != "cached", **options)

    return Built(base, build)


def within(layer: list[LayerFile]) -> list[LayerFile]:
    """Without what overlayfs notes of a folder that was moved into place: that nothing below it shines through."""
    return [member for member in layer if member.path.startswith(VENV) and not member.path.endswith("/.wh..wh..opq")]


def test_the_layer_is_that_of_pip_but_for_the_group(docker: Engine, built: Built) -> None:
    mine, other = docker.layer_files(built.build("sync")), docker.layer_files(built.build("pip"))
    beside = {member.path for member in mine if member.type != "directory" and not member.path.startswith(VENV)}
    assert beside == {f"usr/local/bin/{name}" for name in ("same", "big", "gone")}  # their wrappers
    files, others = (
        {member.path: member.size for member in within(layer) if member.type == "file"} for layer in (mine, other)
    )
    assert files.keys() - others.keys() == {f"{VENV}venvboot.json"}
    pips_own = {path for path in others if "/site-packages/pip/" in path}  # the bytecode of a pip that was run
    assert others.keys() - files.keys() == pips_own
    assert sum(files.values()) <= sum(others.values()) + 4096  # the record
    modes, theirs = (
        {member.path: (oct(member.mode), member.gid) for member in within(layer)} for layer in (mine, other)
    )
    assert {path: mode for path, mode in modes.items() if mode != theirs.get(path, mode)} == {}
    assert {mode for path, mode in modes.items() if path.endswith("/big")} == {(oct(0o2775), 0), (oct(0o775), 0)}


def test_no_layer_has_the_password(docker: Engine, built: Built, tmp_path: Path) -> None:
    image = built.build("derived")
    docker.client("save", "--output", str(tmp_path / "image.tar"), image.tag)
    with tarfile.open(tmp_path / "image.tar") as archive:
        manifest = archive.extractfile("manifest.json")
        assert manifest is not None
        layers = json.load(manifest)[0]["Layers"]
        for name in layers:
            layer = archive.extractfile(name)
            assert layer is not None
            content = layer.read()
            assert b"big/part59.py" in content or name != layers[-3]
            assert PASSWORD.encode() not in content
    assert PASSWORD not in image.log


def test_any_uid_of_the_group_changes_it_in_a_derived_layer(docker: Engine, built: Built) -> None:
    image = built.build("derived")
    layers = [layer for layer in docker.layers_above(image, built.base) if within(layer)]
    last = within(layers[-1])
    assert {member.uid for member in last if member.type == "file" and "/.wh." not in member.path} <= {54321, 0}
    gone = {member.path for member in last if "/.wh." in member.path}
    assert any(path.endswith("/.wh.gone-tool") for path in gone)
    assert not any(".venvboot-sync" in member.path for member in last)
    same = [member for member in last if "/same" in member.path]
    assert same == []  # what stays isn't copied up
    done = docker.run(image, "python", "-c", "import big.other, added_main; print(big.other.VALUE)")
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert docker.run(image, "gone-tool").returncode != 0


def test_a_cache_mount_serves_the_next_build_without_an_index(built: Built) -> None:
    log = built.build("cached").log
    assert "fetched 3 wheels" in log
    assert "fetched 0 wheels, 0 bytes" in log
    assert "3 more from the cache" in log


COMPILED = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: py3-none-any\n"
FEDORAS = """
FROM {base}
RUN rpm --force-debian --install --nodeps --noscripts /srv/rpm/rhel9-appstream/*.rpm /srv/rpm/rhel9/*.rpm && ldconfig
COPY venvboot /usr/local/bin/venvboot
RUN venvboot init --python /usr/bin/python3.11
COPY compiled-1.0-py3-none-any.whl both.txt none.txt ./
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/
RUN venvboot sync both.txt && test -d /opt/venv/lib64/python3.11/site-packages/compiled-1.0.dist-info
RUN venvboot sync both.txt 2>&1 | grep 'nothing to do'
RUN venvboot sync --replace-parent none.txt
RUN test ! -e /opt/venv/lib64/python3.11/site-packages/compiled-1.0.dist-info
RUN venvboot install compiled && /opt/venv/bin/python -c 'import compiled'
"""


def test_what_goes_to_lib64_on_an_rpm_system_is_installed_known_and_removed(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], tmp_path: Path
) -> None:
    digest = make_wheel(tmp_path, "compiled", "1.0", more={"compiled-1.0.dist-info/WHEEL": COMPILED})
    files: dict[str, Any] = {
        "venvboot": venvboot,
        "compiled-1.0-py3-none-any.whl": tmp_path / "compiled-1.0-py3-none-any.whl",
        "both.txt": f"compiled==1.0 --hash=sha256:{digest}\n",
        "none.txt": "\n",
    }
    docker.build(dockerfile=FEDORAS.format(base=base_image("debian11-el").tag), files=files)
