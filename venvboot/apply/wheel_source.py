"""A wheel as the source that ``installer`` reads, each file compared with its digest in RECORD as it passes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from base64 import urlsafe_b64encode
from functools import cached_property
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from venvboot import toolchain
from venvboot.errors import WheelNotValid
from venvboot.facts.entry_points import commands, made
from venvboot.facts.wheels import CACHE, DATA
from venvboot.model import Wheel

ENTRY_POINTS = "entry_points.txt"


class Verified:
    """A member of a wheel as a stream; ``row`` is its row of RECORD (path, digest and size, which may be empty)."""

    def __init__(self, wheel: Wheel, stream: Any, row: Tuple[str, str, str]) -> None:
        self.row = row
        self._wheel = wheel
        self._stream = stream
        self._algorithm, _, self._expected = row[1].partition("=")
        self._begin()

    def _begin(self) -> None:
        self._size = 0
        with contextlib.suppress(ValueError):
            self._digest = hashlib.new(self._algorithm or "sha256", usedforsecurity=False)
            if self._digest.digest_size:  # of some kinds it has no size of its own
                return
        raise WheelNotValid(self._wheel.path, f"its RECORD has a digest of unknown kind: {self.row[1]}")

    def seek(self, offset: int) -> int:
        """Go back to the beginning, the only place that it can go to."""
        self._begin()
        return int(self._stream.seek(offset))

    def read(self, size: int = -1) -> bytes:
        return self._passed(self._stream.read(size))

    def readline(self) -> bytes:
        return self._passed(self._stream.readline())

    def _passed(self, data: bytes) -> bytes:
        self._digest.update(data)
        self._size += len(data)
        return data

    def verify(self) -> None:
        """Raise WheelNotValid if what was read from the beginning on isn't what RECORD says."""
        path, _, size = self.row
        value = written(self._digest.digest())
        if (self._expected and value != self._expected.rstrip("=")) or (size and size != str(self._size)):
            raise WheelNotValid(self._wheel.path, f"a file of it isn't what its RECORD says: {path}")


def written(digest: bytes) -> str:
    """Return a digest as RECORD has it."""
    return urlsafe_b64encode(digest).decode().rstrip("=")


@contextlib.contextmanager
def opened(wheel: Wheel) -> Iterator[Any]:
    """Give the wheel as ``installer`` takes it; its streams are ``Verified``.

    It has no entry points: ``installer`` reads them with configparser, and makes other commands than were judged.
    """
    from installer.sources import WheelFile  # noqa: PLC0415  # once it is on the path

    class Source(WheelFile):
        @cached_property
        def data_dir(self) -> str:
            """Its name may be written in another way than that of the file."""
            tops = {name.partition("/")[0] for name in self._zipfile.namelist()}
            found = sorted(top for top in tops if top.endswith(DATA))
            if len(found) > 1:
                raise WheelNotValid(wheel.path, f"it has data of more than one distribution: {', '.join(found)}")
            return found[0] if found else str(super().data_dir)

        @property
        def dist_info_filenames(self) -> List[str]:
            return [name for name in super().dist_info_filenames if name != ENTRY_POINTS]

        def commands(self) -> Dict[str, Tuple[str, str]]:
            """Return module and attribute of each command; of two with one name the last is made, as pip does it."""
            text = self.read_dist_info(ENTRY_POINTS) if ENTRY_POINTS in super().dist_info_filenames else ""
            found = {name: made(name, called) for name, called in commands(text)}
            for name in [name for name, called in found.items() if called is None]:
                raise WheelNotValid(wheel.path, f"installers make no command of an entry, or another one: {name}")
            return {name: called for name, called in found.items() if called}

        def get_contents(self) -> Iterator[Any]:
            for row, stream, is_executable in super().get_contents():
                top = row[0].partition("/")[0]
                if top.startswith(self.data_dir) and top != self.data_dir:  # installer would look for an end of it
                    raise WheelNotValid(wheel.path, f"it has a file beside its data with the name of that: {row[0]}")
                # Bytecode is made here; that of a wheel would be believed whatever its source says.
                if CACHE not in f"/{row[0]}":
                    yield row, Verified(wheel, stream, row), is_executable

    with Source.open(Path(wheel.path)) as source:
        yield source


def make_importable(folder: str) -> None:
    """Put ``installer`` on the path of this process, if it isn't installed: its wheel, copied into ``folder``.

    Raises BrokenBundle, NotWritten, Unsupported.
    """
    path = toolchain.library("installer", folder)
    if path and path not in sys.path:
        sys.path.insert(0, os.path.abspath(path))
