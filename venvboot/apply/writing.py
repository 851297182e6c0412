"""Write wheels into the stage on all cores: copied as they were laid out before, or laid out, with their bytecode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, NamedTuple, Optional, Sequence

from venvboot import forks
from venvboot.apply import bytecode, laid_out, placing
from venvboot.apply.layout import lay_out
from venvboot.apply.placing import Layout
from venvboot.model import Wheel
from venvboot.system import System

# What it takes, in the time that copying one byte does
COPIED_FILE = 30_000
INFLATED_BYTE, INFLATED_FILE = 4, 50_000


@dataclass(frozen=True)
class Task:
    """One wheel, whose ``files`` have ``size`` bytes, to be written to ``place``.

    ``compiled`` is the file of its modules' code, empty for none; ``kept`` what the wheel became before, ``new`` the
    path of what is to be kept of it.
    """

    wheel: Wheel
    place: str
    files: int
    size: int
    compiled: str
    kept: Optional[str]
    new: Optional[str]

    def weight(self) -> int:
        if self.kept:
            return self.size + COPIED_FILE * self.files
        return self.size * INFLATED_BYTE + INFLATED_FILE * self.files


class Written(NamedTuple):
    """How much was written of a wheel."""

    name: str
    files: int
    size: int
    is_copied: bool


def write_all(system: System, layout: Layout, tasks: Sequence[Task]) -> List[Written]:
    """Do ``tasks``; one whose compiled code is damaged isn't begun, and isn't told of. Raises WheelNotValid."""

    def write(share: Sequence[Task]) -> List[Optional[Written]]:
        return [_write(system, layout, task) for task in share]

    parts = forks.shares(tasks, Task.weight, forks.cores())
    return [one for share in forks.run(write, parts) for one in share if one]


def _write(system: System, layout: Layout, task: Task) -> Optional[Written]:
    """Copy what the wheel became before; where that isn't whole, lay it out, and keep that."""
    code = bytecode.load(system, task.compiled) if task.compiled else None
    if task.compiled and code is None:
        return None
    with laid_out.opened(system, task.kept, layout.dest) as before:
        if before:
            done = placing.copy(before, task.wheel, task.place, layout, code)
        else:
            done = lay_out(task.wheel, task.place, layout, code, laid_out.Keeping(task.new) if task.new else None)
    return Written(task.wheel.name, done.files, done.size, is_copied=before is not None)
