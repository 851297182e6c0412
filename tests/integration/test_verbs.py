"""The verbs, driven through the one file, for every supported Python, writing into a temporary folder only."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Dict, Tuple

import pytest

from tests.integration.tool import HARMLESS, Tool, Wheels, codes, snapshot


def test_init_shares_everything_and_leaves_nothing_else(dest: Path, tool: Tool) -> None:
    for path in dest.rglob("*"):
        info = path.lstat()
        if stat.S_ISDIR(info.st_mode):
            assert stat.S_IMODE(info.st_mode) == 0o2775, path
        elif stat.S_ISREG(info.st_mode):
            assert info.st_mode & 0o060 == 0o060, path
            assert not info.st_mode & 0o002, path
    assert list((tool.folder / "home").iterdir()) == []
    assert not (dest / "venvboot.json.unfinished").exists()
    assert json.loads((dest / "venvboot.json").read_text())["dest"] == str(dest)


def test_the_environment_is_isolated_and_has_pip_of_its_own(dest: Path) -> None:
    done = subprocess.run([dest / "bin/pip", "list", "--format=json"], capture_output=True, text=True, check=True)
    assert [item["name"] for item in json.loads(done.stdout)] == ["pip"]
    assert "include-system-site-packages = false" in (dest / "pyvenv.cfg").read_text()


def test_a_second_init_and_a_dry_run_write_nothing(dest: Path, tool: Tool) -> None:
    before = snapshot(tool.folder)
    again = tool.json("init", str(dest), *HARMLESS)
    assert again["plan"]["actions"] == []
    assert tool("init", str(tool.folder / "new"), "--dry-run", *HARMLESS).returncode == 0
    assert snapshot(tool.folder) == before


def test_init_prints_the_env_lines_alone_on_stdout(one: Path, tool: Tool) -> None:
    lines = f"ENV VIRTUAL_ENV={one}\nENV PATH={one}/bin:$PATH\nENV PYTHONNOUSERSITE=1\n"
    assert tool("init", str(one), *HARMLESS).stdout == lines
    assert tool("env", "--venv", str(one)).stdout == lines
    exported = tool("env", "--venv", str(one), "--format", "sh").stdout
    shown = subprocess.run(
        ["sh", "-euc", exported + 'echo "$VIRTUAL_ENV"; command -v python'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines() == [str(one), f"{one}/bin/python"]
    env_file = tool("env", "--venv", str(one), "--format", "env-file").stdout
    assert f"PATH={one}/bin:{tool.environ['PATH']}".split(":")[0] in env_file
    assert "$" not in env_file


def test_check_keeps_every_promise_in_a_process_with_the_env_lines(one: Path, tool: Tool) -> None:
    path = f"{one}/bin:{tool.environ['PATH']}"
    told = tool.json("check", VIRTUAL_ENV=str(one), PATH=path)
    assert [one for one in told["findings"] if one["severity"] != "note"] == []
    assert told["promises"] == {
        "origin": "kept",
        "environment": "kept",
        "sharing": "kept",
        "activation": "kept",
        "guard": "not checked",
    }
    lost = tool.json("check", "--venv", str(one), code=4)
    errors = [finding["code"] for finding in lost["findings"] if finding["severity"] == "error"]
    assert errors == ["path-lost", "virtual-env-lost"]
    assert lost["status"] == "broken"
    assert tool.json("check", "--venv", str(one), "--only", "origin")["promises"]["activation"] == "not checked"


def test_install_reports_what_changed(one: Path, tool: Tool) -> None:
    environment = ("--venv", str(one))
    planned = tool.json("install", "demo==1.0", *environment, "--dry-run")
    added = tool.json("install", "demo==1.0", *environment)
    assert planned["changes"] == added["changes"] == {"add": {"demo": "1.0"}, "remove": {}, "change": {}}
    changed = tool.json("install", "demo==2.0", *environment)
    assert changed["changes"]["change"] == {"demo": {"from": "1.0", "to": "2.0"}}
    assert (one / "bin/demo").stat().st_mode & 0o070 == 0o070
    assert tool.json("install", "missing", *environment, code=1)["findings"][0]["code"] == "pip-failed"


def test_sync_makes_the_environment_what_the_lock_says(dest: Path, tool: Tool, wheels: Wheels) -> None:
    environment = ("--venv", str(dest))
    lock = wheels.lock(tool.folder / "requirements.txt", "demo==1.0", "other==1.0")
    assert tool.json("sync", *environment)["changes"]["add"] == {"demo": "1.0", "other": "1.0"}
    before = snapshot(dest)
    assert tool.json("sync", str(lock), *environment)["changes"] == {"add": {}, "remove": {}, "change": {}}
    assert snapshot(dest) == before

    # What another pip did since is undone, though the lock is the same.
    subprocess.run([dest / "bin/pip", "uninstall", "--yes", "--quiet", "other"], check=True)
    assert tool.json("sync", *environment)["changes"]["add"] == {"other": "1.0"}

    wheels.lock(lock, "demo==2.0")
    planned = tool("sync", *environment, "--dry-run")
    assert planned.stdout == "- other 1.0\n~ demo 1.0 -> 2.0\n"
    assert tool.json("sync", *environment)["changes"]["remove"] == {"other": "1.0"}
    listed = subprocess.run([dest / "bin/pip", "freeze"], capture_output=True, text=True, check=True)
    assert listed.stdout == "demo==2.0\n"
    unshared = [path for path in dest.rglob("*") if path.is_dir() and path.stat().st_mode & 0o2070 != 0o2070]
    assert unshared == []


def test_a_lock_is_refused_without_hashes_and_installs_nothing_with_wrong_ones(
    one: Path, tool: Tool, wheels: Wheels
) -> None:
    environment = ("--venv", str(one))
    lock = tool.folder / "requirements.txt"
    lock.write_text("demo==1.0\n")
    assert codes(tool.json("sync", *environment, code=3)) == ["lock-without-hashes"]
    assert codes(tool.json("sync", *environment, code=3, VENVBOOT_NO_REQUIRE_HASHES="1")) == [
        "lock-without-hashes",
        "unknown-variable",
    ]
    lock.write_text(f"demo==1.0 --hash=sha256:{wheels.digests['other==1.0']}\n")
    assert codes(tool.json("sync", *environment, code=1)) == ["pip-failed"]
    lock.unlink()
    assert codes(tool.json("sync", *environment, code=2)) == ["no-lock"]
    assert not list(one.glob("lib/python3*/site-packages/demo*"))


def test_a_lock_without_hashes_is_taken_by_name_and_recorded(one: Path, tool: Tool) -> None:
    environment = ("--venv", str(one))
    lock = tool.folder / "requirements.txt"
    lock.write_text("demo==1.0\n")
    assert tool.json("sync", *environment, "--no-require-hashes")["changes"]["add"] == {"demo": "1.0"}
    (recorded,) = json.loads((one / "venvboot.json").read_text())["locks"]
    assert recorded["hashes"] is False
    assert "lock-not-verified" in codes(tool.json("check", *environment, "--only", "environment"))
    # What was let be once is asked for each time.
    assert codes(tool.json("sync", *environment, code=3)) == ["lock-without-hashes"]


def test_an_unchanged_lock_takes_no_time_and_one_that_names_another_file_is_read_again(
    one: Path, tool: Tool, wheels: Wheels
) -> None:
    environment = ("--venv", str(one))
    lock, other = tool.folder / "requirements.txt", tool.folder / "other.txt"
    wheels.lock(lock, "demo==1.0")
    assert tool("sync", *environment).returncode == 0
    before = snapshot(one)
    asked = tool("sync", *environment, "-v")
    assert "nothing to do" in asked.stderr
    assert "pip-tools" not in asked.stderr
    assert snapshot(one) == before

    lock.write_text("-r other.txt\n")
    wheels.lock(other, "demo==1.0")
    assert tool("sync", *environment).returncode == 0
    wheels.lock(other, "demo==2.0")
    assert tool.json("sync", *environment)["changes"]["change"] == {"demo": {"from": "1.0", "to": "2.0"}}


def test_pips_own_command_lines_get_umask_002_and_nothing_else_does(dest: Path, tmp_path: Path) -> None:
    python, show = str(dest / "bin/python"), "import os; print(oct(os.umask(0)))"
    plain = subprocess.run([python, "-c", show], capture_output=True, text=True, check=True, umask=0o022)
    assert plain.stdout == "0o22\n"
    for words in (
        [str(dest / "bin/pip")],
        [python, "-m", "pip"],
        [python, "-Im", "pip"],
        [python, "-X", "utf8", "-mpip"],
    ):
        target = tmp_path / "-".join(word.strip("-/").replace("/", "_")[-12:] for word in words)
        command = [*words, "download", "--quiet", "--no-index", "--no-deps", "--dest", str(target), "pip==0"]
        subprocess.run(command, capture_output=True, check=False, umask=0o022)
        # pip makes the folder before it looks for anything.
        assert stat.S_IMODE(target.stat().st_mode) == 0o775, words


def test_an_environment_is_never_made_over_something_else(tool: Tool, one_python: str, tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "file").write_text("mine")
    before = snapshot(tmp_path)
    assert codes(tool.json("init", str(occupied), "--python", one_python, *HARMLESS, code=3)) == [
        "destination-occupied"
    ]
    assert codes(tool.json("init", str(tmp_path / "x"), "--python", "/nope", *HARMLESS, code=5)) == ["no-interpreter"]
    assert codes(tool.json("init", "/", *HARMLESS, code=2)) == ["usage"]
    assert snapshot(tmp_path) == before


def test_what_was_killed_half_way_is_not_healthy_and_is_made_anew(
    tool: Tool, one_python: str, tmp_path: Path
) -> None:
    dest = tmp_path / "venv"
    words = [tool.bundle, "init", str(dest), "--python", one_python, *HARMLESS]
    with subprocess.Popen(words, env=tool.environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        while not (dest / "venvboot.json.unfinished").exists():
            assert process.poll() is None
        process.kill()
    found = tool.json("check", "--venv", str(dest), code=4)
    assert codes(found) == ["record-missing"]
    assert found["findings"][0]["evidence"] == "its making was interrupted"
    again = tool.json("init", str(dest), "--python", one_python, *HARMLESS)
    assert again["plan"]["actions"][0]["replaces_half_made"] is True
    assert tool.json("check", "--venv", str(dest), "--only", "environment")["findings"] == []


def test_variables_stand_for_options_and_slips_are_told(one: Path, tool: Tool) -> None:
    by_variable = tool("env", VENVBOOT_VENV=str(one), VENVBOOT_FORMAT="sh")
    assert by_variable.stdout.startswith(f'export VIRTUAL_ENV="{one}"\n')
    told = tool.json("env", VENVBOOT_VNEV="x")
    assert codes(told) == ["unknown-variable"]
    wrong = tool("env", VENVBOOT_JSON="maybe")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "VENVBOOT_JSON=maybe is neither yes nor no" in wrong.stderr


def test_detect_tells_an_environment_and_its_base(dest: Path, tool: Tool, python: str) -> None:
    told = tool.json("detect", str(dest / "bin/python"), python)
    environment, base = told["interpreters"]
    assert (environment["origin"]["kind"], environment["strategy"]) == ("venv", "as-is")
    assert environment["real_path"] == base["real_path"] == os.path.realpath(python)
    assert base["strategy"] == ("venv" if base["origin"]["managed"] else "direct")
    assert {item["source"] for item in environment["evidence"]} >= {"pyvenv.cfg"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_two_users_of_group_0_share_one_environment(
    bundle: str, pythons: Dict[Tuple[int, int], str], wheels: Wheels, reachable: str
) -> None:
    open_to_all = [path for path in ("/usr/bin/python3", *pythons.values()) if _open_to_all(path)]
    if not open_to_all:
        pytest.skip("every Python here lies in a folder that other users can't enter")
    dest = os.path.join(reachable, "venv")
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": reachable, "PIP_NO_INDEX": "1"}
    house = os.path.join(reachable, "wheels")
    subprocess.run(["cp", "-r", str(wheels.folder), house], check=True)
    subprocess.run(["chmod", "-R", "a+rX", house], check=True)
    environ["PIP_FIND_LINKS"] = house
    init = [bundle, "init", dest, "--python", open_to_all[0], *HARMLESS]
    subprocess.run(init, env=environ, check=True, capture_output=True)

    def pip(uid: int, *words: str) -> None:
        command = [f"{dest}/bin/python", "-m", "pip", *words]
        done = subprocess.run(
            [
                "setpriv",
                f"--reuid={uid}",
                "--regid=0",
                "--clear-groups",
                "sh",
                "-c",
                'umask 022; exec "$@"',
                "-",
                *command,
            ],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert done.returncode == 0, done.stdout + done.stderr

    pip(54321, "install", "demo==1.0", "other")
    pip(65432, "install", "demo==2.0")
    pip(65432, "uninstall", "-y", "demo", "other")
    assert not list(Path(dest).glob("lib/python3*/site-packages/*demo*"))


def _open_to_all(python: str) -> bool:
    path = Path(os.path.realpath(python))
    return path.exists() and all(parent.stat().st_mode & 0o001 for parent in path.parents)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_after_all_was_said_is_not_what_it_ends_by(one: Path, tool: Tool, number: signal.Signals) -> None:
    """Python takes its handlers back while it ends."""
    found = []
    for trial in range(12):
        words = [tool.bundle, "env", "--venv", str(one)]
        with subprocess.Popen(words, env=tool.environ, cwd=tool.folder, stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.readline().startswith(b"ENV ")
            time.sleep(trial * 0.002)
            process.send_signal(number)
            found.append(process.wait(60))
    assert set(found) <= {0, 130}, found
