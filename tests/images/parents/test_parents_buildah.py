"""The same in buildah, whose two formats differ in what they keep of a Dockerfile and not in what layers hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Dict

import pytest

from tests.images.docker_engine import BuildFailed
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.buildah_engine import Buildah, BuiltImage, Format
    from tests.images.docker_engine import Content, Engine, Tagged

HERE = Path(__file__).parent
ADD = "COPY requirements.txt /app/\nRUN venvboot sync /app/requirements.txt && venvboot check\n"
PINS = ("here1.0", "here2.0", "extra1.0")
SEAL = "RUN venvboot seal && venvboot check\n"


@pytest.fixture(scope="module")
def files(venvboot: Path, tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Content]:
    folder = tmp_path_factory.mktemp("wheels")
    pins = {}
    for name, version in (("here", "1.0"), ("here", "2.0"), ("extra", "1.0")):
        digest = make_wheel(folder, name, version, module=f"{name}_main")
        pins[name + version] = f"{name}=={version} --hash=sha256:{digest}\n"
    made: Dict[str, Content] = {f"wheels/{path.name}": path for path in folder.glob("*.whl")}
    return {**made, "venvboot": venvboot, "parent.txt": pins["here1.0"], **pins}


def child(
    buildah: Buildah, below: Tagged, image_format: Format, lock: Content, lines: str, folder: Path
) -> BuiltImage:
    (folder / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n" + lines)
    return buildah.build(folder, base=below, image_format=image_format, files={"requirements.txt": lock})


@pytest.mark.parametrize("image_format", ["docker", "oci"])
def test_a_child_adds_conflicts_are_refused_and_a_seal_holds(
    buildah: Buildah,
    docker: Engine,
    base_image: Callable[[str], Base],
    files: Dict[str, Content],
    image_format: Format,
    tmp_path: Path,
) -> None:
    buildah.pull(docker, base_image("debian12"))
    context = {name: content for name, content in files.items() if name not in PINS}
    parent = buildah.build(HERE, base=base_image("debian12"), image_format=image_format, files=context)
    added = child(buildah, parent, image_format, files["extra1.0"], ADD, tmp_path)
    program = "import here_main, extra_main; print(here_main.VERSION, extra_main.VERSION)"
    assert buildah.run(added, "python", "-c", program).stdout == "1.0 1.0\n"
    with pytest.raises(BuildFailed) as failed:
        child(buildah, parent, image_format, files["here2.0"], ADD, tmp_path)
    assert "[parent-conflict]" in failed.value.log
    sealed = child(buildah, added, image_format, "", SEAL, tmp_path)
    done = buildah.run(sealed, "sh", "-c", "python -m pip --version || echo none", user="12345:0")
    assert done.stdout == "none\n"
