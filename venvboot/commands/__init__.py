"""One module per verb, all meeting one Protocol and named in one dict."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Mapping, Protocol

from venvboot.model import Outcome
from venvboot.report import Reporter
from venvboot.system import System


@dataclass(frozen=True)
class Context:
    """What every verb works with."""

    system: System
    report: Reporter


class Command(Protocol):
    SUMMARY: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the verb's own arguments."""

    def run(self, arguments: argparse.Namespace, context: Context) -> Outcome:
        """Do it. Raises VenvbootError when it can't go on."""


from venvboot.commands import check, detect, env, init, install, sync  # noqa: E402  # they need Context

COMMANDS: Mapping[str, Command] = {
    "detect": detect,
    "init": init,
    "install": install,
    "sync": sync,
    "check": check,
    "env": env,
}
