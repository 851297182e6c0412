"""What one sync takes from the cache, and what it may leave there."""

from __future__ import annotations

import contextlib
import posixpath
from dataclasses import dataclass, field
from typing import Dict, Iterator, Optional

from venvboot.apply.store import Store
from venvboot.apply.tools import Tools
from venvboot.model import IncomingDistribution, Record
from venvboot.report import Reporter
from venvboot.system import System


@dataclass(frozen=True)
class Kept:
    """``folder`` is that of the run, private, and removed with it; ``examined`` wheels are known by their paths."""

    folder: str
    store: Store
    tools: Tools
    examined: Dict[str, IncomingDistribution] = field(default_factory=dict)


@contextlib.contextmanager
def opened(system: System, report: Reporter, record: Record, cache: Optional[str]) -> Iterator[Kept]:
    """Give that for one run. ``cache`` is the folder of the cache, None where nothing is kept."""
    with system.temporary_directory() as folder:
        store = Store(system, report, cache, posixpath.join(folder, "new"))
        with store.in_use():
            yield Kept(folder, store, Tools(system, report, record, store, folder))
