"""fish, however it is started: it reads the files of conf.d before anything else."""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece

NAME = "fish"
SERVES = "every fish"
FOLDER = "/etc/fish/conf.d"


def pieces(dest: str) -> Tuple[Piece, ...]:
    return (Piece(f"{FOLDER}/venvboot.fish", filled("activate.fish", dest=dest), NAME, needs=FOLDER),)
