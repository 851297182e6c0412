"""rpm's Pythons: of every maker that packages name, in every form of the database, with `rpm` and without it."""

from __future__ import annotations

from tests.images.origins.expected import Expected

# The base images that the Dockerfile copies from.
NEEDS = ("debian12-flavours",)

FAMILY = "rpm"
EL = "debian11-el"
NEWER = "debian13-managers"
PLATFORM_PYTHON = "/usr/libexec/platform-python3.11"
PYTHON311 = "/opt/rh/rh-python311/root/usr/bin/python3.11"
PYTHON27 = "/opt/rh/python27/root/usr/bin/python2.7"

EXPECTED = (
    Expected(FAMILY, "sqlite-with-rpm", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "sqlite-with-rpm", EL, "/usr/bin/python3.11", "appstream", True, "venv"),
    Expected(FAMILY, "sqlite-without-rpm", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "sqlite-without-rpm", EL, "/usr/bin/python3.11", "appstream", True, "venv"),
    Expected(FAMILY, "epel", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "epel", EL, "/usr/bin/python3.11", "epel", True, "venv"),
    Expected(FAMILY, "ius", EL, "/usr/bin/python3.11", "ius", True, "venv"),
    Expected(FAMILY, "amazon-2023", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "third-party", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "third-party", EL, "/usr/bin/python3.11", "third-party", True, "venv"),
    Expected(FAMILY, "altered-with-rpm", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "altered-with-rpm", EL, "/usr/bin/python3.11", "altered", True, "venv"),
    Expected(FAMILY, "altered-without-rpm", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "altered-without-rpm", EL, "/usr/bin/python3.11", "altered", True, "venv"),
    Expected(FAMILY, "bdb-with-rpm", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "bdb-without-rpm", EL, "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "bdb-damaged", EL, "/usr/bin/python3.9", "unknown", True, "venv"),
    Expected(FAMILY, "sqlite-damaged", EL, "/usr/bin/python3.9", "unknown", True, "venv"),
    Expected(FAMILY, "sqlite-damaged", EL, "/usr/bin/python3.11", "unknown", True, "venv"),
    Expected(FAMILY, "platform-python", EL, PLATFORM_PYTHON, "platform-python", True, "refuse"),
    Expected(FAMILY, "platform-python", EL, "/usr/bin/python3.9", "appstream", True, "venv"),
    Expected(FAMILY, "platform-python-with-user-link", EL, "/usr/bin/python3.11", "distro", True, "venv"),
    Expected(FAMILY, "collections", EL, PYTHON311, "scl", True, "venv"),
    Expected(FAMILY, "collections", EL, PYTHON27, "scl", True, "refuse"),
    Expected(FAMILY, "collections", EL, "/usr/bin/python3.11", "ius", True, "venv"),
    Expected(FAMILY, "collection-enabled", EL, PYTHON311, "scl", True, "venv"),
    Expected(FAMILY, "collection-enabled", EL, PYTHON27, "scl", True, "refuse"),
    Expected(FAMILY, "collection-enabled", EL, "/usr/bin/python3.11", "ius", True, "venv"),
    Expected(FAMILY, "fedora-with-rpm", NEWER, "/usr/bin/python3.11", "distro", True, "venv"),
    Expected(FAMILY, "fedora-without-rpm", NEWER, "/usr/bin/python3.11", "distro", True, "venv"),
    Expected(FAMILY, "suse-with-rpm", NEWER, "/usr/bin/python3.11", "distro", True, "venv"),
    Expected(FAMILY, "suse-without-rpm", NEWER, "/usr/bin/python3.11", "distro", True, "venv"),
)
