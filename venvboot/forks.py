"""Work shared out to forked processes: all cores, without starting Python anew."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Sequence, TypeVar

from venvboot import processes
from venvboot.errors import ProcessEnded

PATIENCE = 0.5  # seconds

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many processors this process may use."""
    # PyPy has got it lately: https://github.com/pypy/pypy/issues/2375
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shares(items: Sequence[Item], weight: Callable[[Item], int], number: int) -> List[List[Item]]:
    """Return ``items`` in at most ``number`` shares of about one weight, the heaviest first (LPT); none is empty."""
    found: List[List[Item]] = [[] for _ in range(max(1, min(number, len(items))))]
    loads = [0] * len(found)
    for item in sorted(items, key=weight, reverse=True):
        lightest = loads.index(min(loads))
        found[lightest].append(item)
        loads[lightest] += weight(item)
    return [share for share in found if share]


def run(work: Callable[[Item], Result], shared_out: Sequence[Item]) -> List[Result]:
    """Return what ``work`` makes of each item, each in a process of its own; a single one is done in this.

    Results and errors have to be such as pickle takes. Raises the first error, when the other processes have ended.
    """
    if len(shared_out) <= 1:
        return [work(item) for item in shared_out]
    _flush()
    parent = os.getpid()
    running: Dict[int, int] = {}
    results: List[Any] = []
    try:
        for item in shared_out:
            reading, writing = os.pipe()
            with processes.uninterrupted():  # a new process must not come to the end of this one's work
                process = os.fork()
                if process == 0:
                    _child(work, item, writing, parent)
                running[process] = reading
            os.close(writing)
        for process, reading in list(running.items()):
            results.append(_received(process, reading))
            del running[process]
    finally:
        _end(running)
    return results


@contextlib.contextmanager
def begun(prepare: Callable[[], Callable[[Item], Result]]) -> Iterator[Callable[[Item], Result]]:
    """Give what does one piece of work, once, in a process of its own; that prepares for it from now on.

    What ``prepare`` raises is raised where the work is asked for. Item, result and errors have to be such as pickle
    takes. The process ends with the block, and with this process, whatever happens to that.
    """
    _flush()
    parent = os.getpid()
    running: Dict[int, int] = {}
    with contextlib.ExitStack() as pipes, contextlib.ExitStack() as unused:
        its_item, item = os.pipe()
        asked = pipes.enter_context(os.fdopen(its_item, "rb"))
        asking = pipes.enter_context(os.fdopen(item, "wb", buffering=0))
        reading, its_answer = os.pipe()
        unused.callback(os.close, reading)
        answering = pipes.enter_context(os.fdopen(its_answer, "wb"))
        try:
            with processes.uninterrupted():  # as for those above
                process = os.fork()
                if process == 0:
                    asking.close()
                    _child(lambda item: _asked(prepare, item), its_item, its_answer, parent)
                running[process] = reading
                unused.pop_all()
            asked.close()
            answering.close()

            def ask(item: Item) -> Result:
                with contextlib.suppress(BrokenPipeError):  # it has ended, as is told below
                    pickle.dump(item, asking)
                result: Result = _received(process, reading)
                del running[process]
                return result

            yield ask
        finally:
            asking.close()  # it ends by that as well
            _end(running)


def _asked(prepare: Callable[[], Callable[[Item], Result]], item: int) -> Result:
    """Prepare, and do the work when its item comes; end this process where none will, or the other is gone."""
    # Raised as an exception, in a callback of importlib's it would be lost
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    work, failure = None, None
    try:
        work = prepare()
    except Exception as error:  # noqa: BLE001  # it is raised again where somebody listens
        failure = error
    try:
        with os.fdopen(os.dup(item), "rb") as pipe:
            told = pickle.load(pipe)  # noqa: S301  # from a process of this very program
    except EOFError:
        os._exit(0)
    threading.Thread(target=_end_at_end_of, args=(item,), daemon=True).start()
    if failure is not None or work is None:
        raise failure or AssertionError
    return work(told)


def _end_at_end_of(pipe: int) -> None:
    os.read(pipe, 1)
    os._exit(1)


def _flush() -> None:
    """Write what is written twice otherwise, unless nobody reads it any more."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def _child(work: Callable[[Item], Result], item: Item, writing: int, parent: int) -> None:
    """Do the work and end this process, whatever happens: nothing of the parent's may be done twice."""
    code = 1
    try:
        processes.interruptible()
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        told: Any
        try:
            told = (work(item), None)
        except Exception as error:  # noqa: BLE001  # it is raised again in the parent
            told = (None, error)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(told, pipe)
        code = 0
    finally:
        os._exit(code)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: nobody waits for its work any more."""
    while os.getppid() == parent:
        time.sleep(PATIENCE)
    os._exit(1)


def _received(process: int, reading: int) -> Any:
    with os.fdopen(os.dup(reading), "rb") as pipe:
        content = pipe.read()
    os.close(reading)
    _, status = os.waitpid(process, 0)
    code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    if code != 0:
        raise ProcessEnded(code)
    result, failure = pickle.loads(content)  # noqa: S301  # from a process of this very program
    if failure is not None:
        raise failure
    return result


def _end(running: Dict[int, int]) -> None:
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
    for process, reading in running.items():
        with contextlib.suppress(OSError):
            os.close(reading)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, 0)
