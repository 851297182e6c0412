"""An environment to bring distributions into, by way of its stage."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Callable, Iterator, Optional, Protocol, Tuple

import pytest

from tests.unit.apply import real
from venvboot.apply import stage
from venvboot.apply.bytecode import Compiled
from venvboot.apply.layout import lay_out
from venvboot.apply.placing import Layout
from venvboot.apply.sharing import UMASK
from venvboot.model import Bytecode, Record, Wheel
from venvboot.system import System

MOMENT = 1_600_000_000


def layout(place: real.Environment, folder: int) -> Layout:
    """Return how wheels are laid out in the open stage of an environment, without bytecode."""
    return Layout(
        str(place.dest),
        folder,
        place.scheme,
        real.VERSION,
        real.SCRIPT,
        Bytecode.NONE,
        real.TAG,
        real.MAGIC,
        MOMENT,
    )


class Bring(Protocol):
    """Lays a wheel out and moves it into place; returns how many files that were, and bytes."""

    def __call__(
        self, wheel: Wheel, *, code: Optional[Compiled] = None, form: Bytecode = Bytecode.NONE, python: str = ""
    ) -> Tuple[int, int]: ...


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """A folder that every user can come to, in memory where there is one: much can be made and removed there."""
    memory = Path("/dev/shm")
    is_fit = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(prefix="venvboot-", dir=memory if is_fit else tmp_path) as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture
def place(tmp_path: Path, make_record: Callable[..., Record]) -> real.Environment:
    return real.environment(tmp_path / "venv", make_record())


@pytest.fixture
def bring(place: real.Environment) -> Bring:
    def bring(
        wheel: Wheel, *, code: Optional[Compiled] = None, form: Bytecode = Bytecode.NONE, python: str = ""
    ) -> Tuple[int, int]:
        with stage.opened(System(), place.record) as staged, System().umask(UMASK):
            made = layout(place, staged.folder)
            scheme = replace(made.scheme, python=python) if python else made.scheme
            done = lay_out(wheel, "0000", replace(made, scheme=scheme, bytecode=form), code)
            staged.commit([], ["0000"])
        return done.files, done.size

    return bring
