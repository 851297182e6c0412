"""The wheels of tests/data/top-projects.lock: fetched once, and kept in the user's cache folder like the bases."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

from tests.images.base_images import default_cache

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests" / "data"
LOCK = DATA / "top-projects.lock"


def fetched() -> Path:
    """A folder with every wheel of the lock and no other. No index is asked for one that is there."""
    folder = default_cache().parent / "top-projects"
    folder.mkdir(parents=True, exist_ok=True)
    # Several workers get here at the same time.
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, str(ROOT / "scripts" / "top_projects.py"), str(folder)], check=True)
    return folder


def versions() -> dict[str, str]:
    """What the lock pins: version by name."""
    lines = [line.split(" ", 1)[0] for line in LOCK.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("==") for line in lines)
