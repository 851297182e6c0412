"""Recognise a virtual environment from outside, by its pyvenv.cfg (PEP 405).

A probe started with ``-S`` can't tell: up to Python 3.13 it shows the base's prefix.
"""

from __future__ import annotations

import posixpath
import re
from typing import Dict, Optional

from venvboot.model import VenvConfig
from venvboot.system import System

LIMIT = 64 << 10


def of_executable(system: System, path: str) -> Optional[VenvConfig]:
    """Return the environment that the unresolved ``path`` of an executable belongs to, None for none."""
    folder = posixpath.dirname(path)
    for prefix in (posixpath.dirname(folder), folder):
        config = at(system, prefix)
        if config:
            return config
    return None


def at(system: System, prefix: str) -> Optional[VenvConfig]:
    """Return the environment whose root is the folder ``prefix``, None when it isn't one."""
    text = system.read_text(posixpath.join(prefix, "pyvenv.cfg"), LIMIT)
    if text is None:
        return None
    values = parse(text)
    return VenvConfig(
        prefix=prefix,
        home=values.get("home", ""),
        system_site_packages=values.get("include-system-site-packages", "").lower() == "true",
    )


def parse(text: str) -> Dict[str, str]:
    """Return the ``key = value`` lines with lower-case keys; anything else is passed over, as site.py does."""
    values = {}
    for line in re.split("\r\n|\r|\n", text):
        key, equals, value = line.partition("=")
        if equals:
            values[key.strip().lower()] = value.strip()
    return values
