"""Start processes in every way that this image and this user have, and see which Python each gets."""

from __future__ import annotations

import posixpath
from typing import Tuple

from venvboot import isolated
from venvboot.facts.finder import search_path
from venvboot.model import Record
from venvboot.policy.ways import ASK, WAYS, Start, Way
from venvboot.system import System

TIMEOUT = 10.0
FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin")


def try_all(system: System, record: Record) -> Tuple[Start, ...]:
    """Return what came of each way; of an unpacked image nothing is started, and none leads to a broken Python."""
    if system.root != "/" or system.run([record.python, *ASK], timeout=TIMEOUT).code != 0:
        return ()
    return tuple(_try(system, record, way) for way in WAYS)


def _try(system: System, record: Record, way: Way) -> Start:
    if way.needs and not _present(system, way.needs):
        return Start(way, failure=f"there is no {way.needs}", tried=False)
    if way.as_root and system.uid != 0:
        return Start(way, failure="only root can", tried=False)
    python = "python" if isolated.is_python2(record.base_version) else "python3"
    done = system.run(way.command(python), env=way.environ, timeout=TIMEOUT, uid=way.uid)
    told = done.out.strip().splitlines()
    if done.code == 0 and told and told[-1].startswith("/"):
        return Start(way, prefix=told[-1])
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    failure = lines[-1] if lines else f"exit status {done.code}"
    if way.control and system.run(way.control, env=way.environ, timeout=TIMEOUT, uid=way.uid).code != 0:
        return Start(way, failure=f"nothing starts so here: {failure}", tried=False)
    return Start(way, failure=failure)


def _present(system: System, program: str) -> bool:
    folders = (*search_path(system), *FOLDERS)
    return any(system.is_file(posixpath.join(folder, program)) for folder in folders)
