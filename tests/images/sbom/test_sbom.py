"""The SBOM of an environment on a distro's Python: its base component is the package that dpkg has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Builder, Engine
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.buildah_engine import Buildah

HERE = Path(__file__).parent
EPOCH = "1700000000"
SBOM = "/srv/sbom.cdx.json"
TELLS = """
set -e
path=$(readlink -f /usr/bin/python3)
package=$(dpkg -S "$path" | cut -d: -f1)
. /etc/os-release
dpkg-query --show --showformat '${Package} ${Version} ${Architecture}' "$package"
echo " $ID $VERSION_ID $(sha256sum "$path" | cut -d' ' -f1)"
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, venvboot: Path) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("wheels")
    digests = {
        "needy": make_wheel(folder, "needy", "1.0", requires=("needed",)),
        "needed": make_wheel(folder, "needed", "1.0"),
    }
    lock = "".join(f"{name}==1.0 --hash=sha256:{digest}\n" for name, digest in digests.items())
    return {"venvboot": venvboot, "lock.txt": lock, **{f"wheels/{path.name}": path for path in folder.glob("*.whl")}}


@pytest.mark.parametrize(
    ("release", "builder"), [*((base.name, "buildkit") for base in DEBIAN_RELEASES), ("debian12", "legacy")]
)
def test_the_base_component_is_the_distro_s_package(
    docker: Engine, base_image: Callable[[str], Base], files: dict[str, Any], release: str, builder: Builder
) -> None:
    given = {"SOURCE_DATE_EPOCH": EPOCH}
    image = docker.build(HERE, base=base_image(release), files=files, build_args=given, builder=builder)
    text = docker.run(image, "cat", SBOM).stdout
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    told = json.loads(text)
    assert Bom.from_json(told).validate()  # type: ignore[attr-defined]
    name, version, architecture, distro, number, sha256 = docker.run(image, "sh", "-c", TELLS).stdout.split()
    (base,) = [one for one in told["components"] if one["bom-ref"] == "python"]
    assert name.startswith("python3")
    assert (base["name"], base["version"]) == (name, version)
    where = f"arch={architecture}&distro={distro}-{number}"
    assert base["purl"] == f"pkg:deb/{distro}/{name}@{quote(version, safe=':')}?{where}"
    (file,) = base["components"]
    assert file["hashes"] == [{"alg": "SHA-256", "content": sha256}]
    assert {one["name"] for one in told["components"]} == {name, "needy", "needed", "pip"}
    assert {"ref": "needy==1.0", "dependsOn": ["needed==1.0"]} in told["dependencies"]
    listed = docker.run(image, "stat", "--format=%a %Y %u", SBOM)
    assert listed.stdout.split() == ["644", EPOCH, "0"]


def test_in_buildah_too(
    buildah: Buildah, docker: Engine, base_image: Callable[[str], Base], files: dict[str, Any]
) -> None:
    base = base_image("debian12")
    buildah.pull(docker, base)
    given = {"SOURCE_DATE_EPOCH": EPOCH}
    image = buildah.build(HERE, base=base, image_format="oci", files=files, build_args=given)
    told = json.loads(buildah.run(image, "cat", SBOM).stdout)
    (python,) = [one for one in told["components"] if one["bom-ref"] == "python"]
    assert python["purl"].startswith("pkg:deb/debian/python3.11-minimal@")
