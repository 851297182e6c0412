"""zsh, however it is started: the only file that each one reads.

At the bottom, since Debian's assigns PATH where the process has none.
"""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece, Placement

NAME = "zshenv"
SERVES = "every zsh, also with an empty environment"


def pieces(dest: str) -> Tuple[Piece, ...]:
    """Debian and Arch have a folder for zsh's files, RHEL and Alpine the file itself."""
    text = filled("activate.sh", dest=dest)
    return (
        Piece("/etc/zsh/zshenv", text, NAME, placement=Placement.BOTTOM, needs="/etc/zsh"),
        Piece("/etc/zshenv", text, NAME, placement=Placement.BOTTOM, needs="/etc/zshenv"),
    )
