"""virtualenv, in a process of its own: it can be imported while it is found out what there is to make.

The only importer of virtualenv. What it leaves in the interpreter that it runs in is gone with that process.
"""

from __future__ import annotations

import contextlib
import posixpath
import sys
import traceback
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

from venvboot import forks, toolchain
from venvboot.apply import sharing
from venvboot.errors import NotWritten
from venvboot.system import System


class Order(NamedTuple):
    """What virtualenv is told: the words of its command line, and its environment variables."""

    words: List[str]
    environ: Dict[str, str]


@dataclass(frozen=True)
class Maker:
    """Makes one environment, once, and returns the path of its site-packages folder in it.

    ``folder`` is a private one, for virtualenv and what it unpacks.
    """

    folder: str
    make: Callable[[Order], str]


class NotMade(Exception):
    """virtualenv has failed: the last line of what it ``told``, and its traceback."""

    def __init__(self, told: str, its_traceback: str) -> None:
        super().__init__(told, its_traceback)
        self.told = told

    def __str__(self) -> str:
        """Return the traceback: the process that it is of is gone."""
        return str(self.args[1])


@contextlib.contextmanager
def prepared(system: System) -> Iterator[Maker]:
    """Give what makes an environment: virtualenv, which a process of its own imports from now on."""
    with system.temporary_directory() as folder, forks.begun(lambda: _importing(system, folder)) as make:
        yield Maker(folder, make)


@contextlib.contextmanager
def ahead(system: System, *, is_likely: bool) -> Iterator[Optional[Maker]]:
    """Give the same where it will be of use, most likely, and there is a processor for it; else None."""
    with contextlib.ExitStack() as stack:
        ready = None
        if is_likely and forks.cores() > 1:
            with contextlib.suppress(OSError, NotWritten):  # it will be told where it stops the work
                ready = stack.enter_context(prepared(system))
        yield ready


def _importing(system: System, folder: str) -> Callable[[Order], str]:
    """Import virtualenv from ``folder``, and return what makes an environment by it (see ``Maker``)."""
    libraries = toolchain.unpack((sys.version_info[0], sys.version_info[1]), folder)
    sys.path[:0] = libraries.paths
    try:
        from virtualenv import session_via_cli  # noqa: PLC0415  # it costs 0.2 s and stands in a wheel
    except (Exception, SystemExit) as error:
        raise _not_made(error) from error

    def make(order: Order) -> str:
        try:
            with system.umask(sharing.UMASK):
                session = session_via_cli(order.words, setup_logging=False, env=order.environ)
                _keep_silent(session.creator)
                session.run()
        except (Exception, SystemExit) as error:
            raise _not_made(error) from error
        # virtualenv resolves links on the way to DEST; the name that was asked for is the one that is recorded
        return posixpath.relpath(str(session.creator.purelib), str(session.creator.dest))

    return make


def _not_made(error: BaseException) -> NotMade:
    lines = str(error).strip().splitlines()
    its_traceback = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return NotMade(lines[-1] if lines else type(error).__name__, its_traceback)


def _keep_silent(creator: Any) -> None:
    """Keep out of pyvenv.cfg which program made it: that of uvx lies in a folder with another name in each build."""
    tell = creator.set_pyenv_cfg

    def tell_the_rest() -> None:
        tell()
        creator.pyenv_cfg.content.pop("command", None)

    creator.set_pyenv_cfg = tell_the_rest
