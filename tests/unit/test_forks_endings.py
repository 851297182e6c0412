"""Work is shared out whole; however a process of it ends, none is left, and the parent knows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot import forks
from venvboot.errors import ProcessEnded

ROOT = Path(__file__).parents[2]
SOON = 5.0  # seconds


WEIGHTS = st.lists(st.integers(0, 1 << 40), max_size=40) | st.lists(st.just(0), max_size=9)


@given(weights=WEIGHTS, number=st.integers(0, 9))
@example(weights=[], number=0)
@example(weights=[0, 0], number=9)
def test_work_is_shared_out_whole(weights: List[int], number: int) -> None:
    items = list(enumerate(weights))
    found = forks.shares(items, lambda item: item[1], number)
    assert sorted(item for share in found for item in share) == items
    assert all(found)
    assert len(found) <= max(1, number)
    loads = [sum(weight for _, weight in share) for share in found]
    if loads:  # LPT: at most a third more than the best, which is neither below the mean nor below the heaviest
        assert max(loads) <= sum(weights) / len(loads) + max(weights)


def test_the_heaviest_is_begun_with() -> None:
    assert forks.shares([1, 9, 4, 6], lambda weight: weight, 2) == [[9, 1], [6, 4]]


def test_a_single_piece_is_done_by_this_process() -> None:
    assert forks.run(lambda _: os.getpid(), ["one"]) == [os.getpid()]
    assert forks.run(lambda _: os.getpid(), []) == []


def test_there_is_a_core() -> None:
    assert 1 <= forks.cores() <= (os.cpu_count() or 1)


def test_where_the_system_does_not_tell_which_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    assert forks.cores() == os.cpu_count()


@pytest.mark.parametrize("how", ["run", "begun"])
def test_work_is_done_although_nobody_reads_what_is_said(how: str) -> None:
    program = (
        "import sys; from venvboot import forks, report; report.Reporter().say('lost'); found = []\n"
        "if sys.argv[1] == 'run': found = forks.run(lambda item: item, [1, 2])\n"
        "else:\n    with forks.begun(lambda: lambda item: [item, 2]) as ask: found = ask(1)\n"
        "print(found)"
    )
    with open("/dev/full", "wb") as full:
        words = [sys.executable, "-B", "-c", program, how]
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert done.stdout == "[1, 2]\n"


@pytest.fixture
def descriptors() -> Callable[[], List[str]]:
    return lambda: sorted(os.listdir("/proc/self/fd"))


def waiting(folder: Path, then: Callable[[], object]) -> Callable[[int], None]:
    """Return work of which the second piece does something, when the first has noted itself and sleeps."""

    def work(number: int) -> None:
        if number:
            then()
            return
        (folder / "pid").write_text(str(os.getpid()))
        time.sleep(60)

    return work


def _soon(folder: Path) -> None:
    end = time.monotonic() + SOON
    while not (folder / "pid").exists() and time.monotonic() < end:
        time.sleep(0.01)


def is_gone(folder: Path) -> bool:
    """Tell whether the process that has noted itself is no child of this one any more."""
    try:
        os.waitpid(int((folder / "pid").read_text()), os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_is_told(number: signal.Signals, descriptors: Callable[[], List[str]]) -> None:
    def work(item: int) -> int:
        if item == 1:
            os.kill(os.getpid(), number)
        return item

    before = descriptors()
    with pytest.raises(ProcessEnded, match=f"ended by signal {number.value}"):
        forks.run(work, [0, 1, 2])
    assert descriptors() == before


def test_a_process_that_can_t_say_what_it_has_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProcessEnded, match="status 1"):
        forks.run(lambda number: lambda: number, [0, 1])
    assert capfd.readouterr() == ("", "")


def test_a_result_longer_than_a_pipe_holds_comes_whole() -> None:
    assert forks.run(lambda number: bytes([number]) * (1 << 20), [1, 2]) == [b"\1" * (1 << 20), b"\2" * (1 << 20)]


def test_after_a_failure_nothing_is_left_running(tmp_path: Path, descriptors: Callable[[], List[str]]) -> None:
    def fail() -> None:
        _soon(tmp_path)
        raise LookupError("first")

    work, before, begun = waiting(tmp_path, fail), descriptors(), time.monotonic()
    with pytest.raises(LookupError, match="first"):
        forks.run(work, [1, 0])
    assert is_gone(tmp_path)
    assert descriptors() == before
    assert time.monotonic() - begun < SOON


def test_after_an_interruption_nothing_is_left_running(tmp_path: Path, descriptors: Callable[[], List[str]]) -> None:
    parent = os.getpid()

    def interrupt() -> None:
        _soon(tmp_path)
        os.kill(parent, signal.SIGINT)
        time.sleep(60)

    work, before, begun = waiting(tmp_path, interrupt), descriptors(), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        forks.run(work, [0, 1])
    assert is_gone(tmp_path)
    assert descriptors() == before
    assert time.monotonic() - begun < SOON


def test_a_process_does_not_come_back_into_what_called_it(tmp_path: Path) -> None:
    """Neither by an exit nor by an exception: what stands after the call, or in a finally, is done once."""
    log = tmp_path / "log"

    def work(kind: type[BaseException]) -> None:
        raise kind

    for kind in (SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError, MemoryError):
        try:
            forks.run(work, [kind, kind])
        except (ProcessEnded, RecursionError, MemoryError):
            pass
        finally:
            with log.open("a") as file:
                file.write(f"{os.getpid()}\n")
    assert log.read_text().split() == [str(os.getpid())] * 5
