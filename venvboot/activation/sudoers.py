"""sudo: it replaces PATH by secure_path and drops what env_keep doesn't name (sudoers(5)).

sudo passes over a file with a dot in its name, and wants no one but root to write it.
"""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece

NAME = "sudoers"
SERVES = "`sudo`"
FOLDER = "/etc/sudoers.d"


def pieces(dest: str) -> Tuple[Piece, ...]:
    return (Piece(f"{FOLDER}/venvboot", filled("sudoers", dest=dest), NAME, mode=0o440, needs=FOLDER),)
