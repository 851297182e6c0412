"""The start-up hook of an environment: umask 002 for pip's own command lines, and nothing for any other start.

``pip install`` in a later RUN or by another user of the group has umask 022, and no ENV can set another. Without the
hook the directories it makes could not be written by the next user of the group.
"""

from __future__ import annotations

import pkgutil
from typing import Mapping

NAMES = ("venvboot_pip.pth", "_venvboot_pip.py")


def files() -> Mapping[str, str]:
    """Return the files to place in site-packages, name -> text."""
    contents = {}
    for name in NAMES:
        data = pkgutil.get_data("venvboot.hook", name)
        assert data is not None  # noqa: S101  # it is part of the package
        contents[name] = data.decode("ascii")
    return contents
