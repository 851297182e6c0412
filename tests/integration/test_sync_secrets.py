"""What opens an index stands nowhere afterwards: not in the environment, the cache, or what was told."""

from __future__ import annotations

import base64
import contextlib
import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

from tests.integration.tool import Tool, Wheels
from tests.integration.trees import holding, installed

USER, PASSWORD = "alice", "s3cr3t-W0rd"


class Private(SimpleHTTPRequestHandler):
    """An index (PEP 503) for who knows the password; ``asked`` gets the paths of those who do."""

    def __init__(self, *request: Any, directory: str, asked: List[str]) -> None:
        self.asked = asked
        super().__init__(*request, directory=directory)

    def do_GET(self) -> None:
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {wanted}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="private"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.asked.append(self.path)
        parts = self.path.strip("/").split("/")
        if parts[0] == "simple" and len(parts) == 2:
            names = [name for name in os.listdir(self.directory) if name.startswith(f"{parts[1]}-")]
            page = "".join(f'<a href="/{name}">{name}</a>\n' for name in names).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _private(folder: Path, asked: List[str]) -> Iterator[int]:
    handler = partial(Private, directory=str(folder), asked=asked)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def _by_variable(_: Tool, port: int, password: str) -> Dict[str, str]:
    return {"PIP_INDEX_URL": f"http://{USER}:{password}@127.0.0.1:{port}/simple"}


def _by_netrc(tool: Tool, port: int, password: str) -> Dict[str, str]:
    path = tool.folder / "netrc"
    path.write_text(f"machine 127.0.0.1\nlogin {USER}\npassword {password}\n")
    path.chmod(0o600)
    return {"PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple", "NETRC": str(path)}


def _by_the_lock(tool: Tool, port: int, password: str) -> Dict[str, str]:
    lock = tool.folder / "requirements.txt"
    address = f"http://{USER}:{password}@127.0.0.1:{port}/simple"
    lock.write_text(f"--extra-index-url {address}\n{lock.read_text()}")
    return {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}


def _by_pip_conf(tool: Tool, port: int, password: str) -> Dict[str, str]:
    path = tool.folder / "pip.conf"
    path.write_text(f"[global]\nindex-url = http://{USER}:{password}@127.0.0.1:{port}/simple\n")
    return {"PIP_CONFIG_FILE": str(path)}


SECRETS: Dict[str, Callable[[Tool, int, str], Dict[str, str]]] = {
    "a variable": _by_variable,
    "netrc": _by_netrc,
    "the lock": _by_the_lock,
    "pip.conf": _by_pip_conf,
}


@pytest.mark.parametrize("way", SECRETS)
def test_a_password_opens_the_index_and_stands_nowhere_afterwards(
    tool: Tool, one: Path, shelf: Wheels, tmp_path: Path, way: str
) -> None:
    asked: List[str] = []
    cache = tmp_path / "cache"
    words = ("sync", "--venv", str(one), "--cache", str(cache))
    forms = (PASSWORD.encode(), base64.b64encode(f"{USER}:{PASSWORD}".encode()))
    public = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_TRUSTED_HOST": "127.0.0.1"}
    with _private(shelf.folder, asked) as port:
        shelf.lock(tool.folder / "requirements.txt", "one==1.0")
        secret = SECRETS[way](tool, port, f"{PASSWORD}x")
        refused = tool(*words, "-v", **public, **secret)
        shelf.lock(tool.folder / "requirements.txt", "one==1.0")
        secret = SECRETS[way](tool, port, PASSWORD)
        done = tool(*words, "-v", **public, **secret)
        shelf.lock(tool.folder / "requirements.txt", "one==1.0", "two==1.0")
        secret = SECRETS[way](tool, port, PASSWORD)
        told = tool(*words, "--json", **public, **secret)
        planned = tool(*words, "--dry-run", "--json", **public, **secret)
    assert refused.returncode == 1, refused.stderr
    for run in (done, told, planned):
        assert run.returncode == 0, run.stderr
    assert installed(one) == {"one": "1.0", "two": "1.0"}
    assert any(path.endswith(".whl") for path in asked)
    for form in forms:
        for place in (one, cache, Path(tool.environ["HOME"])):
            assert holding(place, form) == []
        for run in (refused, done, told, planned):
            assert form.decode() not in run.stdout + run.stderr
