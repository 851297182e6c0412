"""A package of the distro's own repository, or of a companion's: by version, vendor and name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Ownership, SystemPackage
from venvboot.policy.companion import kind
from venvboot.policy.kinds import KINDS


@pytest.mark.parametrize(
    ("manager", "package", "version", "vendor", "expected"),
    [
        ("dpkg", "python3.12-minimal", "3.12.5-1+jammy1", "", "deadsnakes"),
        ("dpkg", "python3.12-minimal", "3.12.5-1+focal1", "", "deadsnakes"),
        ("dpkg", "python3.11-minimal", "3.11.2-6+deb12u6", "", "distro"),
        ("dpkg", "python3.12-minimal", "3.12.3-1ubuntu0.8", "", "distro"),
        ("dpkg", "python3.9-minimal", "3.9.2-1", "", "distro"),
        ("dpkg", "python3.13-minimal", "3.13.5-2+b1", "", "distro"),
        ("rpm", "python3", "3.9.18-3.el9", "Red Hat, Inc.", "distro"),
        ("rpm", "python3-libs", "3.9.18-3.el9", "AlmaLinux", "distro"),
        ("rpm", "python3.12", "3.12.1-4.el9", "Rocky Enterprise Software Foundation", "appstream"),
        ("rpm", "python39", "3.9.18-1.module+el8.9.0+20024+793d7211", "Red Hat, Inc.", "appstream"),
        ("rpm", "python3", "3.12.2-1.fc39", "Fedora Project", "distro"),
        ("rpm", "python3.11", "3.11.2-2.el8", "Fedora Project", "epel"),
        ("rpm", "python36u", "3.6.8-1.el7.ius", "IUS", "ius"),
        ("rpm", "python36u", "3.6.8-1.el7.ius", "", "ius"),
        ("rpm", "python3", "3.9.16-1.amzn2023.0.6", "", "distro"),
        ("rpm", "python3", "3.9.16-1.amzn2023.0.6", "Amazon Linux", "distro"),
        ("rpm", "python311-base", "3.11.9-1.1", "openSUSE", "distro"),
        ("rpm", "python311-base", "3.11.9-1.1", "SUSE LLC <https://www.suse.com/>", "distro"),
        ("rpm", "acme-python", "3.11.9-1", "ACME", "third-party"),
        ("apk", "python3", "3.12.8-r1", "", "distro"),
        ("pacman", "python", "3.12.5-1", "", "distro"),
    ],
)
def test_the_repository_is_told(manager: str, package: str, version: str, vendor: str, expected: str) -> None:
    assert kind(Ownership(SystemPackage(manager, package, version), "/usr/bin/python3", vendor=vendor)) == expected


@given(st.sampled_from(["dpkg", "rpm", "apk"]), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_package_is_called_it_stays_managed(manager: str, name: str, version: str, vendor: str) -> None:
    told = kind(Ownership(SystemPackage(manager, name, version), "/usr/bin/python3", vendor=vendor))
    assert KINDS[told].managed
