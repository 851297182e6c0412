"""Processes: an exit status for everything, a limit on time and output, and no change to the caller's umask."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

import pytest

from venvboot.processes import OUTPUT_LIMIT
from venvboot.system import Completed, System


def sh(program: str, **options: object) -> Completed:
    return System().run(["/bin/sh", "-c", program], **options)  # type: ignore[arg-type]


def test_both_streams_and_the_status_are_returned() -> None:
    assert sh("echo out; echo err >&2; exit 7") == Completed(7, "out\n", "err\n")


def test_the_caller_s_standard_input_is_not_handed_on(repository: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from venvboot.system import System\n"
        "print(System().run(['/bin/cat'], timeout=10))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program, str(repository)],
        input="typed",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "Completed(code=0, out='', err='')\n"


@pytest.mark.parametrize("path", ["/no/such/program", "/etc/passwd", "/"])
def test_what_cannot_be_started_has_status_127_and_the_reason(path: str) -> None:
    done = System().run([path])
    assert (done.code, done.out, bool(done.err)) == (127, "", True)


def test_a_missing_working_directory_is_told_and_raises_nothing() -> None:
    assert sh("pwd", cwd="/no/such").code == 127
    assert sh("pwd", cwd="/usr").out == "/usr\n"


@pytest.mark.parametrize("show", [False, True], ids=["", "shown"])
def test_after_the_time_out_the_process_is_gone(show: bool, tmp_path: Path) -> None:  # a parameter
    begun = time.monotonic()
    done = sh(f"echo $$ > {tmp_path}/pid; exec sleep 3", timeout=0.3, show=show)
    assert done.code == 124
    assert "0.3 seconds" in done.err
    assert time.monotonic() - begun < 2
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_a_grandchild_that_keeps_the_streams_open_does_not_hold_up_the_time_out() -> None:
    begun = time.monotonic()
    assert sh("sleep 3 & wait", timeout=0.3).code == 124
    assert time.monotonic() - begun < 2


def _alive(file: Path) -> bool:
    """Tell whether the process whose number stands in ``file`` still runs; a zombie doesn't.

    One that made the file and was ended before it wrote into it leaves it empty for good.
    """
    if file.exists() and not _soon(lambda: bool(file.read_text().strip()), within=0.3):
        return False
    try:
        state = Path(f"/proc/{int(file.read_text())}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _soon(condition: Callable[[], bool], within: float = 5) -> bool:
    end = time.monotonic() + within
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_what_was_started_in_turn_is_ended_with_it(tmp_path: Path) -> None:
    done = sh(f"sleep 30 & echo $! > {tmp_path}/pid; wait", timeout=0.3)
    assert done.code == 124
    assert _soon(lambda: not _alive(tmp_path / "pid"))


def test_a_child_that_keeps_the_streams_after_the_program_s_end_is_ended_at_the_time_out(tmp_path: Path) -> None:
    done = sh(f"sleep 30 & echo $! > {tmp_path}/pid; echo answer", timeout=0.3)
    assert (done.code, done.out) == (124, "answer\n")
    assert _soon(lambda: not _alive(tmp_path / "pid"))


@pytest.mark.parametrize("show", [False, True], ids=["", "shown"])
def test_a_child_that_left_the_session_with_the_streams_does_not_hold_up_the_time_out(
    tmp_path: Path, *, show: bool
) -> None:
    begun = time.monotonic()
    done = sh(f"setsid sh -c 'echo $$ > {tmp_path}/pid; exec sleep 30' & wait", timeout=0.5, show=show)
    assert done.code == 124
    assert time.monotonic() - begun < 3
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_who_says_something_all_the_time_is_timed_out_as_well() -> None:
    begun = time.monotonic()
    assert sh("while :; do echo .; sleep 0.02; done", timeout=0.3).code == 124
    assert time.monotonic() - begun < 2


def test_who_closes_its_streams_and_goes_on_is_timed_out_as_well(tmp_path: Path) -> None:
    done = sh(f"echo $$ > {tmp_path}/pid; exec sleep 30 >&- 2>&-", timeout=0.3)
    assert done.code == 124
    assert not _alive(tmp_path / "pid")


@pytest.mark.parametrize("stream", [1, 2])
def test_garbage_without_end_is_cut_and_its_program_ended_at_once(tmp_path: Path, stream: int) -> None:
    begun = time.monotonic()
    done = sh(f"echo $$ > {tmp_path}/pid; exec yes >&{stream}", timeout=60)
    assert time.monotonic() - begun < 10
    assert (done.code, done.err) == (125, "it said more than 1 MiB")
    assert len(done.out) == (OUTPUT_LIMIT if stream == 1 else 0)
    assert not _alive(tmp_path / "pid")


def test_without_a_time_limit_the_talkative_may_end_by_themselves(tmp_path: Path) -> None:
    done = sh(f"yes | head -c {3 * OUTPUT_LIMIT}; echo whole > {tmp_path}/end; exit 3")
    assert (done.code, len(done.out)) == (3, OUTPUT_LIMIT)
    assert (tmp_path / "end").exists()


def test_a_word_that_no_program_can_be_given_starts_nothing() -> None:
    done = System().run(["/bin/echo", "a\0b"])
    assert (done.code, done.out) == (127, "")
    assert "null" in done.err


INTERRUPTED = """
import signal, sys
sys.path.insert(0, sys.argv[1])
from venvboot import processes
from venvboot.system import System
processes.PATIENCE = 0.5
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    System().run(['/bin/sh', '-c', sys.argv[2]], show=sys.argv[3] == 'show')
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("show", ["show", ""])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_lets_the_program_clean_up(
    tmp_path: Path, repository: Path, number: signal.Signals, show: str
) -> None:
    """Only venvboot gets the signal, as from an engine that stops a container."""
    number_file = tmp_path / "pid"
    program = f"trap 'echo > {tmp_path}/clean; exit 1' INT; echo $$ > {number_file}; while :; do sleep 0.05; done"
    words = [sys.executable, "-I", "-B", "-c", INTERRUPTED, str(repository), program, show]
    with subprocess.Popen(words) as venvboot:
        assert _soon(lambda: number_file.exists() and number_file.read_text().endswith("\n"))
        venvboot.send_signal(number)
        assert venvboot.wait(10) == 130
    assert (tmp_path / "clean").exists()
    assert not _alive(number_file)


def test_an_interruption_while_the_program_is_being_started_ends_it_too(tmp_path: Path, repository: Path) -> None:
    """The program itself sends the signal, as the first thing that it does: some come while Popen is still at it."""
    for attempt in range(20):
        number_file = tmp_path / f"pid{attempt}"
        program = f"kill -INT $PPID; echo $$ > {number_file}; exec sleep 30"
        words = [sys.executable, "-I", "-B", "-c", INTERRUPTED, str(repository), program, ""]
        assert subprocess.run(words, check=False, timeout=20).returncode == 130
        assert not number_file.exists() or not _alive(number_file)


def test_who_ignores_an_interruption_is_ended_after_some_patience_with_all_it_started(
    tmp_path: Path, repository: Path
) -> None:
    program = f"trap '' INT; sleep 30 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/pid; wait"
    words = [sys.executable, "-I", "-B", "-c", INTERRUPTED, str(repository), program, ""]
    with subprocess.Popen(words) as venvboot:
        assert _soon(lambda: _alive(tmp_path / "pid"))
        venvboot.send_signal(signal.SIGINT)
        assert venvboot.wait(10) == 130
    assert not _alive(tmp_path / "pid")
    assert _soon(lambda: not _alive(tmp_path / "child"))


def test_output_is_limited() -> None:
    done = sh(f"head -c {OUTPUT_LIMIT + 5000} /dev/zero | tr '\\0' x")
    assert len(done.out) == OUTPUT_LIMIT


def test_output_that_is_no_utf_8_is_returned_with_replacements() -> None:
    assert sh("printf 'a\\377b'").out == "a\ufffdb"


@pytest.mark.usefixtures("known_umask")
def test_the_umask_is_the_child_s_alone() -> None:
    assert sh("umask", umask=0o002).out.strip().endswith("002")
    assert sh("umask").out.strip().endswith("022")
    assert os.umask(0o022) == 0o022


def test_the_environment_is_the_system_s_or_the_given_one_and_nothing_else() -> None:
    system = System(environ={"A": "1"})
    assert "A=1" in system.run(["/usr/bin/env"]).out.splitlines()
    assert system.run(["/usr/bin/env"], env={"B": "2"}).out == "B=2\n"
    assert system.run(["/usr/bin/env"], env={}).out == ""


def test_shown_output_is_passed_on_and_its_end_is_returned(capfd: pytest.CaptureFixture[str]) -> None:
    done = sh("echo out; echo err >&2; exit 3", show=True)
    assert done == Completed(3, "out\nerr\n", "")
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "out\nerr\n")


def test_of_long_shown_output_the_end_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    done = sh("echo first; yes $(printf %01000d 0) | head -n 1200; echo last", show=True)
    assert len(done.out) <= OUTPUT_LIMIT
    assert done.out.endswith("000\nlast\n")
    assert "first" not in done.out
    assert capfd.readouterr().err.startswith("first\n000")


def test_shown_output_without_an_end_of_line_is_passed_on_whole(capfd: pytest.CaptureFixture[str]) -> None:
    done = sh("printf begun; head -c 200000 /dev/zero | tr '\\0' x; printf end", show=True)
    assert capfd.readouterr().err == "begun" + "x" * 200_000 + "end"
    assert done.out.endswith("xend")


def test_no_descriptor_of_ours_is_inherited(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as file:
        os.set_inheritable(file.fileno(), True)  # os's own signature
        assert str(tmp_path) not in sh("ls -l /proc/self/fd").out


def test_an_unpacked_image_starts_nothing(tmp_path: Path) -> None:
    done = System(root=str(tmp_path)).run(["/bin/sh", "-c", f"touch {tmp_path}/x"])
    assert (done.code, os.listdir(tmp_path)) == (127, [])


# -- what is done meanwhile ----------------------------------------------------------------------------------


def test_the_work_is_done_while_the_program_runs_and_its_output_is_there_afterwards(tmp_path: Path) -> None:
    """Each waits for the other; what the program says is more than a pipe holds."""
    program = f"echo $$ > {tmp_path}/begun; while ! [ -e {tmp_path}/done ]; do sleep 0.01; done; seq 100000"

    def work() -> None:
        assert _soon((tmp_path / "begun").exists)
        (tmp_path / "done").touch()

    assert sh(program, meanwhile=work, timeout=20).out.splitlines()[-1] == "100000"


def test_work_that_fails_ends_the_program(tmp_path: Path) -> None:
    def work() -> None:
        assert _soon((tmp_path / "begun").exists)
        raise LookupError

    with pytest.raises(LookupError):
        sh(f"echo $$ > {tmp_path}/begun; exec sleep 20", meanwhile=work)
    assert not _alive(tmp_path / "begun")


def test_where_nothing_is_started_nothing_is_done_meanwhile() -> None:
    done = []
    assert System().run(["/no/such/program"], meanwhile=lambda: done.append(1)).code == 127
    assert done == []
