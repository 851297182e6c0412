"""How far a start gets, and what the probe (`tools/start/probe.sh`) has to say then."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

VENV = "/opt/venv"
MARK = "VBPROBE "
COMMANDS = ("python", "python3", "pip", "present", "rehashed", "plain")

Told = dict[str, Any]


class Reach(Enum):
    """What the commands belong to: those of `COMMANDS`, in that order; `None` where there is no such command."""

    # Environment first on PATH.
    REACHED = (VENV, VENV, VENV, VENV, VENV, VENV)
    # The wrappers in /usr/local/bin alone; a script without a wrapper isn't found.
    WRAPPED = (VENV, VENV, VENV, VENV, VENV, None)
    # PATH is /usr/bin:/bin and nothing reads a file of ours: the distro's, which has no plain `python`.
    MISSED = (None, "/usr", "/usr", None, None, None)
    # A script of the distro keeps its Python; what it starts is the environment's.
    KEPT = ("/usr", "/usr", VENV, VENV, VENV, VENV)

    @property
    def cells(self) -> dict[str, str]:
        return {command: prefix or "" for command, prefix in zip(COMMANDS, self.value)}


def told_in(output: str) -> Told | None:
    """The probe's answer among whatever else a start prints."""
    for line in output.splitlines():
        _, mark, answer = line.partition(MARK)
        if mark and answer.startswith("{"):
            told: Told = json.loads(answer)
            return told
    return None


def cells(told: Told) -> dict[str, str]:
    # A Python that was found as /bin/python3, by who has no PATH, takes / for its prefix.
    return {command: "/usr" if told[command] == "/" else told[command] for command in COMMANDS}


def leads_to_venv_first(path: str) -> bool:
    """Whether the environment stands on PATH, before what it has to hide, and only once."""
    folders = path.split(":")
    if folders.count(f"{VENV}/bin") != 1:
        return False
    first = folders.index(f"{VENV}/bin")
    return not {"/usr/local/bin", "/usr/bin", "/bin"} & set(folders[:first])
