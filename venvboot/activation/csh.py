"""csh and tcsh, however they are started: they read /etc/csh.cshrc first."""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece, Placement

NAME = "csh"
SERVES = "every csh and tcsh"
PATH = "/etc/csh.cshrc"


def pieces(dest: str) -> Tuple[Piece, ...]:
    return (Piece(PATH, filled("activate.csh", dest=dest), NAME, placement=Placement.BOTTOM, needs=PATH),)
