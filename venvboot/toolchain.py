"""Where the libraries are, and for which versions of Python they make environments.

They are wheels inside the one file or those of an ordinary installation. The one file has a companion of the same
code, venvboot-legacy, with the last virtualenv release that makes environments for Python 2.7 and 3.6 to 3.8. Later
releases refuse these, and that one would seed an outdated pip into any other. The manifest says which file this is.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import sys
import zipfile
from dataclasses import dataclass
from importlib.machinery import PathFinder
from typing import IO, Any, Iterator, Optional, Tuple

from venvboot.errors import BrokenBundle, NotWritten, Unsupported
from venvboot.model import Finding, Severity

WHEELS = "wheels/"
MANIFEST = WHEELS + "manifest.json"
SEEDS = "virtualenv/seed/wheels/embed/"
LIBRARIES = ("virtualenv", "piptools")
CHUNK = 1 << 20
# How a traceback ends where a library is for other versions of Python
UNFIT = ("ImportError", "ModuleNotFoundError", "SyntaxError", "AttributeError", "TypeError")

# Of virtualenv from 21.5 on: https://virtualenv.pypa.io/en/latest/changelog.html
OLDEST = (3, 9)

Version = Tuple[int, int]


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


def is_installed_in(prefix: str) -> bool:
    """Tell whether this code runs from an ordinary installation in ``prefix``."""
    return not is_bundled() and os.path.realpath(sys.prefix) == os.path.realpath(prefix)


def is_legacy() -> bool:
    """Tell whether this code runs from venvboot-legacy."""
    return newest_target() is not None


def oldest_target() -> Version:
    """Return the oldest version of Python that environments are made for. Raises BrokenBundle."""
    return _targets()[0]


def newest_target() -> Optional[Version]:
    """Return the newest version of Python that environments are made for, None for no limit. Raises BrokenBundle."""
    return _targets()[1]


def unpack(version: Version, folder: str) -> Toolchain:
    """Return the libraries for a Python of ``version``.

    From the one file, they are copied into ``folder``, which must be private to the caller (0700) and hold none of
    them yet: about 9 MB, each file 0600 and compared with its digest in the manifest. For a version that can be a
    target only, as 2.7 is for venvboot-legacy, just the pip wheel is of use. In an ordinary installation nothing is
    written, and the libraries are those of the running Python, whatever ``version`` is: the pip wheel alone follows
    it.

    Raises BrokenBundle when a library is damaged, NotWritten when ``folder`` can't take them, and Unsupported when
    there are none for ``version`` or this installation lacks one.
    """
    archive = _bundle()
    return _installed(version) if archive is None else _copied(archive, version, folder)


def refuse_unfit(version: Version, told: str) -> None:
    """Raise Unsupported where ``told``, the errors of a Python of ``version``, is that it can't import the libraries.

    Those of an ordinary installation were chosen for the Python that it is installed in.
    """
    ours = (sys.version_info[0], sys.version_info[1])
    last = (told.strip().splitlines() or [""])[-1].strip()
    if is_bundled() or version == ours or not last.startswith(UNFIT):
        return
    theirs, python = "{}.{}".format(*ours), "{}.{}".format(*version)
    evidence = f"the one of this installation is for Python {theirs}: {last}"
    raise _no_library(
        "pip-tools", version, evidence, f"install venvboot with a Python {python}: uvx --python {python}"
    )


def identity() -> str:
    """Return a digest (hexadecimal) that differs where the libraries do; empty in an ordinary installation."""
    manifest = _manifest()
    return "" if manifest is None else hashlib.sha256(manifest).hexdigest()


def library(name: str, folder: str) -> Optional[str]:
    """Return the path of one library for the running Python, a wheel copied into ``folder`` (private, 0700).

    None in an ordinary installation, which has it on its path. Raises as ``unpack`` does.
    """
    version = sys.version_info[:2]
    archive = _bundle()
    if archive is None:
        if PathFinder.find_spec(name) is None:
            raise _no_library(name, version, f"{sys.executable} can't import it")
        return None
    with _opened(archive, folder) as bundle:
        for wheel in _range(bundle, version)["wheels"]:
            if wheel["name"].startswith(f"{name}-"):
                return _copy(bundle, WHEELS + wheel["name"], wheel["sha256"], os.path.join(folder, wheel["name"]))
    raise _no_library(name, version, "this file doesn't carry it")


def extracted(wheel: str, folder: str) -> str:
    """Return a new folder in ``folder`` with what the wheel holds.

    Python imports from there in two thirds of the time that it takes from a zip file.
    """
    target = os.path.join(folder, os.path.splitext(os.path.basename(wheel))[0])
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)
    except OSError as error:
        raise NotWritten(target, error) from None
    return target


def seed_pip(source: str, version: Version) -> str | None:
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


def _version(text: str) -> Version:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def _bundle() -> str | None:
    """Return the path of the one file this module was loaded from, None when it was loaded otherwise."""
    return str(globals()["__loader__"].archive) if _manifest() is not None else None


def _manifest() -> bytes | None:
    """Return the manifest of the one file this module was loaded from, None when it was loaded otherwise."""
    loader: Any = globals().get("__loader__")
    if not hasattr(loader, "archive"):
        return None
    try:
        content: bytes = loader.get_data(MANIFEST)
    except OSError:
        return None
    return content


def _targets() -> tuple[Version, Version | None]:
    manifest = _manifest()
    if manifest is None:
        return OLDEST, None
    try:
        told = json.loads(manifest)["targets"]
        oldest, newest = tuple(told["oldest"]), told["newest"]
    except (LookupError, TypeError, ValueError) as error:
        raise BrokenBundle(MANIFEST, f"{type(error).__name__}: {error}") from None
    return oldest, tuple(newest) if newest else None


def _copied(archive: str, version: Version, folder: str) -> Toolchain:
    with _opened(archive, folder) as bundle:
        chosen = _range(bundle, version)
        paths = [
            _copy(bundle, WHEELS + wheel["name"], wheel["sha256"], os.path.join(folder, wheel["name"]))
            for wheel in chosen["wheels"]
        ]
        seed = chosen["pip"]
        with zipfile.ZipFile(os.path.join(folder, seed["wheel"])) as wheel_file:
            pip_wheel = _copy(wheel_file, SEEDS + seed["name"], seed["sha256"], os.path.join(folder, seed["name"]))
    return Toolchain(tuple(paths), pip_wheel)


@contextlib.contextmanager
def _opened(archive: str, folder: str) -> Iterator[zipfile.ZipFile]:
    """Give the one file as an archive, while something of it is copied into ``folder``."""
    try:
        with zipfile.ZipFile(archive) as bundle:
            yield bundle
    except (zipfile.BadZipFile, LookupError, TypeError, ValueError) as error:
        raise BrokenBundle(os.path.basename(archive), f"{type(error).__name__}: {error}") from None
    except OSError as error:
        raise NotWritten(str(error.filename or folder), error) from None


def _range(bundle: zipfile.ZipFile, version: Version) -> dict[str, Any]:
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


def _installed(version: Version) -> Toolchain:
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


def _no_library(name: str, version: Version, evidence: str, way: str = "") -> Unsupported:
    python = "{}.{}".format(*version)
    return Unsupported(
        Finding(
            "no-library",
            Severity.ERROR,
            name,
            f"there is no {name} for Python {python}",
            evidence,
            "use the one-file venvboot with Python 3.9 or later, or "
            + (way or "install venvboot together with its dependencies"),
        )
    )
