"""The time that files of a reproducible build bear (https://reproducible-builds.org/specs/source-date-epoch/)."""

from __future__ import annotations

from typing import Mapping, Optional

VARIABLE = "SOURCE_DATE_EPOCH"
LONGEST = 10  # digits: more is beyond what a file system can hold


def epoch(environ: Mapping[str, str]) -> Optional[int]:
    """Return $SOURCE_DATE_EPOCH (seconds since 1970), None where it isn't set to a whole number."""
    told = environ.get(VARIABLE, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= LONGEST else None
