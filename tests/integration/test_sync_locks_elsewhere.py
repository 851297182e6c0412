"""Locks that name files in other places: they are fetched as pip would, or told with the way out."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator, List

import pytest

from tests.integration.synced import Synced
from tests.integration.tool import codes, site

ADDRESS = "http://locks.example/base.txt"
BESIDE = "COPY what is there beside the lock, and name it by its path: -r FILE"


@pytest.fixture
def proxy(synced: Synced) -> Iterator[str]:
    """What gives the lock of ``synced`` for that address, and for no other."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_there = self.path == ADDRESS
            self.send_response(200 if is_there else 404)
            self.end_headers()
            self.wfile.write((synced.tool.folder / "requirements.txt").read_bytes() if is_there else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_lock_at_an_address_is_had_as_pip_is_configured(synced: Synced, proxy: str) -> None:
    synced.lock()
    (synced.tool.folder / "all.txt").write_text(f"-r {ADDRESS}\n")
    done = synced("all.txt", PIP_PROXY=proxy)
    assert done.returncode == 0, done.stderr
    assert (site(synced.venv) / "demo-2.0.dist-info").is_dir()


@pytest.mark.parametrize(
    ("line", "evidence", "hint"),
    [
        ("-r http://127.0.0.1:9/base.txt", "http://127.0.0.1:9/base.txt: ", BESIDE),
        ("-c http://127.0.0.1:9/base.txt", "http://127.0.0.1:9/base.txt: ", BESIDE),
        ("-r http://:/base.txt", "No host", BESIDE),
        ("-r gone.txt", "gone.txt'", "COPY it before this RUN"),
        ("-c gone.txt", "gone.txt'", "COPY it before this RUN"),
        ("demo==", "demo==", "make it anew"),
    ],
)
def test_what_a_lock_names_and_can_t_be_had_is_told(synced: Synced, line: str, evidence: str, hint: str) -> None:
    (synced.tool.folder / "all.txt").write_text(f"{line}\n")
    told = synced.fails(1, "all.txt", PIP_RETRIES="0")
    assert codes(told) == ["lock-unreadable"]
    assert evidence in told["findings"][0]["evidence"]
    assert "magenta" not in told["findings"][0]["evidence"]
    assert hint in told["findings"][0]["hint"]


@pytest.mark.parametrize("secret", ["user:word@", "word@"])
def test_an_address_that_says_no_is_told_without_its_password(synced: Synced, proxy: str, secret: str) -> None:
    (synced.tool.folder / "all.txt").write_text(f"-r http://{secret}locks.example/none.txt\n")
    told = synced.fails(1, "all.txt", PIP_PROXY=proxy)
    evidence: List[str] = [finding["evidence"] for finding in told["findings"]]
    assert "404" in evidence[0]
    assert "word" not in evidence[0]
