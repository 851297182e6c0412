"""buildx, and an engine that knows layouts of OCI images: Debian 13's, kept between sessions and used where they lie.

Neither is installed on the machine: other tests are for an engine without them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = "trixie"
PACKAGES = ("docker-buildx", "docker.io")
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
MEMORY = "/dev/shm"
PATIENCE = 60.0


@dataclass(frozen=True)
class Buildx:
    """A client with the plugin, for one engine."""

    client: str
    settings: Path
    host: str = ""

    def __call__(self, *words: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``docker`` with ``words`` in the folder ``cwd``."""
        environ = {**os.environ, "DOCKER_CONFIG": str(self.settings), **variables}
        if self.host:
            environ["DOCKER_HOST"] = self.host
        return subprocess.run(
            [self.client, *words], env=environ, cwd=cwd, capture_output=True, text=True, timeout=900, check=False
        )


def unpacked() -> Path | None:
    """Return the folder that the packages are unpacked in, fetched by apt; None where that isn't possible."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(cache) / "venvboot-dev" / f"docker-{SUITE}"
    if not (folder / "complete").exists() and shutil.which("apt-get") and os.path.exists(KEYS):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".docker-", dir=folder.parent) as temporary:
            new = Path(temporary) / "new"
            if _fetch(Path(temporary), new):
                shutil.rmtree(folder, ignore_errors=True)
                new.rename(folder)
    return folder if (folder / "complete").exists() else None


def _fetch(work: Path, target: Path) -> bool:
    """Unpack the packages into ``target``; tell whether they could be had. The machine's own lists aren't touched."""
    for name in ("lists/partial", "archives/partial", "parts"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"deb [signed-by={KEYS}] http://deb.debian.org/debian {SUITE} main\n")
    settings = {
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work,
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": work / "parts",
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", *(f"--option={name}={value}" for name, value in settings.items())]
    commands = [[*apt, "update"], [*apt, "download", *PACKAGES]]
    if any(subprocess.run(one, cwd=work, check=False, capture_output=True).returncode for one in commands):
        return False
    for package in work.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", str(package), str(target)], check=True)
    plugins = target / "settings/cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-buildx").symlink_to("../../usr/libexec/docker/cli-plugins/docker-buildx")
    (target / "complete").touch()
    return True


@contextlib.contextmanager
def engine(folder: Path, client: str) -> Iterator[Buildx]:
    """Start the engine of ``folder`` beside the one of the machine, and give a client for it."""
    room = MEMORY if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > 4 << 30 else None
    with tempfile.TemporaryDirectory(prefix="venvboot-test-engine-", dir=room) as place:
        host = f"unix://{place}/docker.sock"
        (Path(place) / "daemon.json").write_text('{"features": {"containerd-snapshotter": true}}')
        words = [f"--config-file={place}/daemon.json", f"--host={host}", f"--pidfile={place}/pid", "--bridge=none"]
        words += [f"--data-root={place}/data", f"--exec-root={place}/exec", "--iptables=false"]
        log = open(f"{place}/log", "wb")  # noqa: SIM115  # dockerd writes on while it ends
        with log, subprocess.Popen([str(folder / "usr/sbin/dockerd"), *words], stdout=log, stderr=log) as process:
            try:
                found = Buildx(client, folder / "settings", host)
                _wait_for(found, process, Path(place))
                yield found
            finally:
                process.terminate()


def _wait_for(buildx: Buildx, process: subprocess.Popen[bytes], place: Path) -> None:
    end = time.monotonic() + PATIENCE
    while buildx("version", cwd=place).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"dockerd doesn't answer:\n{(place / 'log').read_text()}")
        time.sleep(0.2)
