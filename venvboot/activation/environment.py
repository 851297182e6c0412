"""What PAM opens a session for: ``su``, ssh and cron read /etc/environment (pam_env(8)).

Nothing is expanded there, so PATH is written out; cron keeps a PATH of its own, but a bash it starts reads BASH_ENV.
"""

from __future__ import annotations

import re
from typing import Tuple

from venvboot.activation import profile_d
from venvboot.activation.template import filled
from venvboot.model import Piece, Placement

NAME = "environment"
SERVES = "`su`, ssh, cron jobs with `SHELL=/bin/bash`"
PATH = "/etc/environment"

# What the template has, as most distros' programs set it
STANDARD = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ASSIGNED = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?PATH[ \t]*=[ \t]*(["']?)([^"'#\n]+?)\1[ \t]*(?:#.*)?$""", re.MULTILINE
)


def pieces(dest: str) -> Tuple[Piece, ...]:
    text = filled("environment", dest=dest, profile=profile_d.PATH)
    return (Piece(PATH, text, NAME, placement=Placement.BOTTOM, needs="/etc/pam.d"),)


def fitted(text: str, rest: str) -> str:
    """Return ``text`` with the folders of the PATH that the ``rest`` of the file sets, for PAM its last line."""
    theirs = [value for _, value in _ASSIGNED.findall(rest)]
    folders = [folder for folder in theirs[-1].split(":") if folder.startswith("/")] if theirs else []
    if not folders:
        return text
    begin, line, end = text.partition(STANDARD)
    return begin + ":".join(folders) + end if line else text
