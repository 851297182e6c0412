"""The programs that run pip, put together of files that the interpreter in question gets as one text with ``-c``."""

from __future__ import annotations

import os
import pkgutil
from typing import Collection, List, Optional

# What pip says of a requirement that it would have to build; ``-`` stands for a name that only the build tells.
NEEDS_BUILD = r"needs a build: (?P<name>\S+) (?P<source>\S.*)$"


def carried() -> str:
    """Return the program that runs the pip wheel named by its first word, which builds nothing."""
    return _together(source("pip_target.py"), *_built([]))


def gated(builds: Optional[Collection[str]] = None, wanted: Optional[Collection[str]] = None) -> str:
    """Return the program that the interpreter to be installed into runs in place of ``-m pip``.

    ``builds`` are the canonical names of what may be built, None for anything. With ``wanted``, the canonical names
    that pip gets of its requirements, it ends with this process, whatever happens to that.
    """
    parts = [*([] if wanted is None else [*_ending(), *_wanted(wanted)]), *([] if builds is None else _built(builds))]
    return _together(source("gate_target.py"), *parts)


def fetching(wanted: Collection[str], builds: Optional[Collection[str]]) -> str:
    """Return the program that runs the pip wheel named by its first word, for the names ``wanted`` alone.

    ``builds`` as for ``gated``; all names are canonical. It ends with this process, whatever happens to that.
    """
    parts = [*_ending(), *_wanted(wanted), *([] if builds is None else _built(builds))]
    return _together(source("pip_target.py"), *parts)


def asking(name: str) -> str:
    """Return the program of the file ``name``, which ends by telling what it found."""
    return "\n".join((source(name), source("told_target.py")))


def _ending() -> List[str]:
    return [f"PARENT = {os.getpid()}", source("ending_target.py")]


def _wanted(names: Collection[str]) -> List[str]:
    return [f"WANTED = {sorted(names)!a}", source("wanted_target.py")]


def _built(names: Collection[str]) -> List[str]:
    return [f"MAY_BE_BUILT = {sorted(names)!a}", source("wheels_only_target.py")]


def _together(*parts: str) -> str:
    return "\n".join((*parts, source("run_target.py")))


def source(name: str) -> str:
    """Return the text of a program that stands in this folder."""
    text = pkgutil.get_data("venvboot.apply", name)
    assert text is not None  # noqa: S101  # it is part of the package
    return text.decode()
