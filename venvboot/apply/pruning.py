"""Keep what syncs have in the cache within a limit."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Optional

from venvboot.apply.store import Store
from venvboot.policy.amounts import amount, counted
from venvboot.report import Reporter

# seconds: a build that runs at the same time may be about to read it
IN_USE = 3600


def prune(report: Reporter, store: Store, most: Optional[int]) -> None:
    """Tell how much there is, and remove what was used longest ago until it is ``most`` bytes, None for no limit.

    What was used within the last hour stays, and so may more than that.
    """
    if store.shared is None:
        return
    entries = sorted(store.entries(), key=lambda entry: entry[1].st_mtime)
    total = sum(info.st_size for _, info in entries)
    now = time.time()
    removed = freed = 0
    for path, info in entries:
        if most is None or total - freed <= most:
            break
        if now - info.st_mtime > IN_USE:
            with contextlib.suppress(OSError):
                os.unlink(path)
                removed += 1
                freed += info.st_size
    told = f"; {counted(removed, 'file')}, {amount(freed)} removed" if removed else ""
    over = " (what was used within the last hour stays)" if most is not None and total - freed > most else ""
    report.say(f"the cache {store.shared} has {amount(total - freed)}{told}{over}")
