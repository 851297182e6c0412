"""The wheels of the locks in tests/data: fetched once, and kept in the user's cache folder like the bases."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.images.base_images import default_cache

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests" / "data"
LOCK = DATA / "top-projects.lock"


def fetched(name: str = LOCK.stem) -> Path:
    """A folder with every wheel of the lock `name` and no other. No index is asked for one that is there already.

    Each edition of a lock has a folder of its own: another checkout may have mounted what this one's lock lacks.
    """
    digest = hashlib.sha256((DATA / f"{name}.lock").read_bytes()).hexdigest()[:16]
    cache = default_cache().parent
    folder = cache / f"{name}.{digest}"
    cache.mkdir(parents=True, exist_ok=True)
    # Several workers get here at the same time.
    with open(cache / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            earlier = list(cache.glob(f"{name}*/*.whl"))
            folder.mkdir()
            for wheel in {wheel.name: wheel for wheel in earlier}.values():
                os.link(wheel, folder / wheel.name)
        subprocess.run([sys.executable, str(ROOT / "scripts" / "top_projects.py"), name, str(folder)], check=True)
    return folder


def versions() -> dict[str, str]:
    """What the lock pins: version by name."""
    lines = [line.split(" ", 1)[0] for line in LOCK.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("==") for line in lines)
