"""Divert the package's marker, so that ours survives every upgrade of the distro's Python (dpkg-divert(1))."""

from __future__ import annotations

from venvboot.errors import ToolFailed
from venvboot.model import Diversion
from venvboot.report import Reporter
from venvboot.system import System

PROGRAM = "/usr/bin/dpkg-divert"


def divert(system: System, report: Reporter, diversion: Diversion) -> None:
    """Send the package's version of a file elsewhere, renaming the one that is there."""
    # With both files there, a diversion was undone without renaming: the package's is where it shall be.
    rename = "--no-rename" if system.status(diversion.diverted_to) else "--rename"
    argv = [PROGRAM, "--local", rename, "--divert", diversion.diverted_to, "--add", diversion.path]
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
