"""How to get a Python that can be a base into this image: a line of the Dockerfile, where one is known to work."""

from __future__ import annotations

import re
from typing import Mapping, Tuple

from venvboot.model import Distro
from venvboot.policy.usable import Targets
from venvboot.policy.wish import Wish

# os-release's ID, or what it is like -> how to get a Python that can be a base.
NO_INTERPRETER_HINT: Mapping[str, str] = {
    "debian": "RUN apt-get update && apt-get install -y --no-install-recommends python3",
    "ol": "RUN dnf install -y python3.12",
    "fedora": "RUN dnf install -y python3",
    "amzn": "RUN dnf install -y python3.12",
    "rhel": "RUN dnf install -y python3.12",
    "alpine": "RUN apk add --no-cache python3",
    "wolfi": "RUN apk add --no-cache python-3.13",
    "chainguard": "RUN apk add --no-cache python-3.13",
    "suse": "RUN zypper install -y python311",
    "arch": "RUN pacman -Sy --noconfirm python",
    "void": "RUN xbps-install -Sy python3",
    "gentoo": "RUN emerge dev-lang/python",
}
# The same for one version: minor 3.12, without the dot 312, or exact 3.12.4, which only images have at will.
NO_VERSION_HINT: Mapping[str, str] = {
    "debian": "FROM python:{version}-slim",
    "ubuntu": (
        "RUN apt-get update && apt-get install -y --no-install-recommends software-properties-common && "
        "add-apt-repository -y ppa:deadsnakes/ppa && apt-get install -y --no-install-recommends python{minor}"
    ),
    "fedora": "RUN dnf install -y python{minor}",
    "amzn": "RUN dnf install -y python{minor}",
    "ol": "RUN dnf install -y python{minor}",
    "rhel": "RUN dnf install -y python{minor}",
    "alpine": "FROM python:{version}-alpine",
    "wolfi": "RUN apk add --no-cache python-{minor}",
    "chainguard": "RUN apk add --no-cache python-{minor}",
    "suse": "RUN zypper install -y python{digits}",
    "gentoo": "RUN emerge dev-lang/python:{minor}",
}
# Where only some versions are packaged, besides the distro's own.
PACKAGED: Mapping[str, Tuple[str, ...]] = {
    "amzn": ("3.11", "3.12", "3.13"),
    "rhel": ("3.11", "3.12"),
    "ol": ("3.11", "3.12"),
}
# Releases, as ID-VERSION_ID, whose packages end before Python 3.9, and those that call theirs otherwise.
ENDED = re.compile(r"(?:debian-(?:[6-9]|10)|ubuntu-1\d\.\d+|amzn-2|amzn-201\d.*|.+-7)(?:\.\d+)*\Z")
NAMED_OTHERWISE = (
    (re.compile(r"ubuntu-20\.04\Z"), "RUN apt-get update && apt-get install -y --no-install-recommends python3.9"),
    (re.compile(r"opensuse-tumbleweed-|(?:opensuse.*|sle.*)-16(?:\.|\Z)"), "RUN zypper install -y python313"),
)
# The minor versions that exist, as far as is known here: nobody is sent to an image that doesn't.
NEWEST: Mapping[str, Tuple[int, int]] = {"": (3, 15), "cpython": (3, 15), "pypy": (3, 11)}
OLDEST = (3, 9)
# What venvboot-legacy is for.
OLD = ((2, 7), (3, 6), (3, 7), (3, 8))

ANY = "install Python 3.9 or later"
ELSEWHERE = "start FROM an image that has Python 3.9 or later, such as python:3.13-slim"


def installing(distro: Distro) -> str:
    """Return how to get any Python that can be a base."""
    if ENDED.match(distro.release):
        return ELSEWHERE
    otherwise = next((hint for pattern, hint in NAMED_OTHERWISE if pattern.match(distro.release)), "")
    return otherwise or _of_distro(NO_INTERPRETER_HINT, distro) or ANY


def of_wish(wish: Wish, distro: Distro, targets: Targets) -> str:
    """Return how to get what is wished for; for a version of the other file's, which file that is."""
    if not wish.clauses and wish.implementation in ("", "cpython"):
        return installing(distro)
    minor = tuple(map(int, wish.minor.split("."))) if wish.minor else ()
    if targets.newest is None and minor in OLD and wish.implementation in ("", "cpython"):
        return f"install Python {wish.minor}, then `venvboot-legacy init --python {wish.minor}`: that file serves it"
    if targets.newest and minor > targets.newest:
        return f"`venvboot init --python {wish.minor}`: venvboot-legacy serves 2.7 to 3.8 only"
    way = _installing_version(wish, distro, minor) or f"install a Python that fits {wish.text}"
    return f"{way}, or name another one with --python"


def _installing_version(wish: Wish, distro: Distro, minor: Tuple[int, ...]) -> str:
    if wish.implementation == "pypy" and not wish.clauses:
        return "FROM pypy:3-slim"
    newest = NEWEST.get(wish.implementation)
    if not minor or not newest or not OLDEST <= minor <= newest:
        return ""
    if wish.implementation == "pypy":
        return "" if wish.exact else f"FROM pypy:{wish.minor}-slim"
    packaged = next((PACKAGED[name] for name in distro.names if name in PACKAGED), (wish.minor,))
    template = _of_distro(NO_VERSION_HINT, distro)
    if not template.startswith("FROM") and (wish.exact or ENDED.match(distro.release) or wish.minor not in packaged):
        return ""
    digits = wish.minor.replace(".", "")
    return template.format(minor=wish.minor, digits=digits, version=wish.exact or wish.minor)


def _of_distro(hints: Mapping[str, str], distro: Distro) -> str:
    hint = next((hints[name] for name in distro.names if name in hints), "")
    return hint.replace("RUN dnf ", f"RUN {distro.dnf} ")
