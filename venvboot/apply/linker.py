"""Let the dynamic linker read its configuration again, so that every start finds what was added to it."""

from __future__ import annotations

import posixpath

from venvboot.actions import LinkLibraries
from venvboot.errors import ToolFailed
from venvboot.facts.linker import ldconfig
from venvboot.policy import moment
from venvboot.report import Reporter
from venvboot.system import System

AUXILIARY = "/var/cache/ldconfig/aux-cache"
AUXILIARY_MODE = 0o600


def link(system: System, action: LinkLibraries) -> None:
    """Make the folder of links, which nobody but root writes."""
    system.make_directory(action.folder, 0o755, 0)
    for name, path in action.libraries:
        system.link(posixpath.join(action.folder, name), path)


def refresh(system: System, report: Reporter) -> None:
    """Write the linker's cache anew. Raises ToolFailed.

    What ldconfig keeps for its next run holds inodes and times, which a reproducible layer can't have: it is left as
    it was, and ldconfig looks at what it says before it believes it.
    """
    reproducible = moment.epoch(system.environ) is not None
    kept = system.read(AUXILIARY) if reproducible and system.is_file(AUXILIARY) else None
    program = ldconfig(system)
    report.detail(f"+ {program}")
    done = system.run([program])
    if done.code != 0:
        raise ToolFailed(
            "ldconfig-failed", program, program, done.code, done.err, "repair what it names in /etc/ld.so.conf.d"
        )
    if reproducible and system.is_file(AUXILIARY):
        if kept is None:
            system.remove_file(AUXILIARY)
        else:
            system.write(AUXILIARY, kept, AUXILIARY_MODE)
