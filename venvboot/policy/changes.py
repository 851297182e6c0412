"""What a run changed, from the distributions before and after it."""

from __future__ import annotations

from typing import Mapping

from venvboot.model import Changes


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """Return the changes between two mappings name -> version, each sorted by name."""
    return Changes(
        add={name: after[name] for name in sorted(after.keys() - before.keys())},
        remove={name: before[name] for name in sorted(before.keys() - after.keys())},
        change={
            name: (before[name], after[name])
            for name in sorted(before.keys() & after.keys())
            if before[name] != after[name]
        },
    )
