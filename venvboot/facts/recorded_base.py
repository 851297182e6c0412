"""The base interpreter that a record names, as it is in this image by now."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Optional

from venvboot.facts.finder import search_path
from venvboot.model import Record
from venvboot.system import System


@dataclass(frozen=True)
class BaseNow:
    """``failure`` says why it is no interpreter any more, else ``version`` has its three numbers.

    ``other`` is the Python that PATH leads to instead, where the base is gone; empty for none.
    """

    version: str = ""
    failure: str = ""
    other: str = ""


def changed(system: System, record: Record) -> Optional[BaseNow]:
    """Return what the base has become, None where it has the bytes that the environment was made from."""
    if system.status(record.base_path) is None:
        return BaseNow(failure="nothing stands there any more", other=_other(system, record.dest))
    if system.digest(record.base_path) == record.base_sha256:
        return None
    from venvboot.facts import interpreters  # noqa: PLC0415  # of hardly any run

    facts = interpreters.one(system, record.base_path)
    if facts is None or facts.probe is None:
        return BaseNow(failure=facts.failure if facts else "it is no program")
    return BaseNow(version=".".join(map(str, facts.probe.version)))


def _other(system: System, dest: str) -> str:
    names = (posixpath.join(folder, "python3") for folder in search_path(system) if folder != f"{dest}/bin")
    return next((system.realpath(name) for name in names if system.is_file(name)), "")
