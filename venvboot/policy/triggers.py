"""The instructions by which each image FROM a base fills the environment that it has from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

LOCK = "VENVBOOT_LOCK"
# Options of sync. A trigger sees no ARG of the child's Dockerfile; its own take their values from --build-arg.
CHOICES = (
    "VENVBOOT_BUILD",
    "VENVBOOT_BYTECODE",
    "VENVBOOT_CACHE_LIMIT",
    "VENVBOOT_AS_PARENT",
    "VENVBOOT_REPLACE_PARENT",
    "VENVBOOT_SBOM",
)
FOLDER = "/usr/local/share/venvboot"
CACHE = "/var/cache/venvboot"
SECRETS = "/run/secrets"  # where builders put those without a place of their own
# Name of a secret -> the variable that leads requests, or pip, to it
OF_PIP = {"netrc": "NETRC", "pip.conf": "PIP_CONFIG_FILE"}
ROOT = 0


@dataclass(frozen=True)
class Wanted:
    """For which environment; ``lock`` is the child's file by default, ``uid`` that of the base's last USER.

    Without ``mounts`` for a builder that has none: nothing is kept between builds, and no secret can be given.
    """

    dest: str
    lock: str
    uid: int = ROOT
    mounts: bool = True


def instructions(wanted: Wanted) -> Tuple[str, ...]:
    """Return them in the order in which they have to run, as a Dockerfile has them."""
    return (
        f"ARG {LOCK}={wanted.lock}",
        *(f"ARG {name}" for name in CHOICES),
        f"COPY {_owned(wanted)}${{{LOCK}}} {FOLDER}/",
        " \\\n    ".join(_run(wanted)),
        f"RUN venvboot check --venv {wanted.dest}",
    )


def _owned(wanted: Wanted) -> str:
    """Return what lets the user read a lock that only its owner may."""
    return f"--chown={wanted.uid} " if wanted.uid != ROOT else ""


def _run(wanted: Wanted) -> Tuple[str, ...]:
    """Return the lines that fill the environment."""
    lock = f'"{FOLDER}/${{{LOCK}##*/}}"'
    if not wanted.mounts:
        return (f"RUN venvboot sync --venv {wanted.dest} {lock}",)
    # Each user has a cache of its own: root takes nothing that another user could have put there.
    owner, name = (f",uid={wanted.uid}", f"venvboot-{wanted.uid}") if wanted.uid != ROOT else ("", "venvboot")
    return (
        f"RUN --mount=type=cache,id={name},target={CACHE}{owner}",
        " ".join(f"--mount=type=secret,id={secret}{owner}" for secret in OF_PIP),
        " ".join(f"{name}=${{{name}:-{SECRETS}/{secret}}}" for secret, name in OF_PIP.items()),
        f"venvboot sync --venv {wanted.dest} --cache {CACHE} {lock}",
    )
