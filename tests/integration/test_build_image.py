"""``scripts/build_image``: a layout of OCI images for every platform, written without an engine."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List

import pytest

OFFICIAL = {"386", "amd64", "arm/v5", "arm/v6", "arm/v7", "arm64/v8", "mips64le", "ppc64le", "riscv64", "s390x"}
ALSO = {"loong64"}


@dataclass(frozen=True)
class Maker:
    """The script, for a small file in place of the one file."""

    root: str
    folder: Path

    @property
    def output(self) -> Path:
        return self.folder / "venvboot.oci"

    def __call__(self, *words: str, umask: int = 0o022, **variables: str) -> subprocess.CompletedProcess[str]:
        program = self.folder / "venvboot"
        if not program.exists():
            program.write_bytes(b"#!/bin/sh\nexit 0\n")
        command = [sys.executable, os.path.join(self.root, "scripts/build_image.py"), "--file", str(program)]
        environ = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
        old = os.umask(umask)
        try:
            return subprocess.run(
                [*command, "--output", str(self.output), *words],
                env={**environ, **variables},
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            os.umask(old)

    def made(self, *words: str, **options: Any) -> Dict[str, bytes]:
        """Return the files of the layout that is made."""
        done = self(*words, **options)
        assert done.returncode == 0, done.stderr
        files = (path for path in self.output.rglob("*") if path.is_file())
        return {str(path.relative_to(self.output)): path.read_bytes() for path in files}


@pytest.fixture
def maker(root: str, tmp_path: Path) -> Maker:
    return Maker(root, tmp_path)


def blob(files: Dict[str, bytes], descriptor: Dict[str, Any]) -> bytes:
    """Return what a descriptor leads to, and prove that it is that."""
    algorithm, digest = descriptor["digest"].split(":")
    content = files[f"blobs/{algorithm}/{digest}"]
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (digest, descriptor["size"])
    return content


def manifests(files: Dict[str, bytes]) -> List[Dict[str, Any]]:
    (entry,) = json.loads(files["index.json"])["manifests"]
    assert entry["annotations"] == {"org.opencontainers.image.ref.name": "latest"}
    found: List[Dict[str, Any]] = json.loads(blob(files, entry))["manifests"]
    return found


def test_every_platform_has_the_same_layer_of_the_program_alone(maker: Maker) -> None:
    files = maker.made()
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    layers, platforms = [], set()
    for descriptor in manifests(files):
        manifest = json.loads(blob(files, descriptor))
        config = json.loads(blob(files, manifest["config"]))
        (layer,) = manifest["layers"]
        assert config["rootfs"]["diff_ids"] == [layer["digest"]]
        told = {key: config[key] for key in ("architecture", "os", "variant") if key in config}
        assert told == descriptor["platform"]
        assert told["os"] == "linux"
        platforms.add("/".join(told[key] for key in ("architecture", "variant") if key in told))
        layers.append(layer)
    assert platforms == OFFICIAL | ALSO
    assert all(layer == layers[0] for layer in layers)
    with tarfile.open(fileobj=io.BytesIO(blob(files, layers[0]))) as archive:
        (member,) = archive.getmembers()
        assert (member.name, member.mode, member.uid, member.gid, member.mtime) == (
            "venvboot",
            0o755,
            0,
            0,
            315532800,
        )
        content = archive.extractfile(member)
        assert content is not None
        assert content.read() == (maker.folder / "venvboot").read_bytes()
    assert len(files) == 2 + 1 + 1 + 2 * len(platforms)


def test_the_same_file_gives_the_same_bytes(maker: Maker) -> None:
    first = maker.made(umask=0o077, TZ="Asia/Tokyo")
    os.utime(maker.folder / "venvboot", (1, 1))
    (maker.folder / "venvboot").chmod(0o600)
    assert maker.made(umask=0o002, TZ="America/Lima") == first
    dated = maker.made(SOURCE_DATE_EPOCH="1700000000")
    assert dated != first
    (config,) = {
        json.loads(content)["created"] for content in dated.values() if content.startswith(b'{"architecture"')
    }
    assert config == "2023-11-14T22:13:20Z"


def test_its_companion_keeps_its_name(maker: Maker) -> None:
    companion = maker.folder / "venvboot-legacy"
    companion.write_bytes(b"#!/bin/sh\n")
    files = maker.made("--file", str(companion))
    (layer,) = json.loads(blob(files, manifests(files)[0]))["layers"]
    with tarfile.open(fileobj=io.BytesIO(blob(files, layer))) as archive:
        assert archive.getnames() == ["venvboot-legacy"]


def test_a_new_layout_takes_the_place_of_the_old_one(maker: Maker) -> None:
    first = maker.made()
    (maker.folder / "venvboot").write_bytes(b"#!/bin/sh\nexit 1\n")
    second = maker.made()
    assert not {*first} & {*second} - {"index.json", "oci-layout"}
    assert sorted(os.listdir(maker.folder)) == ["venvboot", "venvboot.oci"]


def test_what_is_no_layout_is_left_alone(maker: Maker) -> None:
    maker.output.mkdir()
    (maker.output / "mine").write_text("mine")
    done = maker()
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {maker.output} is there and no image layout\nhint: ")
    assert (maker.output / "mine").read_text() == "mine"


def test_a_file_that_was_not_built_is_told(maker: Maker) -> None:
    done = maker("--file", str(maker.folder / "venvboot-legacy"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: there is no file {maker.folder}/venvboot-legacy\nhint: python3 scripts/")
    assert not maker.output.exists()


def test_a_date_that_is_none_is_told(maker: Maker) -> None:
    done = maker(SOURCE_DATE_EPOCH="yesterday")
    assert done.returncode == 1
    assert "hint: give it in whole seconds since 1970" in done.stderr


@pytest.mark.parametrize("words", [[], ["--engine", "docker"]])
def test_without_an_engine_the_way_out_is_told(maker: Maker, words: List[str]) -> None:
    done = maker("--load", *words, PATH=str(maker.folder))
    assert done.returncode == 1
    assert "error: no engine to load into: docker isn't there" in done.stderr
    assert "hint: leave out --load" in done.stderr
    assert maker.output.is_dir()


@pytest.mark.parametrize(
    ("tag", "reference"),
    [
        ([], "venvboot:latest"),
        (["tools/venvboot:0.1.0"], "tools/venvboot:0.1.0"),
        (["localhost:5000/venvboot"], "localhost:5000/venvboot:latest"),
    ],
)
def test_docker_is_given_an_archive_of_its_own_platform(maker: Maker, tag: List[str], reference: str) -> None:
    programs = maker.folder / "bin"
    programs.mkdir()
    (programs / "docker").write_text('#!/bin/sh\n[ "$1" = load ] || { echo arm; exit; }\nexec /bin/cat >loaded.tar\n')
    (programs / "docker").chmod(0o755)
    done = maker("--load", *tag, PATH=str(programs))
    assert done.returncode == 0, done.stderr
    with tarfile.open(maker.folder / "loaded.tar") as archive:
        contents = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    (told,) = json.loads(contents["manifest.json"])
    assert told["RepoTags"] == [reference]
    config = json.loads(contents[told["Config"]])
    assert (config["architecture"], config["variant"]) == ("arm", "v7")
    (layer,) = told["Layers"]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(contents[layer]).hexdigest()}"]


def test_what_an_engine_refuses_is_shown(maker: Maker) -> None:
    engine = maker.folder / "podman"
    engine.write_text('#!/bin/sh\n[ "$1" = pull ] || exit 0\necho "no room" >&2\nexit 125\n')
    engine.chmod(0o755)
    done = maker("--load", "--engine", str(engine))
    assert done.returncode == 1
    assert "failed:\nno room\nhint: " in done.stderr
