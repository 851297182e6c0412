"""Settings, streams and metadata that would lead an installation, or a log, astray."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.tool import HARMLESS, Tool, Wheels, codes
from tests.integration.wheelhouse import make_wheel


@pytest.mark.parametrize("setting", ["target", "root", "prefix"])
def test_no_pip_conf_sends_an_install_or_a_sync_elsewhere(
    one: Path, tool: Tool, wheels: Wheels, tmp_path: Path, setting: str
) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(f"[global]\n{setting} = {tmp_path}/elsewhere\ndry-run = true\n")
    wheels.lock(tmp_path / "requirements.txt", "demo==1.0")
    for words in (["sync"], ["install", "other"]):
        done = tool(*words, "--venv", str(one), PIP_CONFIG_FILE=str(config))
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "elsewhere").exists()
    assert {path.stem for path in one.glob("lib/python3*/site-packages/[do]*.py")} == {"demo", "other"}


def test_a_sync_brings_nothing_that_the_lock_does_not_name(one: Path, tool: Tool, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    digest = make_wheel(house, "needy", "1.0", requires=("demo",))
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"needy==1.0 --hash=sha256:{digest}\n")
    told = tool.json("sync", "--venv", str(one), PIP_FIND_LINKS=f"{house} {tool.environ['PIP_FIND_LINKS']}")
    assert told["changes"]["add"] == {"needy": "1.0"}
    assert not list(one.glob("lib/python3*/site-packages/demo*"))


def test_what_a_sync_removes_stays_while_the_rest_can_t_be_had(one: Path, tool: Tool, wheels: Wheels) -> None:
    lock = wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    assert tool("sync", "--venv", str(one)).returncode == 0
    lock.write_text(f"missing==1.0 --hash=sha256:{wheels.digests['demo==1.0']}\n")
    assert tool("sync", "--venv", str(one)).returncode == 1
    assert list(one.glob("lib/python3*/site-packages/demo.py"))


def test_no_option_reaches_pip_as_a_requirement(one: Path, tool: Tool, tmp_path: Path) -> None:
    done = tool("install", "--venv", str(one), "--", f"--target={tmp_path}/elsewhere", "demo")
    assert done.returncode == 2
    assert "is no requirement [usage]" in done.stderr
    assert not (tmp_path / "elsewhere").exists()


def test_a_hostile_name_in_metadata_reaches_no_command_line(one: Path, tool: Tool, tmp_path: Path) -> None:
    (site,) = one.glob("lib/python3*/site-packages")
    secret = tmp_path / "secret"
    secret.write_text("not for the log\n")
    evil = site / "evil-1.dist-info"
    evil.mkdir()
    (evil / "METADATA").write_text(f"Metadata-Version: 2.1\nName: -r{secret}\nVersion: 1\n")
    (tmp_path / "requirements.txt").write_text("")
    done = tool("sync", "--venv", str(one))
    assert done.returncode == 3
    assert "[name-not-valid]" in done.stderr
    assert "not for the log" not in done.stdout + done.stderr


def test_a_quiet_install_prints_nothing_and_a_failed_one_what_pip_said(one: Path, tool: Tool) -> None:
    quiet = tool("install", "-q", "demo", "--venv", str(one))
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    failed = tool("install", "-q", "missing", "--venv", str(one))
    assert failed.returncode == 1
    assert "No matching distribution found for missing" in failed.stderr


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "| true", ">/dev/full", "2>/dev/full"])
def test_odd_streams_end_in_a_documented_status_without_a_traceback(
    one: Path, tool: Tool, tmp_path: Path, redirection: str
) -> None:
    errors = tmp_path / "errors"
    script = f'{{ "$0" check --venv "$1"; echo $? >"$2"; }} {redirection}'
    if redirection.startswith("|"):
        script = f'{{ "$0" check --venv "$1" 2>"$3"; echo $? >"$2"; }} {redirection}'
    elif not redirection.startswith("2"):
        script += ' 2>"$3"'
    words = ["sh", "-c", script, tool.bundle, str(one), str(tmp_path / "status"), str(errors)]
    subprocess.run(words, env=tool.environ, cwd=tmp_path, capture_output=True, check=False)
    assert (tmp_path / "status").read_text() == "4\n"
    assert "Traceback" not in (errors.read_text() if errors.exists() else "")


@pytest.mark.parametrize("there", [False, True], ids=["a new folder", "an empty one"])
def test_what_nobody_reads_stops_no_init(tool: Tool, one_python: str, tmp_path: Path, there: bool) -> None:
    dest = tmp_path / "quiet"
    if there:
        dest.mkdir()
    words = [tool.bundle, "init", str(dest), "--python", one_python, *HARMLESS]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            words, env=tool.environ, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=full, check=False
        )
    assert done.returncode == 0
    assert tool("check", "--venv", str(dest), "--only", "environment").returncode == 0


def test_init_refuses_what_check_would_fault_and_it_can_t_mend(one: Path, tool: Tool) -> None:
    for damage in (["rm", "-rf", *map(str, one.glob("lib/python3*/site-packages/pip"))], ["rm", f"{one}/bin/pip"]):
        subprocess.run(damage, check=True)
        assert codes(tool.json("init", str(one), *HARMLESS, code=3)) == ["environment-damaged"]
        assert tool("check", "--venv", str(one), "--only", "environment").returncode == 4


def test_an_impossible_group_is_a_usage_error(tool: Tool, tmp_path: Path) -> None:
    for group in ("4294967295", "99999999999", "\u00b2", "nobody-has-this-group"):
        assert codes(tool.json("init", str(tmp_path / "x"), "--group", group, *HARMLESS, code=2)) == ["usage"]
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("kind", ["nothing", "a pipe", "no folder", "no name"])
def test_metadata_that_says_nothing_is_told_with_its_place(one: Path, tool: Tool, wheels: Wheels, kind: str) -> None:
    lock = wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    (place,) = one.glob("lib/python3*/site-packages")
    info = place / "broken-1.0.dist-info"
    if kind == "no folder":
        os.mkfifo(info)
    else:
        info.mkdir()
    if kind == "a pipe":
        os.mkfifo(info / "METADATA")
    if kind == "no name":
        (info / "METADATA").write_text("Metadata-Version: 2.1\nVersion: 1.0\n\nName: of nothing\n")
    done = tool("sync", "--venv", str(one), str(lock))
    assert done.returncode == 3, done.stderr
    assert "[name-not-valid]" in done.stderr
    assert str(info) in done.stderr


@pytest.mark.parametrize("file", ["direct_url.json", "RECORD"])
def test_no_pipe_in_metadata_is_waited_for(one: Path, tool: Tool, wheels: Wheels, file: str) -> None:
    """pip-tools opens the one, and pip, which removes what can't be removed by its RECORD, the other."""
    lock = tool.folder / "requirements.txt"
    assert tool("sync", "--venv", str(one), str(wheels.lock(lock, "demo==1.0"))).returncode == 0
    (info,) = one.glob("lib/python3*/site-packages/demo-1.0.dist-info")
    (info / file).unlink(missing_ok=True)
    os.mkfifo(info / file)
    wheels.lock(lock, "demo==2.0")
    done = subprocess.run(
        [tool.bundle, "sync", "--venv", str(one), str(lock)],
        env=tool.environ,
        cwd=tool.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3, done.stderr
    assert "[metadata-unreadable]" in done.stderr
    assert f"hint: rm {info / file}" in done.stderr
