"""buildah for tests: no daemon, isolation `chroot`, and a storage of its own that `close` removes.

Both image formats: OCI is buildah's default, and knows neither SHELL nor ONBUILD; Docker's has to be asked for.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.images.docker_engine import BuildFailed, context_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.images.docker_engine import Content, Engine, Tagged

Format = Literal["oci", "docker"]
# The others need control groups and limits that a build machine may not give away.
CHROOT = ("--isolation=chroot", "--network=host")
ATTEMPTS = 4
MEMORY = "/dev/shm"


class NoBuildah(Exception):
    """buildah is missing, or neither of its storage drivers works here."""


@dataclass(frozen=True)
class BuiltImage:
    """An image in buildah's storage; `log` is what the build printed."""

    tag: str
    log: str


class Buildah:
    """One buildah with one storage."""

    def __init__(self, folder: Path, driver: str) -> None:
        self._folder = folder
        storage = ("root", "runroot")
        self._global = [f"--storage-driver={driver}", *(f"--{name}={folder / name}" for name in storage)]
        self._pulled: set[str] = set()

    @classmethod
    def find(cls) -> Buildah:
        """The buildah on PATH, with the faster driver that works: vfs copies the whole image for every layer."""
        if shutil.which("buildah") is None:
            raise NoBuildah("there is no buildah: apt-get install buildah")
        said = []
        for driver in ("overlay", "vfs"):
            found = cls(Path(tempfile.mkdtemp(prefix="venvboot-test-buildah-", dir=_memory())), driver)
            # The smallest thing that makes the driver mount something.
            tried = found.client("from", "--quiet", "scratch", check=False)
            if tried.returncode == 0:
                mounted = found.client("mount", tried.stdout.strip(), check=False)
                if mounted.returncode == 0:
                    found.client("rm", "--all")
                    return found
                tried = mounted
            said.append(f"{driver}: {tried.stderr.strip()}")
            found.close()
        raise NoBuildah("; ".join(said))

    def client(self, *arguments: str, check: bool = True, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Run buildah. Its cache mounts and downloads stay in the folder of its storage."""
        temporary = self._folder / "tmp"
        temporary.mkdir(exist_ok=True)
        done = subprocess.run(
            ["buildah", *self._global, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "TMPDIR": str(temporary)},
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"buildah {' '.join(arguments)} ended with {done.returncode}\n{done.stderr}")
        return done

    def pull(self, docker: Engine, base: Tagged) -> None:
        """Take an image over from a Docker engine, once."""
        if base.tag in self._pulled:
            return
        archive = self._folder / "base.tar"
        docker.client("save", "--output", str(archive), base.tag)
        self.client("pull", "--quiet", f"docker-archive:{archive}")
        archive.unlink()
        self._pulled.add(base.tag)

    def build(
        self,
        context: Path,
        *,
        base: Tagged,
        image_format: Format,
        files: Mapping[str, Content],
        target: str | None = None,
        build_args: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> BuiltImage:
        """Build the folder's Dockerfile on a pulled base, or raise `BuildFailed`. The context is Engine.build's.

        A step that this storage already has is taken from there.
        """
        name = f"localhost/venvboot-test:{uuid.uuid4().hex[:12]}"
        arguments = ["bud", *CHROOT, f"--format={image_format}", "--layers", "--pull-never", f"--tag={name}"]
        arguments += [f"--build-arg=BASE={base.tag}", *([] if target is None else [f"--target={target}"])]
        arguments += [f"--build-arg={key}={value}" for key, value in (build_args or {}).items()]
        arguments += options
        with context_folder(context, None, files) as folder:
            done = self.client(*arguments, folder, check=False)
        log = done.stdout + done.stderr
        if done.returncode != 0:
            raise BuildFailed(arguments, done.returncode, log)
        return BuiltImage(name, log)

    def media_type(self, image: Tagged) -> str:
        """The type of the image's manifest, which tells the formats apart."""
        manifest = json.loads(self._inspect(image)["Manifest"])
        media_type: str = manifest.get("mediaType") or manifest["config"]["mediaType"]
        return media_type

    def layers(self, image: Tagged) -> list[str]:
        """The digests of its layers' contents, the lowest first."""
        told = json.loads(self.client("inspect", "--type=image", image.tag).stdout)
        digests: list[str] = told["OCIv1"]["rootfs"]["diff_ids"]
        return digests

    def config(self, image: Tagged) -> dict[str, object]:
        """The image's config as its own format has it: Env, Cmd, User and so on."""
        config: dict[str, object] = json.loads(self._inspect(image)["Config"])["config"]
        return config

    def run(self, image: Tagged, *argv: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in a new container of the image and remove it; the exit status is the caller's to judge.

        The command has to print something: under load buildah 1.28 now and then loses the output of a successful
        command (1 of 240 here), and then it is run again, in another new container.
        """
        options = [] if user is None else [f"--user={user}"]
        for _ in range(ATTEMPTS):
            container = self.client("from", "--quiet", "--pull-never", image.tag).stdout.strip()
            try:
                done = self.client("run", *CHROOT, *options, container, "--", *argv, check=False)
            finally:
                self.client("rm", container)
            if done.returncode != 0 or done.stdout or done.stderr:
                break
        return done

    def close(self) -> None:
        """Remove the storage with all that is in it."""
        self.client("rm", "--all", check=False)
        shutil.rmtree(self._folder)

    def _inspect(self, image: Tagged) -> dict[str, str]:
        told: dict[str, str] = json.loads(self.client("inspect", "--type=image", image.tag).stdout)
        return told


def _memory() -> str | None:
    """A folder in memory, where there is room for a few images: on a disk, removing them takes the longest."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free > 4 << 30:
            return MEMORY
    return None
