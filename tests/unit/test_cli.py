"""The command line as a process: streams, exit statuses and the one JSON object, for verbs that write nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(repository: Path, tmp_path: Path) -> Run:
    """Start ``python -m venvboot`` with the given words and nothing but PATH and the given variables set."""

    def start(*words: str, python: str = sys.executable, **variables: str) -> subprocess.CompletedProcess[str]:
        program = (
            "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('venvboot', alter_sys=True)"
        )
        program = program.replace("alter_sys=True", "run_name='__main__', alter_sys=True")
        environ = {"PATH": str(tmp_path), "HOME": str(tmp_path), **variables}
        return subprocess.run(
            [python, "-I", "-B", "-c", program, str(repository), *words],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    return start


def told(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_a_usage_error_is_two_on_stderr_without_a_traceback(run: Run) -> None:
    done = run("init", "--no-such-option")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["--json"], ["nonsense", "--json"], ["init", "--json", "--nonsense"]], ids=str)
def test_a_usage_error_is_one_json_object_when_json_was_asked_for(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert (told(done)["status"], told(done)["findings"][0]["code"]) == ("usage", "usage")
    assert done.stderr == ""


def test_the_product_alone_is_on_stdout(run: Run) -> None:
    done = run("env", "--venv", "/srv/env", VENVBOOT_SLIP="1")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "ENV VIRTUAL_ENV=/srv/env")
    assert "VENVBOOT_SLIP" in done.stderr


def test_quiet_leaves_errors_only(run: Run) -> None:
    assert run("env", "--quiet", VENVBOOT_SLIP="1").stderr == ""
    assert run("check", "--quiet", "--venv", "/no/such").stderr.startswith("error: ")


def test_a_check_of_nothing_exits_four_and_names_what_is_missing(run: Run) -> None:
    done = run("check", "--json", "--venv", "/no/such")
    assert done.returncode == 4
    assert told(done)["promises"]["environment"] == "broken"
    assert told(done)["findings"][0]["code"] == "record-missing"


def test_an_install_without_an_environment_is_refused_with_three(run: Run) -> None:
    done = run("install", "six", "--json", "--venv", "/no/such")
    assert (done.returncode, told(done)["status"], told(done)["command"]) == (3, "refused", "install")


def test_a_variable_asks_for_json_as_the_option_does(run: Run) -> None:
    assert told(run("env", VENVBOOT_JSON="1"))["environment"]["path_prefix"] == "/opt/venv/bin"


def test_the_dockerfile_form_is_the_default_and_json_of_env_is_one_object(run: Run) -> None:
    assert told(run("env", "--format", "json")) == told(run("env", "--json"))


def test_a_reader_that_goes_away_is_no_fault(repository: Path) -> None:
    words = f"{sys.executable} -B -m venvboot env"
    done = subprocess.run(
        ["sh", "-c", f"{{ sleep 0.3; {words}; echo $? >&2; }} | :"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == "0"


def test_a_python_older_than_the_gate_is_told_what_to_do(repository: Path, pythons: dict[str, str]) -> None:
    old = [minor for minor in pythons if tuple(map(int, minor.split("."))) < (3, 9)]
    if not old:
        pytest.skip("no Python older than 3.9 on this machine, neither on PATH nor in pyenv")
    for minor in old:
        done = subprocess.run(
            [pythons[minor], "-B", str(repository / "venvboot" / "__main__.py"), "init", "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 5, minor
        assert done.stderr.startswith("error: this Python is older than 3.9")
        assert told(done)["findings"][0]["code"] == "no-python"


def test_names_that_the_encoding_of_a_stream_lacks_are_printed_all_the_same(repository: Path, tmp_path: Path) -> None:
    name = tmp_path / "é/python3"
    name.parent.mkdir()
    name.symlink_to(sys.executable)
    done = subprocess.run(
        # An isolated one reads no PYTHONIOENCODING
        [sys.executable, "-B", "-c", "from venvboot.cli import main; main()", "detect", str(name)],
        env={"PATH": str(tmp_path), "PYTHONIOENCODING": "ascii:strict", "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "?/python3" in done.stdout
