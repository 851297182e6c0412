"""Login shells: Debian's /etc/profile assigns PATH anew and then reads /etc/profile.d/*.sh."""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece

NAME = "profile.d"
SERVES = "login shells: `bash -l`, `sh -l`, `su -`, `sudo -i`"

# Read in the order of the names, so late. run-parts (Debian 13) wants [A-Za-z0-9_][A-Za-z0-9._-]*.sh and a file
# that all may read.
PATH = "/etc/profile.d/zz-venvboot.sh"


def pieces(dest: str) -> Tuple[Piece, ...]:
    return (Piece(PATH, filled("activate.sh", dest=dest), NAME, needs="/etc/profile.d"),)
