"""What PAM opens a session for: ``su``, ssh and cron read /etc/environment (pam_env(8)).

Nothing is expanded there, so PATH is written out; cron keeps a PATH of its own, but a bash it starts reads BASH_ENV.
"""

from __future__ import annotations

from typing import Tuple

from venvboot.activation import profile_d
from venvboot.activation.template import filled
from venvboot.model import Piece, Placement

NAME = "environment"
SERVES = "`su`, ssh, cron jobs with `SHELL=/bin/bash`"
PATH = "/etc/environment"


def pieces(dest: str) -> Tuple[Piece, ...]:
    text = filled("environment", dest=dest, profile=profile_d.PATH)
    return (Piece(PATH, text, NAME, placement=Placement.BOTTOM, needs="/etc/pam.d"),)
