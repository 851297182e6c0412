"""The base images of the image tests, made on this machine from Debian's archive alone.

Each is kept twice: in the engine, under its tag, and as an archive in the user's cache folder, so that a new
engine needs no second bootstrap. Both carry a digest of the recipe and are made anew when it changes.
`python -m tests.images.base_images [NAME...]` makes all of them, two at a time.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.images.docker_engine import Engine, NoEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "bases"
RECIPE_LABEL = "venvboot-test.recipe"
HOST_CERTIFICATES = Path("/usr/local/share/ca-certificates")
IMAGE_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
CERTIFICATE_VARIABLES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Base:
    """A base image. `python` is its only Python's version, where it has one.

    One with a `suite` is bootstrapped from that Debian release with `packages`; one with a `parent` is built
    from the folder `bases/<name>`.
    """

    name: str
    tag: str
    python: str | None
    suite: str = ""
    packages: tuple[str, ...] = ()
    parent: str = ""


def _debian(release: str, suite: str, python: str) -> Base:
    packages = ("python3", "ca-certificates")
    return Base(f"debian{release}", f"venvboot-test/debian:{release}", python, suite, packages)


DEBIAN_RELEASES = (
    _debian("11", "bullseye", "3.9"),
    _debian("12", "bookworm", "3.11"),
    _debian("13", "trixie", "3.13"),
)
_MINIMAL = Base(
    "debian12-minimal",
    "venvboot-test/debian:12-minimal",
    "3.11",
    "bookworm",
    ("python3-minimal", "ca-certificates"),
)
_NO_PYTHON = Base("debian12-nopython", "venvboot-test/debian:12-nopython", None, "bookworm", ("ca-certificates",))
_SOURCE = Base("debian12-source", "venvboot-test/debian:12-source", "3.11", parent=_NO_PYTHON.name)
_FLAVOURS = Base("debian12-flavours", "venvboot-test/debian:12-flavours", None, parent=_NO_PYTHON.name)
_PACKAGED = Base("debian12-libraries", "venvboot-test/debian:12-libraries", "3.11", parent="debian12")
_FORKY = Base("debian-forky", "venvboot-test/debian:forky", "3.14", "forky", ("python3", "ca-certificates"))
_PYPY_PACKAGES = ("python3", "pypy3", "patchelf", "ca-certificates")
_PYPY = Base("debian13-pypy", "venvboot-test/debian:13-pypy", None, "trixie", _PYPY_PACKAGES)
_EL = Base("debian11-el", "venvboot-test/debian:11-el", None, parent="debian11")
# The package managers of other distros, and what the flavours' extension modules need.
_MANAGERS_PACKAGES = ("rpm", "pacman-package-manager", "libarchive-tools", "nix-bin", "ca-certificates")
_LIBRARIES = ("libffi8", "libsqlite3-0", "libssl3", "zlib1g")
_MANAGERS = Base(
    "debian13-managers", "venvboot-test/debian:13-managers", None, "trixie", (*_MANAGERS_PACKAGES, *_LIBRARIES)
)

# The slowest stands first: whoever makes all of them two at a time is done soonest this way.
BASES = {
    base.name: base
    for base in (_EL, _FLAVOURS, _SOURCE, *DEBIAN_RELEASES, _MINIMAL, _NO_PYTHON, _FORKY, _PYPY, _MANAGERS, _PACKAGED)
}


class BootstrapFailed(Exception):
    """mmdebstrap is missing or failed; the message holds its output."""


class BaseImages:
    """Makes base images where they are missing. Safe with several processes and threads at once."""

    def __init__(self, engine: Engine, cache: Path | None = None) -> None:
        self._engine = engine
        self._cache = cache or default_cache()
        self._cache.mkdir(parents=True, exist_ok=True)

    def ensure(self, name: str) -> Base:
        """The base image `name`, present in the engine with the digest of its present recipe."""
        self._ensure(name)
        return BASES[name]

    def report(self, name: str) -> str:
        """`ensure`, as a line that says what was done and how long it took."""
        start = time.monotonic()
        done = self._ensure(name)
        return f"{BASES[name].tag:<36}{done:<12}{time.monotonic() - start:6.1f} s"

    def _ensure(self, name: str) -> str:
        base = BASES[name]
        digest = recipe_digest(base)
        if self._present(base, digest):
            return "present"
        if base.parent:
            self.ensure(base.parent)
        with self._locked(name):
            if self._present(base, digest):
                return "present"
            archive = self._cache / f"{name}.{digest}.tar"
            known = archive.exists()
            replaced = self._engine.client(
                "image", "inspect", "--format={{.Id}}", base.tag, check=False
            ).stdout.strip()
            if base.parent:
                self._load(base, archive, digest)
            else:
                self._import(base, archive, digest)
            for old in self._cache.glob(f"{name}.*.tar"):
                if old != archive:
                    old.unlink()
            if replaced:
                self._engine.client("rmi", replaced, check=False)
            return "from cache" if known else "made"

    def _present(self, base: Base, digest: str) -> bool:
        form = f'--format={{{{index .Config.Labels "{RECIPE_LABEL}"}}}}'
        found = self._engine.client("image", "inspect", form, base.tag, check=False)
        return found.returncode == 0 and found.stdout.strip() == digest

    def _import(self, base: Base, archive: Path, digest: str) -> None:
        if not archive.exists():
            with _replacing(archive) as partial:
                bootstrap(base, partial)
        changes = [f"ENV PATH={PATH}", 'CMD ["bash"]', f"LABEL {RECIPE_LABEL}={digest}"]
        if host_certificates():
            changes += [f"ENV {variable}={IMAGE_CERTIFICATES}" for variable in CERTIFICATE_VARIABLES]
        self._engine.client("import", *(f"--change={change}" for change in changes), str(archive), base.tag)

    def _load(self, base: Base, archive: Path, digest: str) -> None:
        if archive.exists():
            self._engine.client("load", "--input", str(archive))
            return
        parent = BASES[base.parent]
        label = f"\nLABEL {RECIPE_LABEL}={digest}\n"
        dockerfile = (HERE / base.name / "Dockerfile").read_text() + label
        self._engine.build(HERE / base.name, dockerfile=dockerfile, base=parent, tag=base.tag, keep=True)
        with _replacing(archive) as partial:
            self._engine.client("save", "--output", str(partial), base.tag)

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with open(self._cache / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def default_cache() -> Path:
    """Where archives of base images live between runs."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(root, "venvboot-dev", "bases")


def host_certificates() -> list[Path]:
    """The certificates that were added to this machine by hand; an image needs them too."""
    return sorted(HOST_CERTIFICATES.rglob("*.crt"))


def apt_options() -> list[str]:
    """Settings of apt the image: the host's proxies, and no check of dates, because old releases expire."""
    options = ['Acquire::Check-Valid-Until "false"']
    if shutil.which("apt-config"):
        settings = subprocess.run(
            ["apt-config", "dump"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        options += [
            line.rstrip(";")
            for line in settings
            if line.lower().startswith(("acquire::http::proxy", "acquire::https::proxy")) and ' ""' not in line
        ]
    return options


def recipe_digest(base: Base) -> str:
    """Changes with everything that goes into the image, except what Debian publishes under the same name."""
    digest = hashlib.sha256(repr((replace(base, python=None), PATH, apt_options())).encode())
    inputs = [HERE / "customize.sh", *host_certificates()]
    if base.parent:
        digest.update(recipe_digest(BASES[base.parent]).encode())
        inputs += sorted(path for path in (HERE / base.name).iterdir() if path.is_file())
    for path in inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def bootstrap(base: Base, archive: Path) -> None:
    """Write the root file system of a new Debian as a tar archive."""
    if shutil.which("mmdebstrap") is None:
        raise BootstrapFailed("mmdebstrap is missing: apt-get install mmdebstrap debian-archive-keyring")
    hook = f'{shlex.quote(str(HERE / "customize.sh"))} "$1"'
    command = ["nice", "mmdebstrap", "--variant=apt", "--format=tar", f"--include={','.join(base.packages)}"]
    command += [f"--aptopt={option}" for option in apt_options()]
    command += [f"--customize-hook={hook}", base.suite, str(archive)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BootstrapFailed(f"{shlex.join(command)} ended with {done.returncode}\n{done.stdout}")


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; it becomes `path` when the block ends without an error."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def main(names: list[str]) -> int:
    """Make the named base images, or all, and print a line for each."""
    try:
        engine = Engine.find()
    except NoEngine as error:
        print(f"no Docker engine: {error}", file=sys.stderr)
        return 1
    images = BaseImages(engine)
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {name: pool.submit(images.report, name) for name in names or BASES}
        for name, job in jobs.items():
            failure = job.exception()
            if failure is None:
                print(job.result(), flush=True)
            else:
                failed = 1
                print(f"{BASES[name].tag}: {failure}", file=sys.stderr, flush=True)
    engine.close()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
