"""Processes: an exit status for everything, a limit on time and output, and no change to the caller's umask."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from venvboot.system import OUTPUT_LIMIT, Completed, System


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


def test_no_descriptor_of_ours_is_inherited(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as file:
        os.set_inheritable(file.fileno(), True)  # os's own signature
        assert str(tmp_path) not in sh("ls -l /proc/self/fd").out


def test_an_unpacked_image_starts_nothing(tmp_path: Path) -> None:
    done = System(root=str(tmp_path)).run(["/bin/sh", "-c", f"touch {tmp_path}/x"])
    assert (done.code, os.listdir(tmp_path)) == (127, [])
