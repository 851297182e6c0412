"""Where the libraries are: wheels inside the one file, or an ordinary installation."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
import zipfile
from dataclasses import dataclass
from importlib.machinery import PathFinder
from typing import IO, Any, Iterator

from venvboot.errors import BrokenBundle, NotWritten, Unsupported
from venvboot.model import Finding, Severity

WHEELS = "wheels/"
MANIFEST = WHEELS + "manifest.json"
SEEDS = "virtualenv/seed/wheels/embed/"
LIBRARIES = ("virtualenv", "piptools")
CHUNK = 1 << 20


@dataclass(frozen=True)
class Toolchain:
    """Library paths (wheels or a site-packages folder) to put on sys.path for one Python version.

    ``pip_wheel`` is the path of a pip wheel that runs on that version; it is in none of ``paths``.
    """

    paths: tuple[str, ...]
    pip_wheel: str


def is_bundled() -> bool:
    """Tell whether this code runs from the one file, which carries its libraries."""
    return _bundle() is not None


def unpack(version: tuple[int, int], folder: str) -> Toolchain:
    """Return the libraries for a Python of ``version``.

    From the one file, they are copied into ``folder``, which must be private to the caller (0700) and hold none of
    them yet: about 7 MB, each file 0600 and compared with its digest in the manifest. In an ordinary installation
    nothing is written, and the libraries are those of the running Python, whatever ``version`` is: only the pip
    wheel follows it.

    Raises BrokenBundle when a library is damaged, NotWritten when ``folder`` can't take them, and Unsupported when
    there are none for ``version`` or this installation lacks one.
    """
    archive = _bundle()
    return _installed(version) if archive is None else _copied(archive, version, folder)


def seed_pip(source: str, version: tuple[int, int]) -> str | None:
    """Return the file name of the pip wheel that virtualenv keeps for ``version``, None when it has none.

    ``source`` is the text of ``virtualenv/seed/wheels/embed/__init__.py``: it is read and not run, because importing
    virtualenv takes 0.3 s. A version newer than all known ones gets the newest one's wheel.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        else:
            continue
        if name == "BUNDLE_SUPPORT" and node.value is not None:
            known = {_version(key): value["pip"] for key, value in ast.literal_eval(node.value).items()}
            fitting = [key for key in known if key == version or version > max(known) == key]
            return known[fitting[0]] if fitting else None
    return None


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def _bundle() -> str | None:
    """Return the path of the one file this module was loaded from, None when it was loaded otherwise."""
    loader: Any = globals().get("__loader__")
    archive = getattr(loader, "archive", None)
    if archive is None:
        return None
    try:
        loader.get_data(MANIFEST)
    except OSError:
        return None
    return str(archive)


def _copied(archive: str, version: tuple[int, int], folder: str) -> Toolchain:
    try:
        with zipfile.ZipFile(archive) as bundle:
            chosen = _range(bundle, version)
            paths = [
                _copy(bundle, WHEELS + wheel["name"], wheel["sha256"], os.path.join(folder, wheel["name"]))
                for wheel in chosen["wheels"]
            ]
        seed = chosen["pip"]
        with zipfile.ZipFile(os.path.join(folder, seed["wheel"])) as wheel_file:
            pip_wheel = _copy(wheel_file, SEEDS + seed["name"], seed["sha256"], os.path.join(folder, seed["name"]))
    except (zipfile.BadZipFile, LookupError, TypeError, ValueError) as error:
        raise BrokenBundle(os.path.basename(archive), f"{type(error).__name__}: {error}") from None
    except OSError as error:
        raise NotWritten(str(error.filename or folder), error) from None
    return Toolchain(tuple(paths), pip_wheel)


def _range(bundle: zipfile.ZipFile, version: tuple[int, int]) -> dict[str, Any]:
    """Return the manifest's entry for ``version``: the one that begins with it or nearest below it."""
    ranges = {tuple(entry["from"]): entry for entry in json.loads(bundle.read(MANIFEST))["ranges"]}
    fitting = [oldest for oldest in ranges if oldest <= version]
    if not fitting:
        raise _no_library("pip", version, "the oldest one it carries libraries for is {}.{}".format(*min(ranges)))
    chosen: dict[str, Any] = ranges[max(fitting)]
    return chosen


def _copy(archive: zipfile.ZipFile, member: str, sha256: str, target: str) -> str:
    """Copy one member to a new file and return its path. Raises BrokenBundle when its digest is another."""
    digest = hashlib.sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with archive.open(member) as source, os.fdopen(os.open(target, flags, 0o600), "wb") as file:
        for chunk in _chunks(source):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != sha256:
        raise BrokenBundle(
            os.path.basename(member), f"its sha256 is {digest.hexdigest()}, the manifest says {sha256}"
        )
    return target


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: source.read(CHUNK), b"")


def _installed(version: tuple[int, int]) -> Toolchain:
    found: dict[str, str] = {}
    for library in LIBRARIES:
        spec = PathFinder.find_spec(library)
        if spec is None or spec.origin is None:
            raise _no_library(library, version, f"{sys.executable} can't import it")
        found[library] = os.path.dirname(spec.origin)
    seeds = os.path.join(os.path.dirname(found["virtualenv"]), SEEDS)
    try:
        with open(os.path.join(seeds, "__init__.py"), encoding="utf-8") as file:
            name = seed_pip(file.read(), version)
    except OSError as error:
        raise _no_library("pip", version, f"{seeds}: {error.strerror}") from None
    if name is None or not os.path.isfile(os.path.join(seeds, name)):
        raise _no_library("pip", version, f"virtualenv in {found['virtualenv']} has none for it")
    folders = dict.fromkeys(os.path.dirname(folder) for folder in found.values())
    return Toolchain(tuple(folders), os.path.join(seeds, name))


def _no_library(name: str, version: tuple[int, int], evidence: str) -> Unsupported:
    python = "{}.{}".format(*version)
    return Unsupported(
        Finding(
            "no-library",
            Severity.ERROR,
            name,
            f"there is no {name} for Python {python}",
            evidence,
            "use the one-file venvboot with Python 3.9 or later, or install venvboot together with its dependencies",
        )
    )
