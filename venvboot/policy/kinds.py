"""Every kind of origin, and what follows from it: who else writes there, and what may be made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from venvboot.model import Strategy


@dataclass(frozen=True)
class Kind:
    """A kind of origin.

    ``managed``: a package manager or another tool writes there, so nothing else may. ``told_by`` and ``maker`` are
    for the manual and for people. ``direct``: its own site-packages may be prepared for installs (``--direct``).
    """

    name: str
    maker: str
    told_by: str
    managed: bool = True
    strategy: Strategy = Strategy.VENV
    direct: bool = False


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("distro", "the distro's package manager", "its package database owns the file, and its digest fits"),
        Kind("deadsnakes", "the deadsnakes repository", "owned by dpkg, version suffix of an Ubuntu release"),
        Kind("appstream", "the AppStream of RHEL and its kin", "owned by rpm, package with a version in its name"),
        Kind("epel", "EPEL", "owned by rpm, Vendor Fedora Project on a release for EL"),
        Kind("ius", "IUS", "owned by rpm, Vendor or release says IUS"),
        Kind("third-party", "a third party's package", "owned by rpm, Vendor is no distro's"),
        Kind(
            "platform-python",
            "RHEL 8, for its own tools",
            "`/usr/libexec/platform-python*` without a package's link in `/usr/bin`",
            strategy=Strategy.REFUSE,
        ),
        Kind("distroless", "distroless", "listed in `/var/lib/dpkg/status.d`", strategy=Strategy.REFUSE),
        Kind("altered", "a package, altered since", "its package owns the file, but the digest differs"),
        Kind("scl", "a Software Collection", "`enable` two folders above its `root`"),
        Kind("conda", "conda", "`conda-meta/python-*.json` in its prefix"),
        Kind("pixi", "pixi", "`conda-meta/pixi` in its prefix"),
        Kind("nix", "Nix", "lies in `/nix/store`"),
        Kind("guix", "Guix", "lies in `/gnu/store`"),
        Kind("homebrew", "Homebrew", "lies in a `Cellar`"),
        Kind("uv", "uv", "lies in uv's store, or bears uv's flag or marker"),
        Kind(
            "standalone", "python-build-standalone (rye, hatch, mise, pdm)", "was built for `/install`", managed=False
        ),
        Kind(
            "docker-library",
            "the official python images",
            "configured as they are, in `/usr/local`",
            managed=False,
            strategy=Strategy.DIRECT,
            direct=True,
        ),
        Kind(
            "source",
            "source, built for its place",
            "owned by no package, configured for the prefix it has",
            managed=False,
            strategy=Strategy.DIRECT,
            direct=True,
        ),
        Kind("source-in-usr", "source, in the distro's prefix", "owned by no package, prefix `/usr`"),
        Kind("relocated", "source, moved", "built for another prefix than it has", managed=False),
        Kind(
            "pyenv",
            "pyenv",
            "lies in a version folder of pyenv",
            managed=False,
            strategy=Strategy.DIRECT,
            direct=True,
        ),
        Kind(
            "asdf", "asdf", "lies in `installs/python` of asdf", managed=False, strategy=Strategy.DIRECT, direct=True
        ),
        Kind(
            "manylinux",
            "the manylinux images",
            "lies in `/opt/_internal`",
            managed=False,
            strategy=Strategy.DIRECT,
            direct=True,
        ),
        Kind(
            "oryx",
            "Oryx (App Service, Functions)",
            "`/opt/python/X.Y.Z`",
            managed=False,
            strategy=Strategy.DIRECT,
            direct=True,
        ),
        Kind(
            "tool-cache",
            "the hosted tool cache",
            "`hostedtoolcache/Python`",
            managed=False,
            strategy=Strategy.DIRECT,
            direct=True,
        ),
        Kind("devcontainers", "the devcontainers feature", "`/usr/local/python/X.Y.Z`", managed=False, direct=True),
        Kind("buildpack", "a Cloud Native Buildpack", "lies in `/layers`", managed=False, direct=True),
        Kind("bitnami", "Bitnami", "lies in `/opt/bitnami/python`", managed=False, direct=True),
        Kind("lambda", "AWS Lambda", "lies in `/var/lang`", managed=False),
        Kind("activestate", "ActiveState", "`/opt/ActivePython-*`, or its banner", managed=False),
        Kind("pypy", "PyPy's own archive", "implementation pypy, owned by no package", managed=False),
        Kind("graalpy", "GraalPy's own archive", "implementation graalpy, owned by no package", managed=False),
        Kind("s2i", "the s2i images", "`/opt/app-root/pyvenv.cfg`", managed=False, strategy=Strategy.AS_IS),
        Kind(
            "venv",
            "a virtual environment",
            "`pyvenv.cfg` with a `home`, or old virtualenv's `orig-prefix.txt`",
            managed=False,
            strategy=Strategy.AS_IS,
        ),
        Kind(
            "unknown", "managed, unknown", "everything else, also where a package database can't be read or is gone"
        ),
    )
}
