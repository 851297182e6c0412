"""What the image and the process in it are: os-release, environment, user."""

from __future__ import annotations

import shlex
from typing import Dict

from venvboot.model import Distro, Image
from venvboot.system import System

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")


def read(system: System) -> Image:
    return Image(_os_release(system), dict(system.environ), system.uid, system.gid, system.groups)


def distro(system: System) -> Distro:
    release = _os_release(system)
    names = (release.get("ID", ""), *release.get("ID_LIKE", "").split())
    minimal = system.is_file("/usr/bin/microdnf") and not system.is_file("/usr/bin/dnf")
    return Distro(names, f"{names[0]}-{release.get('VERSION_ID', '')}", "microdnf" if minimal else "dnf")


def _os_release(system: System) -> Dict[str, str]:
    for path in OS_RELEASE:
        text = system.read_text(path, 64 << 10)
        if text is not None:
            return parse_os_release(text)
    return {}


def parse_os_release(text: str) -> Dict[str, str]:
    """Return the assignments of an os-release(5) file, unquoted; lines that aren't assignments are passed over."""
    values = {}
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if not equals or key.startswith("#"):
            continue
        try:
            words = shlex.split(value)
        except ValueError:
            continue
        values[key] = words[0] if words else ""
    return values
