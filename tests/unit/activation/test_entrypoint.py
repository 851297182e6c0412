"""The entrypoint, started by real shells as the users that platforms choose."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

from venvboot.activation import entrypoint

SHELLS = {name: shutil.which(name.split()[0]) for name in ("dash", "bash", "bash --posix", "busybox sh")}
Start = Callable[..., "subprocess.CompletedProcess[str]"]
UNKNOWN = 1234567
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can start a process as another user")


@pytest.fixture
def script() -> Iterator[Path]:
    """In a folder that any user may search."""
    folder = Path("/var/tmp", f"venvboot-entrypoint-{os.getpid()}")
    folder.mkdir(mode=0o755)
    path = folder / "venvboot-entrypoint"
    path.write_text(entrypoint.pieces("/opt/venv")[0].text)
    path.chmod(0o755)
    yield path
    shutil.rmtree(folder)


@pytest.fixture(params=SHELLS, ids=lambda name: str(name).replace(" ", "-"))
def start(request: pytest.FixtureRequest, script: Path) -> Start:
    program = SHELLS[request.param]
    if program is None:
        pytest.skip(f"no {request.param} on this machine")
    shell = [program, *request.param.split()[1:]]

    def run(*argv: str, uid: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        users: Dict[str, Any] = {"user": uid, "group": 0, "extra_groups": ()} if uid else {}
        environ = {"PATH": "/usr/bin:/bin", **environ}
        return subprocess.run(
            [*shell, script, *argv], env=environ, capture_output=True, text=True, check=False, cwd="/", **users
        )

    return run


def told(done: subprocess.CompletedProcess[str]) -> Dict[str, str]:
    assert (done.returncode, done.stderr) == (0, "")
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def test_the_command_is_started_with_the_environment_first(start: Start) -> None:
    found = told(start("env", HOME="/root"))
    assert (found["PATH"], found["VIRTUAL_ENV"]) == ("/opt/venv/bin:/usr/bin:/bin", "/opt/venv")
    assert (found["PYTHONNOUSERSITE"], found["HOME"]) == ("1", "/root")


def test_another_active_environment_stays(start: Start) -> None:
    found = told(start("env", PATH="/srv/e/bin:/usr/bin:/bin", VIRTUAL_ENV="/srv/e"))
    assert (found["PATH"], found["VIRTUAL_ENV"]) == ("/srv/e/bin:/usr/bin:/bin", "/srv/e")


def test_what_is_written_is_the_group_s_too(start: Start) -> None:
    assert start("sh", "-c", "umask").stdout == "0002\n"


@pytest.mark.parametrize("words", [["sh", "-c", "exit 7"], ["sh", "-c", "kill -9 $$"], ["/nowhere/program"]])
def test_its_status_is_the_command_s(start: Start, words: List[str]) -> None:
    alone = subprocess.run(["/bin/sh", "-c", 'exec "$@"', "sh", *words], capture_output=True, check=False)
    assert start(*words).returncode == alone.returncode != 0


def test_words_arrive_as_they_are(start: Start) -> None:
    assert start("printf", "%s|", "a b", "", "$x", "-n").stdout == "a b||$x|-n|"


def test_without_a_command_it_says_what_is_missing(start: Start) -> None:
    done = start()
    assert done.returncode == 2
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()] == ["error", "because", "hint"]


@AS_ROOT
def test_an_unknown_user_gets_a_home_and_a_name(start: Start) -> None:
    room = Path("/var/tmp", f"venvboot-room-{os.getpid()}")
    room.mkdir(mode=0o1777)
    room.chmod(0o1777)
    try:
        found = told(start("env", uid=UNKNOWN, TMPDIR=str(room), HOME="/"))
        home = Path(found["HOME"])
        assert (home.parent, home.stat().st_uid, home.stat().st_mode & 0o7777) == (room, UNKNOWN, 0o700)
        assert (found["USER"], found["LOGNAME"]) == (f"user{UNKNOWN}", f"user{UNKNOWN}")
        again = told(start("env", uid=UNKNOWN, TMPDIR=str(room), HOME="/nonexistent"))
        assert again["HOME"] == str(home)
    finally:
        shutil.rmtree(room)


@AS_ROOT
@pytest.mark.parametrize("trap", ["folder", "link", "file"])
def test_a_home_that_somebody_else_prepared_is_not_taken(start: Start, trap: str) -> None:
    room = Path("/var/tmp", f"venvboot-room-{os.getpid()}")
    room.mkdir()
    room.chmod(0o1777)
    try:
        place = room / f"venvboot-home-{UNKNOWN}"
        if trap == "folder":
            place.mkdir()
            place.chmod(0o777)
        elif trap == "link":
            place.symlink_to("/var/tmp")
        else:
            place.write_text("")
        found = told(start("env", uid=UNKNOWN, TMPDIR=str(room), HOME="/"))
        assert (found["HOME"], found["UV_NO_CACHE"], found["PIP_NO_CACHE_DIR"]) == ("/", "1", "1")
    finally:
        shutil.rmtree(room)


@AS_ROOT
def test_a_user_with_a_home_and_a_name_keeps_both(start: Start) -> None:
    found = told(start("env", uid=65534, HOME="/tmp"))  # as some images have it
    assert (found["HOME"], found["USER"]) == ("/tmp", "nobody")


@AS_ROOT
def test_a_passwd_that_may_be_written_gets_a_line_of_its_own(start: Start) -> None:
    """In a mount namespace of its own, where /etc/passwd is another file."""
    place = Path("/var/tmp", f"venvboot-passwd-{os.getpid()}")
    try:
        for content in ("root:x:0:0::/root:/bin/sh\n", "root:x:0:0::/root:/bin/sh\nlast:x:77:77::/:/bin/sh"):
            place.write_text(content)
            place.chmod(0o666)
            script = start("printenv", "USER").args
            program = f"mount --bind {place} /etc/passwd && exec setpriv --reuid={UNKNOWN} --regid=0 --clear-groups"
            words = ["unshare", "--mount", "sh", "-c", f'{program} "$@"', "sh", *map(str, script[:-2])]
            for user, name in ((UNKNOWN, f"user{UNKNOWN}"), (77, "last")):
                found = subprocess.run(
                    [*(word.replace(str(UNKNOWN), str(user)) for word in words), "printenv", "USER"],
                    env={"PATH": "/usr/bin:/bin", "HOME": "/var/tmp"},
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
                if name == "last" and "last" not in content:
                    continue
                assert found == f"{name}\n"
            lines = place.read_text().splitlines()
            assert f"user{UNKNOWN}:x:{UNKNOWN}:0::/var/tmp:/bin/sh" in lines
            assert lines[: len(content.splitlines())] == content.splitlines()
    finally:
        place.unlink()


@AS_ROOT
def test_a_cache_that_can_t_be_written_is_not_handed_on(start: Start) -> None:
    home: Dict[str, Any] = {"uid": 65534, "HOME": "/tmp"}
    assert "UV_CACHE_DIR" not in told(start("env", **home, UV_CACHE_DIR="/root/cache"))
    assert told(start("env", **home, UV_CACHE_DIR="/var/tmp"))["UV_CACHE_DIR"] == "/var/tmp"
    assert told(start("env", **home, UV_CACHE_DIR="/var/tmp/new"))["UV_CACHE_DIR"] == "/var/tmp/new"


def test_a_signal_reaches_the_command(script: Path) -> None:
    program = (
        "import signal, sys; signal.signal(15, lambda *_: sys.exit(9)); print('ready', flush=True); signal.pause()"
    )
    with subprocess.Popen([script, sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 9


@AS_ROOT
def test_it_costs_three_milliseconds_at_most(script: Path) -> None:
    """Against a bare exec by the same shell, pair by pair; as a user without a name, which takes longest."""

    def milliseconds(*words: str) -> float:
        begin = time.perf_counter()
        subprocess.run(
            words, env={"PATH": "/usr/bin:/bin", "HOME": "/tmp"}, user=UNKNOWN, group=0, extra_groups=(), check=True
        )
        return (time.perf_counter() - begin) * 1000

    pairs = [
        milliseconds(str(script), "true") - milliseconds("/bin/sh", "-c", 'exec "$@"', "sh", "true")
        for _ in range(41)
    ]
    assert sorted(pairs)[len(pairs) // 2] < 3
