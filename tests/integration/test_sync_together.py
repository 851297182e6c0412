"""Two syncs of one environment at the same time: one of them has its way, and the other says so."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

import pytest

from tests.integration.synced import Synced
from tests.integration.tool import codes, site

DEMO = "demo-2.0-py3-none-any.whl"


class Waiting(SimpleHTTPRequestHandler):
    """The wheels of a folder; before one of them is served something else happens."""

    def __init__(self, *request: Any, first: Callable[[], object], directory: str) -> None:
        self.first = first
        super().__init__(*request, directory=directory)

    def do_GET(self) -> None:
        if self.path == f"/{DEMO}":
            self.first()
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("options", [[], ["--no-require-hashes"]])
@pytest.mark.parametrize("another", [["other==1.0"], ["demo==2.0"], []])
def test_what_another_sync_has_made_meanwhile_stays_as_that_left_it(
    synced: Synced, another: list[str], options: list[str]
) -> None:
    synced.lock()
    lock = synced.wheels.lock(synced.tool.folder / "another.txt", *another)

    def sync() -> None:
        done = synced(lock.name, "--replace-parent", "--cache", str(synced.tool.folder / "second"))
        assert done.returncode == 0, done.stderr

    handler = partial(Waiting, first=sync, directory=str(synced.wheels.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        done = synced(*options, PIP_FIND_LINKS=address, PIP_TRUSTED_HOST="127.0.0.1")
        server.shutdown()
    assert done.returncode == 3, done.stderr
    assert codes(synced.told(done)) == ["sync-running"]
    there = [path.name for path in site(synced.venv).glob("*.dist-info") if not path.name.startswith("pip-")]
    assert there == [f"{pin.replace('==', '-')}.dist-info" for pin in another]
    again = synced(lock.name, "--replace-parent")
    assert again.returncode == 0
    assert "nothing to do" in again.stderr
    done = synced()
    assert done.returncode == 0, done.stderr
    assert (site(synced.venv) / "demo-2.0.dist-info").is_dir()
