"""Programs of the environment by their names in /usr/local/bin: the net below PATH.

Each is a script that starts the program by its path. A link would not do: started through one in another folder
Python doesn't find its pyvenv.cfg, and runs as the base.
"""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece

NAME = "wrappers"
SERVES = "`env -i sh -c`, a PATH that lost the environment, an image that lost its ENV"
FOLDER = "/usr/local/bin"
MODE = 0o755


def pieces(_: str) -> Tuple[Piece, ...]:
    """None: which they are is decided by what the environment holds (``policy.rehash``)."""
    return ()


def text(dest: str, name: str) -> str:
    return filled("wrapper.sh", dest=dest, name=name)
