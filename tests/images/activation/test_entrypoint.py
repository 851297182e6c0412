"""The entrypoint alone, without a single ENV line: the environment, a umask, and what an unknown user lacks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.images.activation.reach import COMMANDS, VENV, cells, leads_to_venv_first, told_in

if TYPE_CHECKING:
    import subprocess

    from tests.images.activation.conftest import BuildWired
    from tests.images.docker_engine import Engine, Image

UNKNOWN = "1234567:0"
UV = {"UV": "0.13.9"}
WHO = "import getpass, os, pwd; print(getpass.getuser(), os.environ.get('USER'), os.path.expanduser('~'))"
CLEAN_UP = (
    "import os, signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(43)); print('ready', flush=True)"
)
READ_ONLY = ("--read-only", "--tmpfs=/tmp")


@pytest.fixture(scope="module")
def image(build_wired: BuildWired) -> Image:
    return build_wired("entrypoint", build_args=UV)


@pytest.fixture(scope="module")
def open_passwd(build_wired: BuildWired) -> Image:
    """The same with an /etc/passwd that group 0 may write."""
    return build_wired("open-passwd", build_args=UV)


def _ran(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, str(done)
    return done.stdout


@pytest.mark.parametrize("options", [(), READ_ONLY, ("--read-only",)], ids=["", "read-only", "no-tmp"])
@pytest.mark.parametrize("user", ["root", "1001", UNKNOWN])
def test_the_command_is_process_1_and_gets_the_environment_and_umask_002(
    docker: Engine, image: Image, user: str, options: tuple[str, ...]
) -> None:
    ask = "tr '\\0' ' ' </proc/1/cmdline; umask; . /start/probe.sh"
    output = _ran(docker.run(image, "sh", "-c", ask, user=user, options=options))
    assert output.startswith(f"sh -c {ask} 0002\n")
    told = told_in(output)
    assert told is not None
    # No console script is installed in this image.
    assert cells(told) == {command: VENV if command in {"python", "python3", "pip"} else "" for command in COMMANDS}
    assert told["virtual_env"] == VENV
    assert leads_to_venv_first(told["path"])


def test_the_image_has_no_env_line_of_ours(docker: Engine, image: Image) -> None:
    assert VENV not in str(docker.config(image)["Env"])


def test_alpines_shell_runs_it_as_well(docker: Engine, image: Image) -> None:
    ask = "import os, sys; print(sys.prefix, oct(os.umask(0)), os.environ['HOME'], os.environ['USER'])"
    argv = ["ash", f"{VENV}/bin/venvboot-entrypoint", "python", "-c", ask]
    done = docker.run(image, *argv, user=UNKNOWN, entrypoint="busybox")
    assert _ran(done) == f"{VENV} 0o2 /tmp/venvboot-home-1234567 user1234567\n", str(done)


def test_the_commands_words_and_status_pass_through(docker: Engine, image: Image) -> None:
    words = ["", "two words", "*", "$HOME", "a\nb", '"', "'"]
    done = docker.run(image, "python", "-c", "import sys; print(sys.argv[1:]); sys.exit(42)", *words)
    assert (done.returncode, done.stdout) == (42, f"{words}\n"), str(done)


def test_input_passes_through(docker: Engine, image: Image) -> None:
    assert _ran(docker.run(image, "cat", input_text="one\ntwo\n")) == "one\ntwo\n"


def test_a_missing_command_is_told_as_a_shell_does(docker: Engine, image: Image) -> None:
    done = docker.run(image, "no-such-command")
    assert done.returncode == 127, str(done)
    assert "no-such-command" in done.stderr, str(done)


def test_without_a_command_the_way_out_is_told(docker: Engine, image: Image) -> None:
    # An ENTRYPOINT of the command line takes the image's CMD away.
    done = docker.run(image, entrypoint="/opt/venv/bin/venvboot-entrypoint")
    assert (done.returncode, done.stdout) == (2, ""), str(done)
    assert "hint: " in done.stderr, str(done)


@pytest.mark.parametrize("options", [(), READ_ONLY], ids=["", "read-only"])
def test_docker_stop_reaches_the_command(docker: Engine, image: Image, options: tuple[str, ...]) -> None:
    waiting = f"{CLEAN_UP}; signal.pause()"
    with docker.start(image, "python", "-c", waiting, options=options, user=UNKNOWN) as container:
        container.wait_for("ready")
        start = time.monotonic()
        assert container.stop() == 43
        assert time.monotonic() - start < 8  # after 10 Docker kills


def test_docker_stop_ends_a_sleep_below_an_init(docker: Engine, image: Image) -> None:
    with docker.start(image, "sleep", "300", options=["--init"]) as container:
        time.sleep(1)
        assert container.running()
        start = time.monotonic()
        assert container.stop() == 143
        assert time.monotonic() - start < 8


@pytest.mark.parametrize("options", [(), READ_ONLY], ids=["", "read-only"])
@pytest.mark.parametrize("user", ["1001", UNKNOWN])
def test_home_is_a_folder_of_the_user(docker: Engine, image: Image, user: str, options: tuple[str, ...]) -> None:
    write = 'printf x >"$HOME/file" && mkdir -p "$HOME/.config/tool" && stat -c %u "$HOME" && id -u'
    owner, uid = _ran(docker.run(image, "sh", "-c", write, user=user, options=options)).split()
    assert owner == uid


def test_a_home_that_works_is_kept(docker: Engine, image: Image) -> None:
    assert _ran(docker.run(image, "printenv", "HOME")) == "/root\n"
    kept = docker.run(image, "printenv", "HOME", user=UNKNOWN, env={"HOME": "/results"})
    assert _ran(kept) == "/results\n"


@pytest.mark.parametrize(
    "trap", ["mkdir -m 777 HOME", "mkdir -m 777 /tmp/other; ln -s /tmp/other HOME", "touch HOME"]
)
def test_a_home_that_somebody_else_prepared_is_not_taken_and_uv_does_without(
    docker: Engine, image: Image, trap: str
) -> None:
    """/tmp is everybody's: whoever made the folder could read and replace what is kept there."""
    taken = "/tmp/venvboot-home-1234567"
    user = "setpriv --reuid=1234567 --regid=0 --clear-groups env HOME=/"
    ask = 'uv pip list --format=json && echo "$HOME"'
    steps = f"{trap.replace('HOME', taken)}; exec {user} {VENV}/bin/venvboot-entrypoint sh -c '{ask}'"
    done = docker.run(image, "sh", "-c", steps)
    listed, home = _ran(done).splitlines()
    assert '"name":"pip"' in listed
    assert home != taken, str(done)


def test_an_unknown_user_has_a_name_where_none_may_be_written(docker: Engine, image: Image) -> None:
    name, variable, home = _ran(docker.run(image, "python", "-c", WHO, user=UNKNOWN)).split()
    assert name == variable
    assert home not in {"/", "~"}


def test_an_unknown_user_gets_a_line_where_it_may_write_one(docker: Engine, open_passwd: Image) -> None:
    ask = f'whoami && id -un && python -c "{WHO}" && env -u HOME -u USER -u LOGNAME python -c "{WHO}"'
    who, known, first, second = _ran(docker.run(open_passwd, "sh", "-c", ask, user=UNKNOWN)).splitlines()
    assert who == known == first.split()[0] == second.split()[0]
    # Without variables the home is that of the line.
    assert first.split()[2] == second.split()[2] != "/"


def test_a_restart_adds_no_second_line(docker: Engine, open_passwd: Image) -> None:
    twice = f"{VENV}/bin/venvboot-entrypoint grep -c :1234567: /etc/passwd"
    assert _ran(docker.run(open_passwd, "sh", "-c", twice, user=UNKNOWN)) == "1\n"


@pytest.mark.parametrize("shell", ["sh", "ash", "bash"])
def test_a_line_that_only_seems_writable_stops_nothing(docker: Engine, open_passwd: Image, shell: str) -> None:
    """`test -w` of busybox looks at the mode alone, also on a file system that nobody can write."""
    entrypoint = [f"{VENV}/bin/venvboot-entrypoint", "printenv", "USER"]
    done = docker.run(open_passwd, *entrypoint, user=UNKNOWN, entrypoint=shell, options=READ_ONLY)
    assert (_ran(done), done.stderr) == ("user1234567\n", ""), str(done)


def test_a_file_whose_last_line_has_no_end_is_not_spoilt(docker: Engine, open_passwd: Image) -> None:
    last = "printf last:x:77:77::/last:/bin/sh >>/etc/passwd"
    ask = f"{VENV}/bin/venvboot-entrypoint getent passwd last 1234567"
    steps = f"{last}; exec setpriv --reuid=1234567 --regid=0 --clear-groups {ask}"
    lines = _ran(docker.run(open_passwd, "sh", "-c", steps)).splitlines()
    assert lines[0] == "last:x:77:77::/last:/bin/sh"
    assert lines[1].startswith("user1234567:x:1234567:0:")


def test_a_known_user_keeps_its_name_and_home(docker: Engine, open_passwd: Image) -> None:
    assert _ran(docker.run(open_passwd, "python", "-c", WHO, user="1001")) == "app app /home/app\n"


@pytest.mark.parametrize("options", [(), READ_ONLY], ids=["", "read-only"])
def test_uv_and_pip_have_a_cache_that_the_user_may_write(
    docker: Engine, image: Image, options: tuple[str, ...]
) -> None:
    install = "uv pip install --target /tmp/a vbplain && pip install --target /tmp/b vbplain"
    install += " && uv cache dir && pip cache dir"
    without = docker.run(image, *("sh", "-c", install), user=UNKNOWN, entrypoint="/usr/bin/env", options=options)
    assert without.returncode != 0, str(without)
    done = docker.run(image, "sh", "-c", install, user=UNKNOWN, options=options)
    assert "cache has been disabled" not in _ran(done) + done.stderr, str(done)
    folders = done.stdout.splitlines()[-2:]
    writable = " && ".join(f"mkdir -p {folder} && test -w {folder}" for folder in folders)
    _ran(docker.run(image, "sh", "-c", writable, user=UNKNOWN, options=options))


def test_another_environment_that_is_active_stays_so(docker: Engine, image: Image) -> None:
    enter = f"uv venv /tmp/o && . /tmp/o/bin/activate && exec {VENV}/bin/venvboot-entrypoint python -c"
    ask = "import os, sys; print(sys.prefix, os.environ['VIRTUAL_ENV'])"
    done = docker.run(image, "sh", "-c", f'{enter} "{ask}"')
    assert _ran(done) == "/tmp/o /tmp/o\n", str(done)


def test_it_costs_3_milliseconds_at_most(docker: Engine, image: Image) -> None:
    """The fastest of many is the least that it takes, however busy the machine is."""
    measure = (
        "import subprocess, sys, time\n"
        "def fastest(argv):\n"
        "    def once():\n"
        "        start = time.perf_counter(); subprocess.run(argv, check=True)\n"
        "        return time.perf_counter() - start\n"
        "    return min(once() for _ in range(200))\n"
        "print((fastest([sys.argv[1], '/bin/true']) - fastest(['/bin/true'])) * 1000)\n"
    )
    argv = ["/usr/bin/python3", "-c", measure, f"{VENV}/bin/venvboot-entrypoint"]
    for user in ("root", UNKNOWN):
        assert float(_ran(docker.run(image, *argv, user=user))) <= 3
