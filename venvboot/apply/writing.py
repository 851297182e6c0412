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


class Cost(NamedTuple):
    """Nanoseconds for a byte of a wheel's files, for one of its compiled code, and for a file."""

    byte: float
    code: float
    file: float


# Least squares over thirty wheels of 3 kB to 57 MB on tmpfs: to within 5 % for all that take long
COPYING, LAYING_OUT = Cost(1.1, 2.7, 29_000), Cost(6.7, 0.8, 91_000)


@dataclass(frozen=True)
class Task:
    """One wheel, whose ``files`` have ``size`` bytes, to be written to ``place``.

    ``compiled`` is the file of its modules' code, ``code`` bytes large, empty for none; ``kept`` is what the wheel
    became before, ``new`` the path of what is to be kept of it.
    """

    wheel: Wheel
    place: str
    files: int
    size: int
    compiled: str
    code: int
    kept: Optional[str]
    new: Optional[str]

    def weight(self) -> int:
        """Return about how many nanoseconds it takes."""
        cost = COPYING if self.kept else LAYING_OUT
        return int(cost.byte * self.size + cost.code * self.code + cost.file * self.files)


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
