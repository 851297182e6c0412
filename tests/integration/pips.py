"""Wheels of pip itself, kept between sessions in the user's cache folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# From the first with the resolver of today to the newest for Python 3.9: each lets the gate in, or is replaced.
VERSIONS = ("20.3.4", "21.3.1", "22.3.1", "23.0", "23.0.1", "23.3.2", "24.3.1", "25.0.1", "25.3", "26.0.1")


def fetched() -> Path:
    """A folder with a wheel of each of these versions."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(cache) / "venvboot-dev" / "pips"
    folder.mkdir(parents=True, exist_ok=True)
    for version in VERSIONS:
        if not list(folder.glob(f"pip-{version}-*.whl")):
            words = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", "3.9"]
            subprocess.run(
                [sys.executable, "-m", "pip", *words, "--dest", str(folder), f"pip=={version}"], check=True
            )
    return folder
