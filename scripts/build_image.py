#!/usr/bin/env python3
"""Make the image that a RUN mounts venvboot from: a layout of OCI images, written without any engine.

    scripts/build_image [--load [TAG]]

It holds nothing but /venvboot (another --file goes by its own name), which is the same for every platform: one layer,
and for each platform a config of some hundred bytes. The same file gives the same bytes: what is in it is sorted,
owned by 0:0, not compressed (that would depend on the zlib at hand) and dated SOURCE_DATE_EPOCH or 1980-01-01.
"""

from __future__ import annotations

import argparse
import calendar
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.dont_write_bytecode = True
sys.path.insert(0, ROOT)

from scripts.build_zipapp import Failed, content_of, source_date  # noqa: E402  # the path is set above
from venvboot import __version__  # noqa: E402

# Those that Debian and Alpine have images for: architecture, variant
PLATFORMS = (
    ("386", ""),
    ("amd64", ""),
    ("arm", "v5"),
    ("arm", "v6"),
    ("arm", "v7"),
    ("arm64", "v8"),
    ("loong64", ""),
    ("mips64le", ""),
    ("ppc64le", ""),
    ("riscv64", ""),
    ("s390x", ""),
)
ENGINES = ("docker", "podman", "buildah")
OCI = "application/vnd.oci.image"
LAYER = f"{OCI}.layer.v1.tar"
CONFIG = f"{OCI}.config.v1+json"
MANIFEST = f"{OCI}.manifest.v1+json"
INDEX = f"{OCI}.index.v1+json"
REFERENCE = "org.opencontainers.image.ref.name"
LABELS = {
    "org.opencontainers.image.title": "venvboot",
    "org.opencontainers.image.version": __version__,
    "org.opencontainers.image.licenses": "MIT",
}


@dataclass(frozen=True)
class Blob:
    """A piece of the layout, named by its digest."""

    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def descriptor(self, **more: Any) -> dict[str, Any]:
        told = {"mediaType": self.media_type, "digest": f"sha256:{self.sha256}", "size": len(self.content)}
        return {**told, **more}


def main() -> int:
    """Write the layout and say its digest on stderr. Returns 0, or 1 after saying why that can't be done."""
    given = arguments()
    output = os.path.abspath(given.output)
    try:
        layer = layer_of(given.file)
        index, blobs = image(layer)
        write(output, layout(index, blobs))
        print(f"{output}: {len(PLATFORMS)} platforms, {index.descriptor()['digest']}", file=sys.stderr)
        if given.load:
            load(given.load, output, layer, given.engine)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {output} can't be made: {error}\nhint: make room, or choose another --output", file=sys.stderr)
        return 1
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="build_image", description="Make the image that a RUN mounts venvboot from."
    )
    parser.add_argument(
        "--load", metavar="TAG", nargs="?", const="venvboot", help="also put it into the engine, as TAG (venvboot)"
    )
    parser.add_argument("--engine", help=f"which one; default: the first that answers of {', '.join(ENGINES)}")
    parser.add_argument("--file", default=os.path.join(ROOT, "dist", "venvboot"), help="default: dist/venvboot")
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        default=os.path.join(ROOT, "dist", "venvboot.oci"),
        help="default: dist/venvboot.oci",
    )
    return parser.parse_args()


def layer_of(path: str) -> Blob:
    """Return the layer: an archive of nothing but the program, at its root. Raises Failed where there is none."""
    if not os.path.isfile(path):
        raise Failed(f"there is no file {path}", "python3 scripts/build_zipapp.py, for the other one with --legacy")
    program = content_of(path)
    member = tarfile.TarInfo(os.path.basename(path))
    member.size, member.mode, member.mtime = len(program), 0o755, seconds()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(program))
    return Blob(LAYER, buffer.getvalue())


def seconds() -> int:
    return calendar.timegm((*source_date(), 0, 0, 0))


def created() -> str:
    return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*source_date())


def config_of(layer: Blob, architecture: str, variant: str) -> Blob:
    told = {
        "created": created(),
        "architecture": architecture,
        **({"variant": variant} if variant else {}),
        "os": "linux",
        "config": {"Labels": LABELS},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.sha256}"]},
        "history": [{"created": created(), "created_by": f"venvboot {__version__}"}],
    }
    return Blob(CONFIG, as_json(told))


def image(layer: Blob) -> tuple[Blob, list[Blob]]:
    """Return the index of all platforms, and everything that it leads to."""
    blobs, manifests = [layer], []
    for architecture, variant in PLATFORMS:
        config = config_of(layer, architecture, variant)
        told = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(),
            "layers": [layer.descriptor()],
        }
        manifest = Blob(MANIFEST, as_json(told))
        platform = {"architecture": architecture, "os": "linux", **({"variant": variant} if variant else {})}
        manifests.append(manifest.descriptor(platform=platform))
        blobs += [config, manifest]
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": LABELS}
    return Blob(INDEX, as_json(index)), blobs


def layout(index: Blob, blobs: list[Blob]) -> dict[str, bytes]:
    """Return the files of the layout by their path; its one reference, ``latest``, leads to ``index``."""
    entry = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [index.descriptor(annotations={REFERENCE: "latest"})],
    }
    return {
        "oci-layout": as_json({"imageLayoutVersion": "1.0.0"}),
        "index.json": as_json(entry),
        **{f"blobs/sha256/{blob.sha256}": blob.content for blob in (index, *blobs)},
    }


def as_json(told: Any) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode("ascii")


def write(output: str, files: dict[str, bytes]) -> None:
    """Replace the layout ``output``. Raises Failed where that is something else."""
    if os.path.lexists(output) and not os.path.isfile(os.path.join(output, "oci-layout")):
        raise Failed(f"{output} is there and no image layout", "remove it, or choose another --output")
    os.makedirs(os.path.dirname(output), exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".venvboot-", dir=os.path.dirname(output)) as folder:
        new = os.path.join(folder, "new")
        for name, content in files.items():
            path = os.path.join(new, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        if os.path.isdir(output):
            os.rename(output, os.path.join(folder, "old"))
        os.rename(new, output)


def load(tag: str, output: str, layer: Blob, wanted: str | None) -> None:
    """Put the image of the engine's platform into it, as ``tag``. Raises Failed where that can't be done."""
    engine, architecture = engine_of((wanted,) if wanted else ENGINES)
    if os.path.basename(engine) == "docker":
        run([engine, "load", "--quiet"], archive_for_docker(tag, layer, architecture))
    else:
        identifier = run([engine, "pull", "--quiet", f"oci:{output}"]).strip().splitlines()[-1]
        run([engine, "tag", identifier, tag])
    print(f"{tag}: loaded into {engine}", file=sys.stderr)


def engine_of(names: tuple[str, ...]) -> tuple[str, str]:
    """Return the first program that answers, and what Docker says its architecture is."""
    said = []
    for name in names:
        if shutil.which(name) is None:
            said.append(f"{name} isn't there")
            continue
        is_docker = os.path.basename(name) == "docker"
        question = ["version", "--format", "{{.Server.Arch}}"] if is_docker else ["--version"]
        done = subprocess.run([name, *question], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return name, done.stdout.strip()
        said.append(f"{name}: {done.stderr.strip()}")
    raise Failed(f"no engine to load into: {'; '.join(said)}", "leave out --load, or start one; --engine names it")


def archive_for_docker(tag: str, layer: Blob, architecture: str) -> bytes:
    """Return what every ``docker load`` takes; older engines know no image layout."""
    variant = next((variant for name, variant in reversed(PLATFORMS) if name == architecture), "")
    config = config_of(layer, architecture, variant)
    names = {"config": f"{config.sha256}.json", "layer": f"{layer.sha256}/layer.tar"}
    reference = tag if ":" in tag.rpartition("/")[2] else f"{tag}:latest"
    manifest = as_json([{"Config": names["config"], "RepoTags": [reference], "Layers": [names["layer"]]}])
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        contents = (("manifest.json", manifest), (names["config"], config.content), (names["layer"], layer.content))
        for name, content in contents:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def run(argv: list[str], given: bytes = b"") -> str:
    done = subprocess.run(argv, input=given, capture_output=True, check=False)
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip()
        raise Failed(f"{' '.join(argv)} failed:\n{told}", "the engine's own message is above")
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
