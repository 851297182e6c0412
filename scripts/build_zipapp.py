#!/usr/bin/env python3
"""Build a one file: the shell launcher, then a zip of venvboot's own code and of unmodified, locked wheels.

    python3 scripts/build_zipapp.py [--legacy] [--output dist/venvboot]

With --legacy it is dist/venvboot-legacy: the same code with the last virtualenv that makes environments for Python
2.7 and 3.6 to 3.8. It runs on 3.9 and later as well, and carries no pip-tools, which those versions can't run.

The same sources and locks give the same bytes, whatever the Python, umask, locale or working directory: members are
stored (compressed bytes would depend on the zlib at hand), sorted, and dated SOURCE_DATE_EPOCH or 1980-01-01. Wheels
are fetched by pip, with its own configuration, into $XDG_CACHE_HOME/venvboot-dev/wheels: a second build is offline.
"""

from __future__ import annotations

import argparse
import contextlib
import glob
import hashlib
import importlib.util
import io
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from typing import Any, Iterable, Iterator

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.dont_write_bytecode = True
sys.path.insert(0, ROOT)

from venvboot.toolchain import MANIFEST, SEEDS, WHEELS, seed_pip  # noqa: E402  # the path is set above

PINNED = re.compile(r"([A-Za-z0-9._-]+)==(\S+) --hash=sha256:([0-9a-f]{64})")
NATIVE = re.compile(r"\.(so|pyd|dylib)(\.|$)")
# What git ignores inside the package
IGNORED_FOLDERS = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
# Those that the last virtualenv for them is kept for; it carries one pip for each.
OLD_TARGETS = ((2, 7), (3, 6), (3, 7), (3, 8))
OLDEST_DATE = 315532800  # 1980-01-01, the first that a zip can hold
NEWEST_DATE = 4354819198  # 2107-12-31, the last


class Failed(Exception):
    """The file can't be built: what, and the way out."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"error: {what}\nhint: {hint}")


@dataclass(frozen=True)
class Pin:
    """One line of a lock."""

    name: str
    version: str
    sha256: str


def main() -> int:
    """Build the file and say its digest and size on stderr. Returns 0, or 1 after saying why it can't be built."""
    parser = argparse.ArgumentParser(description="Build the one-file venvboot.")
    parser.add_argument("--legacy", action="store_true", help="build venvboot-legacy, for Python 2.7 to 3.8")
    parser.add_argument("--output", metavar="FILE", help="default: dist/venvboot, dist/venvboot-legacy")
    given = parser.parse_args()
    name, folder = ("venvboot-legacy", "bundle/legacy") if given.legacy else ("venvboot", "bundle")
    output: str = os.path.abspath(given.output or os.path.join(ROOT, "dist", name))
    try:
        with wheel_cache() as cache:
            pinned = locks(os.path.join(HERE, folder))
            wheels = {oldest: fetch(pins, oldest, cache) for oldest, pins in pinned.items()}
            content = archive(wheels, OLD_TARGETS if given.legacy else ())
        write(output, content)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"error: {output} can't be built: {error}\nhint: make room, or choose another --output", file=sys.stderr
        )
        return 1
    digest = hashlib.sha256(content).hexdigest()
    print(f"{output}: {len(content)} bytes, sha256 {digest}", file=sys.stderr)
    return 0


def locks(folder: str) -> dict[tuple[int, int], list[Pin]]:
    """Return the locks by the oldest Python version of their range. Raises Failed for a line that isn't exact."""
    found = {}
    for path in glob.glob(os.path.join(glob.escape(folder), "py*.txt")):
        digits = os.path.basename(path)[2:-4]
        with open(path, encoding="ascii") as file:
            lines = re.sub(r"\\\n\s*", "", file.read()).splitlines()
        pins = [(line, PINNED.fullmatch(line)) for line in lines if line and not line.startswith("#")]
        for line, match in pins:
            if match is None:
                raise Failed(
                    f"{path}: not an exact version with one sha256: {line}", "python3 scripts/lock_bundle.py"
                )
        found[int(digits[0]), int(digits[1:])] = [Pin(*match.groups()) for _, match in pins if match]
    if not found:
        raise Failed(f"no locks in {folder}", "python3 scripts/lock_bundle.py")
    return dict(sorted(found.items()))


@contextlib.contextmanager
def wheel_cache() -> Iterator[str]:
    """Give the folder that keeps wheels between builds, or a temporary one where that can't be written."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(base, "venvboot-dev", "wheels")
    try:
        os.makedirs(folder, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if writable:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="venvboot-wheels-") as temporary:
        yield temporary


def fetch(pins: list[Pin], oldest: tuple[int, int], cache: str) -> list[str]:
    """Return the sorted paths of the pinned wheels, downloading those that the cache hasn't got intact."""
    missing = [pin for pin in pins if cached(pin, cache) is None]
    if missing:
        download(missing, oldest, cache)
    paths = []
    for pin in pins:
        path = cached(pin, cache)
        if path is None:
            raise Failed(
                f"pip brought no wheel of {pin.name} {pin.version} with the locked sha256", "check the index"
            )
        paths.append(path)
    return sorted(paths)


def cached(pin: Pin, cache: str) -> str | None:
    """Return the path of the pin's wheel in the cache; a file with another digest counts as absent."""
    pattern = f"{re.sub(r'[-_.]+', '[-_.]', glob.escape(pin.name))}-{glob.escape(pin.version)}-*.whl"
    for path in sorted(glob.glob(os.path.join(glob.escape(cache), pattern))):
        if sha256_of(path) == pin.sha256:
            return path
    return None


def download(pins: list[Pin], oldest: tuple[int, int], cache: str) -> None:
    if importlib.util.find_spec("pip") is None:
        raise Failed(
            f"{sys.executable} has no pip to download {len(pins)} wheels with",
            "apt-get install -y python3-pip, or run this with a Python that has pip",
        )
    with tempfile.TemporaryDirectory(prefix=".download-", dir=cache) as folder:
        requirements = os.path.join(folder, "requirements.txt")
        with open(requirements, "w", encoding="ascii") as file:
            file.writelines(f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n" for pin in pins)
        command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", "--platform", "any", "--implementation", "py"]
        command += [
            "--abi",
            "none",
            "--python-version",
            "{}.{}".format(*oldest),
            "--dest",
            folder,
            "-r",
            requirements,
        ]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise Failed(
                f"pip could not download the wheels:\n{done.stderr.rstrip()}", "check the network and pip.conf"
            )
        for path in glob.glob(os.path.join(glob.escape(folder), "*.whl")):
            os.replace(path, os.path.join(cache, os.path.basename(path)))


def archive(wheels: dict[tuple[int, int], list[str]], old_targets: tuple[tuple[int, int], ...] = ()) -> bytes:
    """Return the whole file: launcher text, then the zip. Raises Failed for a wheel that isn't pure.

    ``wheels`` are paths by the oldest version of the range that they run on. With ``old_targets`` environments are
    made for these versions and for no other, none of which runs the wheels.
    """
    members = {"__main__.py": content_of(os.path.join(ROOT, "venvboot", "__main__.py"))}
    members.update(own_code())
    contents = {
        oldest: {os.path.basename(path): content_of(path) for path in paths} for oldest, paths in wheels.items()
    }
    for name, content in (item for chosen in contents.values() for item in chosen.items()):
        refuse_native(name, content)
        members[WHEELS + name] = content
    members[MANIFEST] = manifest(contents, old_targets)
    buffer = io.BytesIO(content_of(os.path.join(HERE, "launcher.sh")))
    buffer.seek(0, os.SEEK_END)
    date = source_date()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, content in sorted(members.items()):
            info = zipfile.ZipInfo(name, date)
            info.create_system = 3  # Unix, wherever it's built
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            file.writestr(info, content)
    return buffer.getvalue()


def manifest(wheels: dict[tuple[int, int], dict[str, bytes]], old_targets: tuple[tuple[int, int], ...]) -> bytes:
    """Return what ``venvboot.toolchain`` reads: wheels and pip for each range, and the versions it makes for."""
    ranges = [
        {"from": oldest, "wheels": digests(contents), "pip": seed(oldest, newer_than(oldest, wheels), contents)}
        for oldest, contents in wheels.items()
    ]
    for major, minor in old_targets:
        # Nothing of it runs there: the wheel that holds their pip is all they need.
        holder = {name: content for name, content in wheels[min(wheels)].items() if name.startswith("virtualenv-")}
        pip = seed((major, minor), (major, minor + 1), holder)
        ranges.append({"from": (major, minor), "wheels": digests(holder), "pip": pip})
    targets = {"oldest": min([*wheels, *old_targets]), "newest": max(old_targets, default=None)}
    return (json.dumps({"ranges": ranges, "targets": targets}, indent=1, sort_keys=True) + "\n").encode("ascii")


def digests(contents: dict[str, bytes]) -> list[dict[str, str]]:
    return [{"name": name, "sha256": sha256(content)} for name, content in contents.items()]


def newer_than(oldest: tuple[int, int], wheels: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return where the range ends that begins with ``oldest``: the next one, or 4.0."""
    return min((other for other in wheels if other > oldest), default=(4, 0))


def source_date() -> tuple[int, int, int, int, int, int]:
    """Return what every member is dated with, in UTC. Raises Failed when SOURCE_DATE_EPOCH isn't a whole number."""
    text = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    try:
        seconds = int(text)
    except ValueError:
        raise Failed(f"SOURCE_DATE_EPOCH is {text!r}", "give it in whole seconds since 1970") from None
    return time.gmtime(min(max(seconds, OLDEST_DATE), NEWEST_DATE))[:6]


def own_code() -> dict[str, bytes]:
    """Return every file of the package that git would track, by its name in the zip."""
    found = {}
    for folder, folders, files in os.walk(os.path.join(ROOT, "venvboot")):
        folders[:] = [name for name in folders if name not in IGNORED_FOLDERS and not name.endswith(".egg-info")]
        for name in files:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, ROOT)] = content_of(path)
    return found


def refuse_native(name: str, content: bytes) -> None:
    """Raise Failed unless the wheel runs on every platform: a py3-none-any tag and no compiled member."""
    python, abi, platform = name[: -len(".whl")].split("-")[-3:]
    if "py3" not in python.split(".") or abi != "none" or platform != "any":
        raise Failed(f"{name} isn't tagged py3-none-any", "lock a version that has a pure wheel")
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        native = [member for member in wheel.namelist() if NATIVE.search(os.path.basename(member))]
    if native:
        raise Failed(f"{name} holds compiled code: {', '.join(native)}", "lock a version that has a pure wheel")


def seed(oldest: tuple[int, int], newer: tuple[int, int], contents: dict[str, bytes]) -> dict[str, Any]:
    """Return the manifest's word on the pip wheel inside virtualenv's, for versions from ``oldest`` to ``newer``."""
    name = next(name for name in contents if name.startswith("virtualenv-"))
    with zipfile.ZipFile(io.BytesIO(contents[name])) as wheel:
        source = wheel.read(SEEDS + "__init__.py").decode("utf-8")
        last = newer[1] if newer[0] == oldest[0] else oldest[1] + 30
        pips = {seed_pip(source, (oldest[0], minor)) for minor in range(oldest[1], last)}
        pip = pips.pop()
        if pip is None or pips:
            raise Failed(f"{name} has no single pip for Python {oldest} up to {newer}", "split the range of the lock")
        return {"wheel": name, "name": pip, "sha256": sha256(wheel.read(SEEDS + pip))}


def write(path: str, content: bytes) -> None:
    """Replace ``path`` at once, so that whoever runs it meanwhile sees the old or the new file whole."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    descriptor, part = tempfile.mkstemp(prefix=".venvboot-", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, 0o755)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def content_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha256_of(path: str) -> str:
    return sha256(content_of(path))


if __name__ == "__main__":
    sys.exit(main())
