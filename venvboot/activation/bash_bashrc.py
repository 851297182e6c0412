"""bash that is interactive, or that sshd starts: it reads the system's bashrc.

At the top, since Debian's returns at once where the shell isn't interactive, as for ``ssh host command``.
"""

from __future__ import annotations

from typing import Tuple

from venvboot.activation.template import filled
from venvboot.model import Piece, Placement

NAME = "bash.bashrc"
SERVES = "`bash -i`, `ssh host command`"

# Debian and Arch, RHEL and Fedora, Alpine and Gentoo
PATHS = ("/etc/bash.bashrc", "/etc/bashrc", "/etc/bash/bashrc")


def pieces(dest: str) -> Tuple[Piece, ...]:
    text = filled("activate.sh", dest=dest)
    return tuple(Piece(path, text, NAME, placement=Placement.TOP, needs=path) for path in PATHS)
