"""Which repository a package that owns a Python came from: the distro's own, or a companion's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from venvboot.model import Ownership


@dataclass(frozen=True)
class Companion:
    """A companion repository of ``manager``: what its packages' name, version and vendor look like."""

    kind: str
    manager: str
    package: str = ""
    version: str = ""
    vendor: str = ""

    def fits(self, owned: Ownership) -> bool:
        package = owned.package
        return package.manager == self.manager and all(
            re.search(pattern, text)
            for pattern, text in (
                (self.package, package.package),
                (self.version, package.version),
                (self.vendor, owned.vendor),
            )
        )


# Who builds the packages of a distro itself. Amazon's may bear no vendor at all.
DISTRO_VENDORS = (
    r"\A\Z|^(?:Red Hat|CentOS|AlmaLinux|Alma|Rocky|Oracle|Fedora Project|Amazon|SUSE|openSUSE|VMware|Broadcom"
    r"|Microsoft|CloudLinux|openEuler|Anolis|Mageia|Virtuozzo|EuroLinux|Photon)"
)

# The first that fits decides.
COMPANIONS = (
    # 3.12.5-1+jammy1: Debian's own suffixes are +deb12u1 and +b1, Ubuntu's ubuntu2.
    Companion("deadsnakes", "dpkg", version=r"-\d+\+(?!deb|dfsg)[a-z]{4,}\d+\Z"),
    Companion("ius", "rpm", vendor="^IUS"),
    Companion("ius", "rpm", version=r"\.ius\b"),
    Companion("epel", "rpm", version=r"\.el\d", vendor="^Fedora Project"),
    Companion("third-party", "rpm", vendor=rf"^(?!{DISTRO_VENDORS}).+"),
    # python3.12 and python39 stand beside the release's own python3.
    Companion("appstream", "rpm", package=r"\Apython3\.?\d+(?:-libs|-minimal)?\Z", version=r"\.(?:module\+)?el\d"),
)


def kind(owned: Ownership) -> str:
    """Return the kind of origin of an owned and unaltered Python, ``distro`` where no companion fits."""
    return next((companion.kind for companion in COMPANIONS if companion.fits(owned)), "distro")
