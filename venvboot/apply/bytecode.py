"""Compiled code kept apart from the files it is written to: one file for each wheel, Python and place.

A wheel's content decides its sources, so its digest stands for theirs. The contents of the file are code objects, its
index tells of each final path where that stands, how long it is, and the hash of the source.
"""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import struct
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from venvboot import forks
from venvboot.apply import programs
from venvboot.apply.indexed import Reader
from venvboot.apply.pip import environment
from venvboot.errors import ToolFailed
from venvboot.facts.installed_files import cached
from venvboot.facts.wheel_archive import LONGEST_NAME
from venvboot.facts.wheels import Placed
from venvboot.model import Bytecode, PythonFacts, Record, Scheme, Wheel
from venvboot.report import Reporter
from venvboot.system import System

FORMAT = 1
OPTIMISATION = 0
LIMIT = 1 << 30
_TIMESTAMP, _UNCHECKED, _CHECKED = 0, 0b01, 0b11  # PEP 552


@dataclass(frozen=True)
class Code:
    """A code object, and the hash of its source as the Python in question makes it (8 bytes)."""

    marshalled: memoryview
    source_hash: bytes


class Compiled:
    """The code of one wheel's modules."""

    def __init__(self, content: bytes) -> None:
        """Raises ValueError for content that is damaged."""
        self._reader = Reader(io.BytesIO(content))

    def code(self, final: str) -> Optional[Code]:
        """Return the code of the module that stands at ``final``, None for one that can't be compiled."""
        found: Optional[Tuple[int, int, str]] = self._reader.index.get(final)
        if found is None:
            return None
        start, length, source_hash = found
        return Code(self._reader.read(start, length), bytes.fromhex(source_hash))


def name(wheel: Wheel, scheme: Scheme, python: PythonFacts) -> str:
    """Return the name of the file for the modules of ``wheel``, from all that their code depends on."""
    decisive = [FORMAT, wheel.sha256, wheel.name, scheme.purelib, scheme.platlib, scheme.data]
    decisive += [python.cache_tag, python.magic, OPTIMISATION]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


def load(system: System, path: str) -> Optional[Compiled]:
    """Return what the file holds; None where there is none, or a damaged one."""
    try:
        return Compiled(system.read_whole(path, LIMIT))
    except (OSError, ValueError):
        return None


def header(form: Bytecode, magic: bytes, moment: int, size: int, source_hash: bytes) -> bytes:
    """Return the 16 bytes that stand before the code in a ``.pyc`` (PEP 552).

    ``moment`` (seconds since 1970) and ``size`` (bytes) are those of the source.
    """
    if form is Bytecode.TIMESTAMP:
        return magic + struct.pack("<III", _TIMESTAMP, moment & 0xFFFFFFFF, size & 0xFFFFFFFF)
    flags = _CHECKED if form is Bytecode.CHECKED_HASH else _UNCHECKED
    return magic + struct.pack("<I", flags) + source_hash


def compile_all(
    system: System,
    report: Reporter,
    record: Record,
    todo: Sequence[Tuple[Wheel, Sequence[Placed], str]],
    folder: str,
) -> None:
    """Compile wheels by the environment's Python, on all cores.

    ``todo`` has each wheel with its modules and the path of the file to make. ``folder`` is a private one. Raises
    ToolFailed.
    """
    parts = forks.shares(todo, lambda one: sum(module.size for module in one[1]), forks.cores())
    jobs = []
    for number, part in enumerate(parts):
        given = [{"wheel": wheel.path, "modules": modules, "file": path} for wheel, modules, path in part]
        jobs.append(posixpath.join(folder, f"compile-{number}.json"))
        system.write(jobs[-1], json.dumps(given).encode(), 0o600)

    def start(job: str) -> None:
        argv = [record.python, "-I", "-S", "-B", "-c", programs.source("bytecode_target.py"), job]
        report.detail(f"+ {record.python} (compile {job})")
        done = system.run(argv, env=environment(system.environ))
        if done.code != 0:
            raise ToolFailed(
                "bytecode-failed",
                record.python,
                f"compiling by {record.python}",
                done.code,
                done.err,
                "`venvboot check` tells what is wrong with that Python; --bytecode none does without",
            )

    forks.run(start, jobs)


def modules(files: Sequence[Placed], cache_tag: str) -> List[Placed]:
    """Return those of a wheel's files that pip would compile: modules whose bytecode can have its name."""
    sources = [one for one in files if one.final.endswith(".py")]
    return [one for one in sources if len(posixpath.basename(cached(one.final, cache_tag)).encode()) <= LONGEST_NAME]
