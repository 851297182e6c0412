"""Package URLs, against the library of those who specify them."""

from __future__ import annotations

from typing import Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from venvboot.model import Origin, SystemPackage, canonical
from venvboot.model.sbom import Base, Described, Source
from venvboot.policy import purl

NAMES = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True)
VERSIONS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).map(str.strip).filter(bool)
VERSION = "3.11.2-6+deb12u6"


def base(kind: str, owner: Tuple[str, str, str] = ("", "", ""), distro: str = "", arch: str = "amd64") -> Base:
    package = SystemPackage(*owner) if owner[0] else None
    name, _, version = distro.rpartition("-")
    origin = Origin(kind, kind, managed=True, owner=package)
    return Base("/usr/bin/python3", "", "3.11.2", "cpython", origin, (name, version), arch)


@given(NAMES, VERSIONS)
def test_a_distribution_s_is_that_of_the_library_for_its_canonical_name(name: str, version: str) -> None:
    found = purl.of_distribution(Described(name, version))
    told = PackageURL.from_string(found)
    assert told.type == "pypi"
    assert told.version == version
    assert told.name == canonical(name)
    assert found == told.to_string()


@given(st.sampled_from(["deb", "rpm", "apk"]), TEXTS, TEXTS, st.dictionaries(st.sampled_from("abc"), TEXTS))
def test_whatever_it_is_made_of_is_read_back(kind: str, name: str, version: str, told: dict[str, str]) -> None:
    name = name.lower()
    found = PackageURL.from_string(purl.purl(kind, name.replace("/", "-"), version, "debian", told))
    assert (found.type, found.namespace, found.version) == (kind, "debian", version)
    assert found.qualifiers == told


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            base("distro", ("dpkg", "python3.11-minimal", VERSION), "debian-12"),
            "pkg:deb/debian/python3.11-minimal@3.11.2-6%2Bdeb12u6?arch=amd64&distro=debian-12",
        ),
        (
            base("distroless", ("distroless", "python3.11", "1:2"), "debian-12", ""),
            "pkg:deb/debian/python3.11@1:2?distro=debian-12",
        ),
        (
            base("appstream", ("rpm", "python3.11", "3.11.2-1.el9"), "rhel-9.3", "x86_64"),
            "pkg:rpm/redhat/python3.11@3.11.2-1.el9?arch=x86_64&distro=rhel-9.3",
        ),
        (
            base("distro", ("rpm", "python3", "2:3.9-1"), "fedora-40", "x86_64"),
            "pkg:rpm/fedora/python3@3.9-1?arch=x86_64&distro=fedora-40&epoch=2",
        ),
        (base("epel", ("rpm", "python34", "3.4-1"), "centos-7", ""), "pkg:rpm/fedora/python34@3.4-1?distro=centos-7"),
        (
            base("deadsnakes", ("dpkg", "python3.12", "3.12.1-1+jammy1"), "ubuntu-22.04"),
            "pkg:deb/deadsnakes/python3.12@3.12.1-1%2Bjammy1?arch=amd64&distro=ubuntu-22.04",
        ),
        (
            base("distro", ("apk", "python3", "3.12.1-r0"), "alpine-3.20.1", "x86_64"),
            "pkg:apk/alpine/python3@3.12.1-r0?arch=x86_64&distro=alpine-3.20.1",
        ),
        (
            base("distro", ("pacman", "python", "3.12.1-1"), "arch-", "x86_64"),
            "pkg:alpm/arch/python@3.12.1-1?arch=x86_64",
        ),
        (base("source"), "pkg:generic/python@3.11.2"),
        (base("docker-library"), "pkg:generic/python@3.11.2"),
        (base("conda"), "pkg:conda/python@3.11.2"),
        # What isn't known is left out: whose package it is, a type that isn't registered, a distro without a name.
        (base("third-party", ("rpm", "python3", "1-1"), "rhel-9.3"), ""),
        (base("distro", ("portage", "dev-lang/python", "3.12"), "gentoo-2"), ""),
        (base("distro", ("dpkg", "python3", "3"), ""), ""),
        (base("unknown"), ""),
        (base("altered", ("dpkg", "python3", "3"), "debian-12"), ""),
    ],
)
def test_a_base_is_named_as_far_as_it_is_known(found: Base, told: str) -> None:
    assert purl.of_base(found) == told
    assert not told or PackageURL.from_string(told).to_string() == told


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (None, "pkg:pypi/zope-interface@1.0%2Blocal"),
        (
            Source("vcs", "https://example.org/a.git", "git", "0" * 40),
            f"pkg:pypi/zope-interface@1.0%2Blocal?vcs_url=git%2Bhttps://example.org/a.git%40{'0' * 40}",
        ),
        (Source("vcs", "", "git", "0" * 40), "pkg:pypi/zope-interface@1.0%2Blocal"),
        (
            Source("archive", "https://example.org/a.whl", sha256="ab" * 32),
            f"pkg:pypi/zope-interface@1.0%2Blocal?checksum=sha256:{'ab' * 32}&download_url=https://example.org/a.whl",
        ),
        (Source("folder", editable=True), ""),
    ],
)
def test_where_a_distribution_came_from_is_in_its_address(source: Source | None, told: str) -> None:
    assert purl.of_distribution(Described("Zope.Interface", "1.0+local", source=source)) == told
