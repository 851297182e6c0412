"""How to get a Python into the image: the distro's own words, and none that can't work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Distro
from venvboot.policy import way_out
from venvboot.policy.usable import Targets
from venvboot.policy.wish import parse

MAIN, OF_LEGACY = Targets(), Targets((2, 7), (3, 8))
APT = "RUN apt-get update && apt-get install -y --no-install-recommends python3"


def distro(names: str, version: str = "", dnf: str = "dnf") -> Distro:
    words = tuple(names.split())
    return Distro(words, f"{words[0]}-{version}" if words else "-", dnf)


@pytest.mark.parametrize(
    ("image", "hint"),
    [
        (distro("debian", "12"), APT),
        (distro("debian"), APT),
        (distro("ubuntu debian", "24.04"), APT),
        (distro("ubuntu debian", "20.04"), f"{APT}.9"),
        (distro("rocky rhel centos fedora", "9.4"), "RUN dnf install -y python3.12"),
        (distro("rhel fedora", "9.4", "microdnf"), "RUN microdnf install -y python3.12"),
        (distro("ol fedora", "8.10"), "RUN dnf install -y python3.12"),
        (distro("fedora", "41"), "RUN dnf install -y python3"),
        (distro("amzn fedora", "2023"), "RUN dnf install -y python3.12"),
        (distro("alpine", "3.7.0"), "RUN apk add --no-cache python3"),
        (distro("opensuse-leap suse opensuse", "15.6"), "RUN zypper install -y python311"),
        (distro("opensuse-tumbleweed opensuse suse", "20260801"), "RUN zypper install -y python313"),
        (distro("sles suse", "16.0"), "RUN zypper install -y python313"),
        (distro("slackware"), "install Python 3.9 or later"),
        (distro(""), "install Python 3.9 or later"),
        # Their packages end before 3.9.
        (distro("debian", "10"), way_out.ELSEWHERE),
        (distro("debian", "9"), way_out.ELSEWHERE),
        (distro("ubuntu debian", "18.04"), way_out.ELSEWHERE),
        (distro("amzn centos rhel fedora", "2"), way_out.ELSEWHERE),
        (distro("centos rhel fedora", "7"), way_out.ELSEWHERE),
        (distro("rhel fedora", "7.9"), way_out.ELSEWHERE),
    ],
)
@pytest.mark.parametrize("wish", ["", "python", "cpython"])
def test_the_way_out_is_the_one_of_the_distro(image: Distro, hint: str, wish: str) -> None:
    assert way_out.of_wish(parse(wish), image, MAIN) == way_out.installing(image) == hint


@pytest.mark.parametrize(
    ("wish", "image", "hint"),
    [
        ("3.12", distro("debian", "12"), "FROM python:3.12-slim"),
        ("3.12", distro("debian", "10"), "FROM python:3.12-slim"),
        ("3.12", distro("linuxmint ubuntu debian"), "ppa:deadsnakes/ppa"),
        ("3.12", distro("ubuntu debian", "18.04"), "install a Python that fits 3.12"),
        ("3.12", distro("rocky rhel centos fedora", "9.4"), "RUN dnf install -y python3.12"),
        ("3.12", distro("rhel fedora", "9.4", "microdnf"), "RUN microdnf install -y python3.12"),
        ("3.10", distro("rhel fedora", "9.4"), "install a Python that fits 3.10"),
        ("3.13", distro("amzn fedora", "2023"), "RUN dnf install -y python3.13"),
        ("==3.11.*", distro("fedora"), "RUN dnf install -y python3.11"),
        ("3.12", distro("alpine"), "FROM python:3.12-alpine"),
        ("3.12", distro("wolfi"), "RUN apk add --no-cache python-3.12"),
        ("3.12", distro("sles suse"), "RUN zypper install -y python312"),
        ("cpython3.12", distro("gentoo"), "RUN emerge dev-lang/python:3.12"),
        ("3.12", distro("arch"), "install a Python that fits 3.12"),
        (">=3.11,<3.13", distro("debian"), "install a Python that fits >=3.11,<3.13"),
        ("pypy", distro("debian"), "FROM pypy:3-slim"),
        ("pypy3.11", distro("debian"), "FROM pypy:3.11-slim"),
        ("graalpy3.11", distro("debian"), "install a Python that fits graalpy3.11"),
        # One release, which packages don't offer.
        ("3.12.4", distro("debian"), "FROM python:3.12.4-slim"),
        ("==3.11", distro("debian"), "FROM python:3.11.0-slim"),
        ("3.12.4", distro("alpine"), "FROM python:3.12.4-alpine"),
        ("3.12.4", distro("ubuntu debian"), "install a Python that fits 3.12.4"),
        ("3.12.4", distro("fedora"), "install a Python that fits 3.12.4"),
        ("pypy3.11.2", distro("debian"), "install a Python that fits pypy3.11.2"),
        # Versions that there are not
        ("3.99", distro("debian"), "install a Python that fits 3.99"),
        ("4.1", distro("fedora"), "install a Python that fits 4.1"),
        ("2.9", distro("debian"), "install a Python that fits 2.9"),
        ("pypy3.99", distro("debian"), "install a Python that fits pypy3.99"),
        ("pypy3.8", distro("debian"), "install a Python that fits pypy3.8"),
    ],
)
def test_the_way_out_for_one_version_is_the_one_of_the_distro(wish: str, image: Distro, hint: str) -> None:
    told = way_out.of_wish(parse(wish), image, MAIN)
    assert hint in told
    assert told.endswith(", or name another one with --python")


@pytest.mark.parametrize(
    ("wish", "minor"), [("2.7", "2.7"), ("3.6.8", "3.6"), ("==3.8.*", "3.8"), ("cpython3.7", "3.7")]
)
def test_the_way_out_for_an_old_version_is_the_other_file(wish: str, minor: str) -> None:
    told = way_out.of_wish(parse(wish), distro("debian"), MAIN)
    assert told == f"install Python {minor}, then `venvboot-legacy init --python {minor}`: that file serves it"
    assert "venvboot-legacy init" not in way_out.of_wish(parse(wish), distro("debian"), OF_LEGACY)


@pytest.mark.parametrize("wish", ["3.12", "3.9.2"])
def test_the_way_out_for_a_new_version_is_the_main_file(wish: str) -> None:
    assert way_out.of_wish(parse(wish), distro("debian"), OF_LEGACY).startswith("`venvboot init --python 3.")


@given(
    st.sampled_from(["", "3.12", "3.8", ">=3.10", "pypy3.10"]),
    st.sampled_from(["rhel", "ol", "amzn", "fedora", "rocky rhel"]),
    st.sampled_from(["", "7", "8.10", "2", "2023"]),
)
def test_where_there_is_only_microdnf_dnf_is_never_named(wish: str, names: str, version: str) -> None:
    assert " dnf " not in way_out.of_wish(parse(wish), distro(names, version, "microdnf"), MAIN)
