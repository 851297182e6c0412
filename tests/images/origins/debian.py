"""Debian's own Pythons, and what is put beside, over or instead of them."""

from __future__ import annotations

from tests.images.origins.expected import Expected

# The base images that the Dockerfile copies from.
NEEDS = ("debian12-source", "debian12-flavours")

SOURCE = "/usr/local/bin/python3.11"
DEBIANS = "/usr/bin/python3.11"
FAMILY = "debian"

EXPECTED = (
    Expected(FAMILY, "plain", "debian11", "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "plain", "debian12", DEBIANS, "distro", True, "venv"),
    Expected(FAMILY, "plain", "debian13", "/usr/bin/python3.13", "distro", True, "venv"),
    Expected(FAMILY, "plain", "debian-forky", "/usr/bin/python3.14", "distro", True, "venv"),
    Expected(FAMILY, "plain", "debian13-pypy", "/usr/bin/python3.13", "distro", True, "venv"),
    Expected(FAMILY, "plain", "debian13-pypy", "/usr/bin/pypy3.11", "distro", True, "venv"),
    Expected(FAMILY, "minimal", "debian12-minimal", DEBIANS, "distro", True, "refuse"),
    Expected(FAMILY, "minimal", "debian12-minimal", SOURCE, "source", False, "direct"),
    Expected(FAMILY, "distroless", "debian12", DEBIANS, "distroless", True, "refuse"),
    Expected(FAMILY, "beside", "debian12", DEBIANS, "distro", True, "venv"),
    Expected(FAMILY, "beside", "debian12", SOURCE, "source", False, "direct"),
    Expected(FAMILY, "alternatives", "debian12", DEBIANS, "distro", True, "venv"),
    Expected(FAMILY, "alternatives", "debian12", SOURCE, "source", False, "direct"),
    Expected(FAMILY, "overwritten", "debian12", DEBIANS, "altered", True, "venv"),
    Expected(FAMILY, "unmarked", "debian12", DEBIANS, "distro", True, "venv"),
    Expected(FAMILY, "in-usr", "debian12-nopython", DEBIANS, "source-in-usr", True, "venv"),
    Expected(FAMILY, "moved-to-usr", "debian12-nopython", DEBIANS, "source-in-usr", True, "venv"),
    Expected(FAMILY, "deadsnakes", "debian12-nopython", DEBIANS, "deadsnakes", True, "venv", "documented form"),
)
