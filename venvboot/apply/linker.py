"""Let the dynamic linker read its configuration again, so that every start finds what was added to it."""

from __future__ import annotations

from venvboot.errors import ToolFailed
from venvboot.facts.linker import ldconfig
from venvboot.report import Reporter
from venvboot.system import System


def refresh(system: System, report: Reporter) -> None:
    """Write the linker's cache anew. Raises ToolFailed."""
    program = ldconfig(system)
    report.detail(f"+ {program}")
    done = system.run([program])
    if done.code != 0:
        raise ToolFailed(
            "ldconfig-failed", program, program, done.code, done.err, "repair what it names in /etc/ld.so.conf.d"
        )
