"""venvboot is killed while pip waits for its judgement: pip notices that nobody answers, and installs nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Callable, Iterator

import pytest

from tests.integration.tool import Tool, snapshot
from tests.integration.wheelhouse import make_wheel

PATIENCE = 30.0  # seconds
AT_ONCE = 10.0  # seconds
READ = (0, 63)  # the system call's number, on x86-64 and on ARM


class Held(SimpleHTTPRequestHandler):
    """A folder of wheels; the first wheel that is asked for is held back until ``go``."""

    asked = threading.Event()
    go = threading.Event()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.path.endswith(".whl"):
            self.asked.set()
            self.go.wait(PATIENCE)
        super().do_GET()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    house = tmp_path / "house"
    house.mkdir()
    make_wheel(house, "good", "1.0")
    Held.asked.clear()
    Held.go.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Held, directory=str(house))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def until(told: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def waits_at_the_gate(pid: int) -> bool:
    """Tell whether a process waits for what comes from a socket; from a server it would be received, not read."""
    words = Path(f"/proc/{pid}/syscall").read_text().split()
    if not words[0].isdigit() or int(words[0]) not in READ:
        return False
    return os.readlink(f"/proc/{pid}/fd/{int(words[1], 16)}").startswith("socket:")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/proc/self/syscall").exists(), reason="nobody else may look")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_pip_installs_nothing_when_nobody_answers_any_more(
    tool: Tool, one: Path, address: str, number: signal.Signals
) -> None:
    before = snapshot(one)
    environ = {**tool.environ, "PIP_FIND_LINKS": address, "PIP_TRUSTED_HOST": "127.0.0.1"}
    words = [tool.bundle, "install", "--venv", str(one), "good"]
    with subprocess.Popen(words, env=environ, cwd=tool.folder, stderr=subprocess.DEVNULL) as process:
        assert Held.asked.wait(PATIENCE)
        (pip,) = children(process.pid)
        process.send_signal(signal.SIGSTOP)  # it can't answer: pip has to wait
        Held.go.set()
        until(lambda: waits_at_the_gate(pip), "pip did not come to the gate")
        assert snapshot(one) == before
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        until(lambda: not is_running(pip), "pip goes on waiting", AT_ONCE)
        assert process.wait(PATIENCE) == (-number if number is signal.SIGKILL else 130)
    assert snapshot(one) == before
    assert tool("install", "--venv", str(one), "good", PIP_FIND_LINKS=address).returncode == 0
