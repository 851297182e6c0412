"""Amounts as a person reads and writes them."""

from __future__ import annotations

import re
from typing import Optional, Sequence

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(?P<number>\d{1,15}(?:\.\d{1,3})?)\s?(?P<unit>[kmgt]?)b?", re.IGNORECASE | re.ASCII)


def amount(size: int) -> str:
    """Return a number of bytes, ``51.2 MB``: powers of ten, as disks and registries count."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB"):
        if round(value, 1) < 1000:  # noqa: PLR2004
            break
        value, unit = value / 1000, larger
    return f"{size} bytes" if unit == "bytes" else f"{value:.1f} {unit}"


def counted(number: int, noun: str) -> str:
    """Return a number of things, ``11,692 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def size(text: str) -> Optional[int]:
    """Return the bytes of ``500M``, ``2G`` or ``2.5 GB``, None for what is no size."""
    match = _SIZE.fullmatch(text.strip())
    return int(float(match["number"]) * _UNITS[match["unit"].lower()]) if match else None
