"""An ENTRYPOINT in the environment: umask, a home and a name for whatever user the platform chose."""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece

NAME = "entrypoint"
SERVES = "the container's command, where the Dockerfile names it as ENTRYPOINT"


def pieces(dest: str) -> Tuple[Piece, ...]:
    path = f"{dest}/bin/venvboot-entrypoint"
    return (Piece(path, filled("entrypoint.sh", dest=dest), NAME, mode=0o775, trusted=dest),)
