"""Recognise a virtual environment from outside, by its pyvenv.cfg (PEP 405), and find what it was made from.

Before its release 20 virtualenv wrote none, but the base's prefix into a file beside the standard library. A probe
started with ``-S`` can't tell: up to Python 3.13 it shows the base's prefix.
"""

from __future__ import annotations

import glob
import posixpath
import re
from typing import Dict, Iterator, Optional

from venvboot.facts.folders import NAME
from venvboot.model import VenvConfig
from venvboot.system import System

FILE = "pyvenv.cfg"
OLD_FILE = "orig-prefix.txt"
FROM = "="  # which of them it was: no key of a pyvenv.cfg has that character
LIMIT = 64 << 10
MOST_NESTED = 8


def of_executable(system: System, path: str) -> Optional[VenvConfig]:
    """Return the environment that the unresolved ``path`` of an executable belongs to, None for none."""
    folder = posixpath.dirname(path)
    for prefix in (posixpath.dirname(folder), folder):
        config = at(system, prefix)
        if config:
            return config
    return None


def at(system: System, prefix: str) -> Optional[VenvConfig]:
    """Return the environment whose root is the folder ``prefix``, None when it isn't one.

    To CPython as well a ``pyvenv.cfg`` that names no ``home`` is none: it then starts as the base that it is.
    """
    values = _values(system, prefix)
    if not values or not values.get("home"):
        return None
    return VenvConfig(
        prefix=prefix,
        home=values["home"],
        system_site_packages=values.get("include-system-site-packages", "").lower() == "true",
        file=values.get(FROM, FILE),
    )


def base(system: System, config: VenvConfig, name: str) -> Optional[str]:
    """Return the path of the interpreter that an environment was made from, as its pyvenv.cfg names it.

    ``name`` is looked for first in the folder ``home``, for example ``python3.11``. An environment made from another
    one leads to that one's base. None where nothing stands there, or where environments name each other.
    """
    for _ in range(MOST_NESTED):
        path = next((path for path in _bases(system, config, name) if system.is_file(path)), None)
        nested = of_executable(system, path) if path else None
        if nested is None:
            return path
        config = nested
    return None


def parse(text: str) -> Dict[str, str]:
    """Return the ``key = value`` lines with lower-case keys; anything else is passed over, as site.py does."""
    values = {}
    for line in re.split("\r\n|\r|\n", text):
        key, equals, value = line.partition("=")
        if equals:
            values[key.strip().lower()] = value.strip()
    return values


def _values(system: System, prefix: str) -> Optional[Dict[str, str]]:
    text = _text(system, posixpath.join(prefix, FILE))
    return _of_old_virtualenv(system, prefix) if text is None else parse(text)


def _of_old_virtualenv(system: System, prefix: str) -> Optional[Dict[str, str]]:
    """Return in the words of pyvenv.cfg what a virtualenv before 20 wrote, None where none did."""
    for path in system.glob(posixpath.join(glob.escape(prefix), "lib/python[23].*", OLD_FILE)):
        base, library = (_text(system, path) or "").strip(), posixpath.dirname(path)
        shared = not system.is_file(posixpath.join(library, "no-global-site-packages.txt"))
        if base.startswith("/"):
            return {
                "home": posixpath.join(base, "bin"),
                "version": posixpath.basename(library)[len("python") :],
                "include-system-site-packages": str(shared),
                FROM: path[len(prefix) + 1 :],
            }
    return None


def _text(system: System, path: str) -> Optional[str]:
    try:
        return system.read(path, LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return None


def _bases(system: System, config: VenvConfig, name: str) -> Iterator[str]:
    """Give the paths where the base may be, best first; ``base-executable`` is virtualenv's key."""
    values = _values(system, config.prefix) or {}
    version = re.match(r"[0-9]+\.[0-9]+", values.get("version") or values.get("version_info", ""))
    home = config.home
    in_home = [name, f"python{version.group() if version else ''}", "python3", "python"]
    in_home += [found for found in system.list_directory(home) if NAME.match(found)] if home.startswith("/") else []
    paths = (values.get("base-executable", ""), *(posixpath.join(home, found) for found in in_home))
    return (path for path in paths if path.startswith("/"))
