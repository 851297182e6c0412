"""pipx, kept between sessions in the user's cache folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Optional

VERSION = "1.7.1"  # the last for Python 3.8 and 3.9


def program() -> Optional[str]:
    """Return pipx's path, in an environment of its own; None where it can't be had."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(cache) / "venvboot-dev" / f"pipx-{VERSION}"
    path = folder / "bin/pipx"
    if not path.exists():
        words = ["install", "--quiet", "--only-binary", ":all:", f"pipx=={VERSION}"]
        subprocess.run([sys.executable, "-m", "virtualenv", "--quiet", str(folder)], check=False, capture_output=True)
        subprocess.run([str(folder / "bin/python"), "-m", "pip", *words], check=False, capture_output=True)
    return str(path) if path.exists() else None
