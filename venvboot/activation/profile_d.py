"""Login shells: Debian's /etc/profile assigns PATH anew and then reads /etc/profile.d/*.sh."""

from __future__ import annotations

import pkgutil

NAME = "profile.d"

# Read in the order of the names, so late. run-parts (Debian 13) wants [A-Za-z0-9_][A-Za-z0-9._-]*.sh and a file
# that all may read.
PATH = "/etc/profile.d/zz-venvboot.sh"

# Without the folder no shell reads it.
NEEDS = "/etc/profile.d"


def content(dest: str) -> str:
    template = pkgutil.get_data("venvboot.activation", "templates/profile.sh")
    assert template is not None  # noqa: S101  # it is part of the package
    return template.decode().replace("@DEST@", dest)
