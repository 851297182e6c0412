"""sudo: it replaces PATH by secure_path and drops what env_keep doesn't name (sudoers(5)).

sudo passes over a file with a dot in its name, and wants no one but root to write it.
"""

from __future__ import annotations

import re
from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece

NAME = "sudoers"
SERVES = "`sudo`"
FOLDER = "/etc/sudoers.d"


# What the template has, and where another one may be said
STANDARD = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OTHERS = ("/etc/sudoers", f"{FOLDER}/*")
PATH = f"{FOLDER}/venvboot"

_SECURE_PATH = re.compile(
    r"""^[ \t]*Defaults[ \t]+(?:[^#\n]*[ \t,])?secure_path[ \t]*=[ \t]*"?([^"\s,#]+)""", re.MULTILINE
)


def fitted(text: str, others: str) -> str:
    """Return ``text`` with the folders of the secure_path that ``others`` say last, as sudo reads them."""
    said = _SECURE_PATH.findall(others)
    return text.replace(STANDARD, said[-1]) if said else text


def pieces(dest: str) -> Tuple[Piece, ...]:
    return (Piece(PATH, filled("sudoers", dest=dest), NAME, mode=0o440, needs=FOLDER),)
