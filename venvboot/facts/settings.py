"""Settings of pip and uv that take a guard away: variables, and their files of configuration."""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, Tuple

from venvboot.system import System

VARIABLES = ("PIP_BREAK_SYSTEM_PACKAGES", "UV_BREAK_SYSTEM_PACKAGES")
NOT_SET = ("", "0", "false", "no", "off")
LIMIT = 256 << 10

# As in pip's manual ("Configuration files") and in uv's ("Configuration files"); ~ is the home of who runs
FILES = (
    "/etc/pip.conf",
    "/etc/xdg/pip/pip.conf",
    "~/.pip/pip.conf",
    "~/.config/pip/pip.conf",
    "/etc/uv/uv.toml",
    "~/.config/uv/uv.toml",
)
BY_VARIABLE = ("PIP_CONFIG_FILE", "UV_CONFIG_FILE")

_TRUE = re.compile(
    r"^[ \t]*break[-_]system[-_]packages[ \t]*[=:][ \t]*[\"']?(?:true|1|yes|on|t|y)\b", re.MULTILINE | re.IGNORECASE
)


def breaking(system: System, prefixes: Tuple[str, ...] = ()) -> Tuple[str, ...]:
    """Return each variable and file that says so; ``prefixes`` of interpreters may have a pip.conf as well."""
    return tuple(_breaking(system, prefixes))


def _breaking(system: System, prefixes: Tuple[str, ...]) -> Iterator[str]:
    for name in VARIABLES:
        if system.environ.get(name, "").lower() not in NOT_SET:
            yield f"{name}={system.environ[name]}"
    home = system.environ.get("HOME", "")
    named = [system.environ.get(name, "") for name in BY_VARIABLE]
    places = [path.replace("~", home, 1) for path in FILES if home or not path.startswith("~")]
    places += [posixpath.join(prefix, "pip.conf") for prefix in prefixes]
    for path in dict.fromkeys(path for path in (*places, *named) if path.startswith("/")):
        if _TRUE.search(system.read_text(path, LIMIT) or ""):
            yield path
