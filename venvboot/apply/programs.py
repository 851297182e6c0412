"""The programs that run pip, put together of files that the interpreter in question gets as one text with ``-c``."""

from __future__ import annotations

import pkgutil

# What pip says of a requirement that it would have to build; ``-`` stands for a name that only the build tells.
NEEDS_BUILD = r"needs a build: (?P<name>\S+) (?P<source>\S.*)$"


def carried() -> str:
    """Return the program that runs the pip wheel named by its first word, which builds nothing."""
    return _together("pip_target.py", "wheels_only_target.py", "run_target.py")


def gated(*, wheels_only: bool = False) -> str:
    """Return the program that the interpreter to be installed into runs in place of ``-m pip``."""
    return _together("gate_target.py", *(["wheels_only_target.py"] if wheels_only else []), "run_target.py")


def _together(*names: str) -> str:
    return "\n".join(_source(name) for name in names)


def _source(name: str) -> str:
    source = pkgutil.get_data("venvboot.apply", name)
    assert source is not None  # noqa: S101  # it is part of the package
    return source.decode()
