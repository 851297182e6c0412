"""Carry out what guards an interpreter, and what takes that back (dpkg-divert(1))."""

from __future__ import annotations

from typing import Sequence

from venvboot.actions import DivertFile, UndivertFile
from venvboot.errors import ToolFailed
from venvboot.model import Diversion
from venvboot.report import Reporter
from venvboot.system import System

PROGRAM = "/usr/bin/dpkg-divert"


def divert(system: System, report: Reporter, action: DivertFile) -> None:
    """Send the package's version of a file elsewhere, renaming the one that is there where that is the package's."""
    rename = "--rename" if action.rename else "--no-rename"
    words = ["--local", rename, "--divert", action.diversion.diverted_to, "--add", action.diversion.path]
    _run(system, report, words, action.diversion)


def undivert(system: System, report: Reporter, action: UndivertFile) -> None:
    """Remove the diversion and rename the package's file back."""
    words = ["--local", "--rename", "--divert", action.diversion.diverted_to, "--remove", action.diversion.path]
    _run(system, report, words, action.diversion)


def _run(system: System, report: Reporter, words: Sequence[str], diversion: Diversion) -> None:
    argv = [PROGRAM, *words]
    report.detail("+ " + " ".join(argv))
    done = system.run(argv)
    report.detail(done.out.strip())
    if done.code != 0:
        raise ToolFailed(
            "diversion-failed",
            diversion.path,
            f"dpkg-divert of {diversion.path}",
            done.code,
            done.err or done.out,
            "repair the dpkg database, or say --no-guard",
        )
