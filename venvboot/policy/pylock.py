"""Locks as PEP 751 describes them: their names, and why one can't be used.

https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Iterator, Mapping, Sequence, Tuple

from venvboot.errors import MOST_SAID
from venvboot.model import Finding, Record, Severity
from venvboot.policy.amounts import some

_NAME = re.compile(r"pylock\.(?:[^.]+\.)?toml\Z")

ANEW = "make it anew, for example: uv export --format pylock.toml --no-emit-project, or pip lock -r requirements.in"


def is_pylock(path: str) -> bool:
    """Tell whether a file has the name of such a lock: ``pylock.toml`` or ``pylock.NAME.toml``."""
    return _NAME.match(posixpath.basename(path)) is not None


def findings(path: str, record: Record, told: Mapping[str, Any]) -> Tuple[Finding, ...]:
    """Return what speaks against the lock at ``path``; ``told`` is what pylock_target.py found."""
    return tuple(_findings(path, record, told))


def _findings(path: str, record: Record, told: Mapping[str, Any]) -> Iterator[Finding]:
    if "invalid" in told:
        yield Finding(
            "lock-unreadable",
            Severity.ERROR,
            path,
            f"{path} can't be used as a lock",
            f"it is not as PEP 751 says: {told['invalid']}"[:MOST_SAID],
            ANEW,
        )
    elif "not_for" in told:
        yield Finding(
            "lock-not-applicable",
            Severity.ERROR,
            path,
            f"{path} is no lock for the Python {record.base_version} of {record.dest}",
            str(told["not_for"])[:MOST_SAID],
            "lock for that Python too, or make the environment of a Python that it is for: venvboot init --python",
        )
    else:
        if told["elsewhere"]:
            yield _elsewhere(path, record, told["elsewhere"])
        if told["unhashed"]:
            yield _unhashed(path, told["unhashed"])


def _elsewhere(path: str, record: Record, packages: Sequence[str]) -> Finding:
    return Finding(
        "lock-not-pinned",
        Severity.ERROR,
        path,
        f"{path} has packages that are no release of an index",
        some(packages),
        "leave them out (uv export --no-emit-project), and after the sync: "
        f"venvboot install --venv {record.dest} PATH",
    )


def _unhashed(path: str, packages: Sequence[str]) -> Finding:
    return Finding(
        "lock-without-hashes",
        Severity.ERROR,
        path,
        f"{path} has files without a sha256, so nothing that is fetched can be compared with it",
        f"no sha256 of 64 digits for {some(packages)}",
        "lock against an index that tells the sha256 of its files",
    )
