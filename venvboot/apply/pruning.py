"""Keep what syncs have in the cache within a limit."""

from __future__ import annotations

import contextlib
import os
import posixpath
import time
from typing import Iterable, Optional, Tuple

from venvboot.apply.store import Store
from venvboot.descriptors import open_directory
from venvboot.policy.amounts import amount, counted
from venvboot.report import Reporter

# seconds: a build that runs at the same time may be about to read it
IN_USE = 3600


def prune(report: Reporter, store: Store, most: Optional[int]) -> None:
    """Tell how much there is, and remove what was used longest ago until it is ``most`` bytes, None for no limit.

    What was used within the last hour stays, and so may more than that; while another run uses the cache all stays.
    """
    if store.shared is None:
        return
    entries = sorted(store.entries(), key=lambda entry: entry[1].st_mtime)
    total = sum(info.st_size for _, info in entries)
    removed = freed = 0
    over = ""
    if most is not None and total > most:
        with store.alone() as alone:
            removed, freed = _removed(store.shared, entries, total - most) if alone else (0, 0)
        why = "what was used within the last hour stays" if alone else "another run is using it"
        over = f" ({why})" if total - freed > most else ""
    told = f"; {counted(removed, 'file')}, {amount(freed)} removed" if removed else ""
    report.say(f"the cache {store.shared} has {amount(total - freed)}{told}{over}")


def _removed(shared: str, entries: Iterable[Tuple[str, os.stat_result]], excess: int) -> Tuple[int, int]:
    """Remove the first of the ``entries`` until ``excess`` bytes are gone; return how many, and their bytes."""
    now = time.time()
    removed = freed = 0
    for path, info in entries:
        if freed >= excess:
            break
        if now - info.st_mtime > IN_USE:
            folder, name = posixpath.split(path)
            with contextlib.suppress(OSError), open_directory(folder, shared) as directory:
                os.unlink(name, dir_fd=directory)
                removed += 1
                freed += info.st_size
    return removed, freed
