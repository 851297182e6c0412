"""Pythons that pacman and Nix installed."""

from __future__ import annotations

from tests.images.origins.expected import Expected

# The base images that the Dockerfile copies from.
NEEDS = ("debian12-flavours",)

FAMILY = "others"
BASE = "debian13-managers"
PROFILE = "/nix/var/nix/profiles/default/bin/python3"

EXPECTED = (
    Expected(FAMILY, "pacman", BASE, "/usr/bin/python3.11", "distro", True, "venv"),
    Expected(FAMILY, "pacman-database", BASE, "/usr/bin/python3.11", "distro", True, "venv"),
    Expected(FAMILY, "pacman-altered", BASE, "/usr/bin/python3.11", "altered", True, "venv"),
    Expected(FAMILY, "nix", BASE, PROFILE, "nix", True, "venv"),
    Expected(FAMILY, "nix-store", BASE, "/usr/local/bin/python3", "nix", True, "venv"),
)
