"""What a person reads while a verb runs: lines on stderr, flushed as they happen."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field
from typing import TextIO

from venvboot.redact import one_line


@dataclass(frozen=True)
class Reporter:
    """Progress lines for a build log. ``verbosity``: -1 quiet, 0 normal, 1 with every command started."""

    verbosity: int = 0
    stream: TextIO = field(default_factory=lambda: sys.stderr)

    def say(self, line: str) -> None:
        if self.verbosity >= 0:
            self._write(line)

    def detail(self, line: str) -> None:
        if self.verbosity > 0:
            self._write(line)

    def repeat(self, output: str) -> None:
        """Show what a tool printed, however quiet: it failed."""
        for line in output.splitlines():
            self._write(line)

    def _write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more; the work goes on
            self.stream.write("".join(f"{one_line(part)}\n" for part in line.split("\n")))
            self.stream.flush()
