"""One module per verb, all meeting one Protocol and named in one dict."""

from __future__ import annotations

import argparse
import importlib
from dataclasses import dataclass
from typing import Mapping, Protocol, cast

from venvboot.model import Outcome
from venvboot.policy import moment
from venvboot.report import Reporter
from venvboot.system import System

# Verb -> what it does. The module of the same name is imported when its verb is used: all of them cost 50 ms.
COMMANDS: Mapping[str, str] = {
    "detect": "list the interpreters of the image, their origin and what may be done with them",
    "init": "make an isolated, group-writable, activated environment and guard the base interpreter",
    "install": "install requirements into the environment",
    "compile": "lock what a project asks for, with hashes, for the environment's Python",
    "sync": "make the environment exactly what locks say",
    "fix": "give the group its access back; touches only what is wrong",
    "guard": "keep installs away from the interpreters of the system's package manager, or no longer",
    "seal": "take pip, start-up hook and the group's write access out of an environment, or give them back",
    "check": "verify every promise; exits 4 with a finding for each fault",
    "env": "print the ENV lines of an environment",
    "onbuild": "print the lines by which each image FROM this one fills its environment",
}


@dataclass(frozen=True)
class Context:
    """What every verb works with."""

    system: System
    report: Reporter


class Command(Protocol):
    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the verb's own arguments."""

    def run(self, arguments: argparse.Namespace, context: Context) -> Outcome:
        """Do it. Raises VenvbootError when it can't go on."""


def load(verb: str) -> Command:
    """Return the module of a verb in ``COMMANDS``."""
    return cast("Command", importlib.import_module(f"venvboot.commands.{verb}"))


def settle(system: System, began: float, outcome: Outcome) -> None:
    """Let what a verb has written since ``began`` bear the time of a reproducible build, where there is one."""
    told = moment.epoch(system.environ)
    if told is not None and outcome.trees:
        from venvboot.apply import times  # noqa: PLC0415  # of hardly any run

        times.settle(system, told, began, outcome.trees)
