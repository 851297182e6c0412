"""bash that is neither a login shell nor interactive: it reads the file that BASH_ENV names."""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from venvboot.activation import profile_d
from venvboot.model import Piece

NAME = "bash-env"
SERVES = "`bash -c` where PATH was overridden; adds `ENV BASH_ENV=`; left out unless asked for"
PATH = profile_d.PATH


def pieces(dest: str) -> Tuple[Piece, ...]:
    """The same file as for login shells, which may have been left out."""
    return tuple(replace(piece, purpose=NAME) for piece in profile_d.pieces(dest))
