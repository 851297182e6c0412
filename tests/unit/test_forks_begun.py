"""A process that gets ready before it is asked: its work comes back, and it never outlives who has begun it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, List, NoReturn

import pytest

from venvboot import forks
from venvboot.errors import ProcessEnded, VenvbootError
from venvboot.model import Finding, Severity

ROOT = Path(__file__).parents[2]
SOON = 5.0  # seconds
LONG = b"x" * (1 << 20)  # more than a pipe holds

# The parent is killed while its process is at the work that it was asked for, or gets ready for it.
KILLED = """
import os, signal, sys, threading, time
from venvboot import forks

def sleep(_):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(0.2)
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)

def prepare():
    if sys.argv[1] == "prepared":
        sleep(0)
    return sleep

with forks.begun(prepare) as ask:
    if sys.argv[1] == "asked":
        ask(0)
    time.sleep(600)
"""


def is_gone(process: int) -> bool:
    """Tell whether a process isn't there, or is one that its parent has not waited for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + SOON
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.fixture
def no_descriptor_is_left() -> object:
    before = sorted(os.listdir("/proc/self/fd"))
    yield
    assert sorted(os.listdir("/proc/self/fd")) == before


pytestmark = pytest.mark.usefixtures("no_descriptor_is_left")


def test_it_gets_ready_before_it_is_asked_and_works_in_a_process_of_its_own(tmp_path: Path) -> None:
    def prepare() -> Callable[[bytes], List[bytes]]:
        (tmp_path / "ready").write_text(str(os.getpid()))
        return lambda item: [item, LONG]

    with forks.begun(prepare) as ask:
        assert soon((tmp_path / "ready").exists)
        assert ask(LONG) == [LONG, LONG]
    assert int((tmp_path / "ready").read_text()) != os.getpid()
    assert is_gone(int((tmp_path / "ready").read_text()))


@pytest.mark.parametrize("where", ["prepare", "work"])
def test_what_it_raises_is_raised_where_it_is_asked(where: str) -> None:
    error = VenvbootError(Finding("a", Severity.ERROR, "b", "c"))

    def fail(*_: object) -> NoReturn:
        raise error

    def prepare() -> Callable[[int], int]:
        return fail() if where == "prepare" else fail

    with forks.begun(prepare) as ask, pytest.raises(VenvbootError) as caught:
        ask(0)
    assert caught.value.findings == error.findings


@pytest.mark.parametrize("ready", [False, True], ids=["while it gets ready", "while it waits"])
def test_who_is_never_asked_ends_with_the_block(tmp_path: Path, ready: bool) -> None:  # a parameter
    def prepare() -> Callable[[int], int]:
        (tmp_path / "pid").write_text(str(os.getpid()))
        if not ready:
            time.sleep(60)
        return lambda item: item

    start = time.monotonic()
    with forks.begun(prepare):
        assert soon(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    assert is_gone(int((tmp_path / "pid").read_text()))
    assert time.monotonic() - start < SOON


def test_one_that_no_signal_ends_ends_when_it_is_ready(tmp_path: Path) -> None:
    """Importlib's callbacks swallow what a signal's handler raises in them."""

    def prepare() -> Callable[[int], int]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (tmp_path / "ignores").touch()
        time.sleep(0.3)
        return lambda item: item

    start = time.monotonic()
    with forks.begun(prepare):
        assert soon((tmp_path / "ignores").exists)
    assert time.monotonic() - start < SOON


def test_a_signal_ends_it_without_a_word(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def prepare() -> NoReturn:
        (tmp_path / "ready").touch()
        while True:
            try:
                time.sleep(60)
            except BaseException as error:
                print(error)
                raise

    with forks.begun(prepare):
        assert soon((tmp_path / "ready").exists)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("lacking", ["fork", "pipe"])
def test_where_it_can_not_be_begun_nothing_is_left(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, calls = getattr(os, lacking), []

    def fail() -> object:
        calls.append(1)
        if lacking == "pipe" and len(calls) == 1:
            return function()
        raise BlockingIOError

    monkeypatch.setattr(os, lacking, fail)
    with pytest.raises(BlockingIOError), forks.begun(lambda: len):
        pass


def test_a_failure_to_get_ready_is_nothing_to_who_does_not_ask(capfd: pytest.CaptureFixture[str]) -> None:
    def prepare() -> NoReturn:
        raise LookupError

    with forks.begun(prepare):
        time.sleep(0.1)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("when", ["prepare", "work"])
def test_one_that_is_killed_is_told(when: str) -> None:
    def kill(*_: object) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def prepare() -> Callable[[bytes], int]:
        if when == "prepare":
            kill()
        return kill

    with forks.begun(prepare) as ask:
        if when == "prepare":
            time.sleep(0.1)
        with pytest.raises(ProcessEnded, match="signal 9"):
            ask(LONG)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_it_does_not_come_back_into_what_has_begun_it(kind: type[BaseException], tmp_path: Path) -> None:
    def leave(_: int) -> NoReturn:
        raise kind

    try:
        with forks.begun(lambda: leave) as ask, pytest.raises(ProcessEnded, match="status 1"):
            ask(0)
    finally:
        with (tmp_path / "log").open("a") as log:
            log.write(f"{os.getpid()}\n")
    assert (tmp_path / "log").read_text() == f"{os.getpid()}\n"


def test_an_interruption_ends_it(tmp_path: Path) -> None:
    parent = os.getpid()

    def work(_: int) -> None:
        (tmp_path / "pid").write_text(str(os.getpid()))
        os.kill(parent, signal.SIGINT)
        time.sleep(60)

    with pytest.raises(KeyboardInterrupt), forks.begun(lambda: work) as ask:
        ask(0)
    assert is_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("when", ["prepared", "asked"])
def test_it_ends_with_who_has_begun_it_even_if_that_is_killed(when: str) -> None:
    words = [sys.executable, "-c", KILLED, when]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        process = int(parent.stdout.readline())
        assert parent.wait(SOON) == -signal.SIGKILL
        assert soon(lambda: is_gone(process))
