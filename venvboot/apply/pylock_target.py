# Run by the environment's interpreter, isolated, with packaging on its path: the markers of a lock (PEP 751) are
# evaluated for that interpreter, as for an installation with its default groups and without extras. Finds the text of
# the requirements file that says the same, or what speaks against it, and writes nothing.
from __future__ import annotations

import json
import re
import sys
from typing import Any

given = json.loads(sys.argv[1])
sys.path[:0] = given["libraries"]

try:
    import tomllib
except ImportError:  # below Python 3.11
    from pip._vendor import tomli as tomllib

from packaging.markers import Marker, UndefinedEnvironmentName
from packaging.pylock import Package, Pylock, PylockSelectError, PylockValidationError

SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")
NEWEST = (1, 0)


def hashes(package: Package) -> list[str]:
    """Return the sha256 of each file, empty for one that has none."""
    files = [*(package.wheels or ()), *([package.sdist] if package.sdist else ())]
    told = {file.hashes.get("sha256", "") for file in files}
    return sorted(digest.lower() if SHA256.match(digest) else "" for digest in told)


def elsewhere(package: Package) -> str:
    """Return why a package can't be asked of an index by its version, empty if it can."""
    kinds = ("vcs", "directory", "archive")
    kind = next((kind for kind in kinds if getattr(package, kind)), "" if package.version else "no version")
    return f"{package.name} ({kind})" if kind else ""


def is_for(marker: Marker) -> bool:
    return marker.evaluate({}, context="requirement")


def answer() -> dict[str, Any]:
    with open(given["path"], "rb") as file:
        lock = Pylock.from_dict(tomllib.load(file))
    if lock.environments and not any(map(is_for, lock.environments)):
        return {"not_for": f"it is for environments with {' or '.join(map(str, lock.environments))}"}
    try:
        packages = [package for package, _ in lock.select()]
    except PylockSelectError as error:
        return {"not_for": str(error)}
    places = [place for package in packages for place in [elsewhere(package)] if place]
    pinned = [package for package in packages if not elsewhere(package)]
    lines = [
        " ".join([f"{package.name}=={package.version}", *(f"--hash=sha256:{digest}" for digest in hashes(package))])
        for package in pinned
    ]
    return {
        "text": "".join(f"{line}\n" for line in lines),
        "elsewhere": places,
        "unhashed": [package.name for package in pinned if "" in hashes(package)],
        "newer": str(lock.lock_version) if lock.lock_version.release[:2] > NEWEST else "",
    }


try:
    told = answer()
except (PylockValidationError, UndefinedEnvironmentName, ValueError, RecursionError) as error:
    told = {"invalid": " ".join(f"{type(error).__name__}: {error}".split())}
