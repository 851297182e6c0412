"""Work that is done while something else is waited for."""

from __future__ import annotations

import contextlib
import threading
from typing import Callable, Iterator, List, TypeVar

Result = TypeVar("Result")


@contextlib.contextmanager
def meanwhile(work: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Begin ``work`` in a thread of its own; what is given returns its result, or raises what it raised.

    The block isn't left before it has ended: it has to be bounded in time, and nothing may be forked inside.
    """
    results: List[Result] = []
    failures: List[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  # it is raised again where the result is asked for
            failures.append(error)

    def result() -> Result:
        thread.join()
        if failures:
            raise failures[0]
        return results[0]

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield result
    finally:
        thread.join()
