"""How an interpreter is started so that neither the caller's variables nor the working directory steer it."""

from __future__ import annotations

import posixpath
from typing import List


def options(version: str, *, site: bool = True) -> List[str]:
    """Return the options for a Python of ``version`` (``3.11.2``), which leaves no bytecode behind either.

    Python 2 has no ``-I``: a program given with ``-c``, and what it imports, still has the working directory first
    on its path, so it has to be started in ``/``. Without ``site`` nothing of site-packages is run.
    """
    isolating = ["-E", "-s"] if is_python2(version) else ["-I"]
    return [*isolating, *([] if site else ["-S"]), "-B"]


def pip(python: str, version: str) -> List[str]:
    """Return the start of a command line of the pip that belongs to ``python``, in whatever working directory.

    Python 2 would look for the module of ``-m`` there first, and for a script's imports beside the script.
    """
    program = [posixpath.join(posixpath.dirname(python), "pip")] if is_python2(version) else ["-m", "pip"]
    return [python, *options(version), *program]


def is_python2(version: str) -> bool:
    return version.startswith("2.")
