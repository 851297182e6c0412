"""Work in forked processes: its results and errors come back, and no process outlives the one it is for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from venvboot import forks
from venvboot.errors import Refused, ToolFailed
from venvboot.model import Finding, Severity, Status

ROOT = Path(__file__).parents[2]
SOON = 10.0  # seconds

# The parent is killed while its processes sleep.
KILLED = """
import os, signal, sys, time
from venvboot import forks

def work(number):
    os.write(1, b"%d\\n" % os.getpid())  # at once: both say theirs in the same moment
    if number == 1:
        time.sleep(0.5)
        os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)

forks.run(work, [0, 1])
"""

# A signal comes to a new process before it has done anything.
INTERRUPTED = """
import os, signal, sys
from venvboot import forks

fork = os.fork

def interrupted():
    process = fork()
    if process == 0:
        os.kill(os.getpid(), signal.SIGINT)
    return process

os.fork = interrupted
parent = os.getpid()
try:
    forks.run(lambda number: number, [0, 1])
except BaseException as error:
    print(os.getpid() == parent, type(error).__name__, flush=True)
"""


def _program(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=False, timeout=SOON
    )


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_results_come_in_the_order_of_the_work() -> None:
    assert forks.run(lambda number: (number * 2, os.getpid() != os.getppid()), [3, 1, 2]) == [
        (6, True),
        (2, True),
        (4, True),
    ]


def test_an_error_is_raised_as_what_it_was() -> None:
    def work(number: int) -> int:
        if number == 1:
            raise ToolFailed("pip-failed", "x", "pip wheel", 7, "its output", "a hint")
        raise OSError(28, "No space left on device", "/full")

    with pytest.raises(ToolFailed) as caught:
        forks.run(work, [1, 1])
    (finding,) = caught.value.findings
    assert (finding.code, caught.value.output, caught.value.status) == ("pip-failed", "its output", Status.FAILED)
    with pytest.raises(OSError, match="No space left") as failed:
        forks.run(work, [0, 0])
    assert failed.value.filename == "/full"


def test_a_refusal_stays_one() -> None:
    found = (Finding("needs-build", Severity.ERROR, "x", "x comes as source"),)

    def work(_: int) -> int:
        raise Refused(*found)

    with pytest.raises(Refused) as caught:
        forks.run(work, [0, 1])
    assert (caught.value.findings, caught.value.status) == (found, Status.REFUSED)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found by /proc")
def test_processes_end_when_the_one_that_they_work_for_is_killed() -> None:
    done = _program(KILLED)
    assert done.returncode == -signal.SIGKILL
    pids = [int(line) for line in done.stdout.split()]
    assert len(pids) == 2
    end = time.monotonic() + SOON
    while any(map(_is_running, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(_is_running, pids))


def test_an_interrupted_process_does_nothing_of_its_parent() -> None:
    done = _program(INTERRUPTED)
    assert done.stdout == "True ProcessEnded\n", done.stderr
