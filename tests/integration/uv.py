"""uv, kept between sessions in the user's cache folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

VERSION = "0.13.9"


def program() -> Optional[str]:
    """Return uv's path, fetched where PATH has none; None where it can't be had."""
    found = shutil.which("uv")
    if found:
        return found
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(cache) / "venvboot-dev" / f"uv-{VERSION}"
    path = folder / "bin/uv"
    if not path.exists():
        words = ["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", *words, f"uv=={VERSION}"], check=False, capture_output=True)
    return str(path) if path.exists() else None
