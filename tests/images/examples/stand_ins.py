"""What the examples are built on: no registry is within reach, so every base has a stand-in of the tests' own.

Debian's are Debian, made by mmdebstrap. All others are imitations, and the Dockerfiles say so in their first line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Builder, Engine, Image

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
ORIGINS = ROOT / "tests/images/origins"
FROM = re.compile(r"^FROM (\S+)", re.MULTILINE)

# What FROM says -> the base image of the tests.
BASES = {
    "debian:12-slim": "debian12",
    "ubuntu:24.04": "debian13",
    "python:3.13-bookworm": "debian12-source",
    "python:3.13-slim-bookworm": "debian12-source",
}
# What FROM says -> family, target and base of the image of this origin, and the package manager that it lacks.
ORIGIN_IMAGES = {
    "registry.access.redhat.com/ubi9/ubi-minimal:9.6": ("rpm", "sqlite-with-rpm", "debian11-el", "microdnf"),
    "alpine:3.22": ("trees", "apk", "debian12-flavours", "apk"),
    "condaforge/miniforge3:25.3.1-0": ("trees", "conda", "debian12-flavours", "conda"),
}
DISTROLESS = "gcr.io/distroless/python3-debian12:nonroot"
# The example that this name is the image of.
ONBUILD = {"python-base:1.0": "onbuild-base"}
# The imitation of UBI has another Python of the AppStream.
VERSIONS = {"ubi-appstream": ("3.12", "3.11")}


def dockerfile(name: str) -> str:
    (found,) = (EXAMPLES / name).rglob("Dockerfile")
    return found.read_text(encoding="utf-8")


class Examples:
    """Builds them, each once, with what stands for their bases."""

    def __init__(self, docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> None:
        self._docker = docker
        self._venvboot = venvboot
        self._base_image = base_image
        self._built: dict[str, Image] = {}

    def image(self, name: str) -> Image:
        if name not in self._built:
            self._built[name] = self.build(name)
        return self._built[name]

    def build(self, name: str, builder: Builder = "buildkit") -> Image:
        text = dockerfile(name).replace(*VERSIONS.get(name, ("", "")))
        text = FROM.sub(lambda found: f"FROM {self._stand_in(found.group(1))}", text)
        files = {"venvboot": self._venvboot}
        return self._docker.build(EXAMPLES / name, dockerfile=text, files=files, builder=builder)

    def _stand_in(self, name: str) -> str:
        if name in ONBUILD:
            return self.image(ONBUILD[name]).tag
        if name in ORIGIN_IMAGES:
            return self._of_origin(*ORIGIN_IMAGES[name]).tag
        return self._distroless().tag if name == DISTROLESS else self._base_image(BASES[name]).tag

    def _of_origin(self, family: str, target: str, base: str, manager: str) -> Image:
        """The image by which the tests know an origin; its package manager finds all there already."""
        self._base_image("debian12-flavours")
        files = {"venvboot": self._venvboot}
        made = self._docker.build(
            ORIGINS / family, base=self._base_image(base), files=files, target=target, cache=True
        )
        lines = f"FROM {made.tag}\nRUN rm /usr/local/bin/venvboot && ln -s /bin/true /usr/bin/{manager}\n"
        return self._docker.build(dockerfile=lines)

    def _distroless(self) -> Image:
        """Debian with what distroless has of dpkg, without any program but Python."""
        lines = f"""
            FROM {self._base_image("debian12").tag}
            COPY distroless.sh /tmp/distroless
            RUN groupadd --gid 65532 nonroot && useradd --uid 65532 --gid 65532 nonroot \\
             && sh /tmp/distroless && rm /tmp/distroless \\
             && find /usr/bin /usr/sbin /usr/local/bin ! -type d ! -name 'python3*' -delete
            USER 65532
            ENTRYPOINT ["/usr/bin/python3.11"]
        """
        return self._docker.build(dockerfile=lines, files={"distroless.sh": ORIGINS / "debian/distroless.sh"})
