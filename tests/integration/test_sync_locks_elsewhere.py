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
    done = synced("all.txt", "--replace-parent", PIP_PROXY=proxy)
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


@pytest.mark.parametrize("place", ["the lock", "a file that it names", "pip.conf", "a variable", "the build"])
def test_what_pip_may_not_take_is_not_taken_from_the_cache(synced: Synced, place: str) -> None:
    """Of demo there are wheels alone."""
    folder = synced.tool.folder
    lock, named, conf = folder / "all.txt", folder / "named.txt", folder / "pip.conf"
    demo = f"demo==2.0 --hash=sha256:{synced.wheels.digests['demo==2.0']}"
    lock.write_text("-r named.txt\n")
    named.write_text(f"{demo}\n")
    conf.write_text("[global]\nno-index = true\n")
    settings = {"PIP_CONFIG_FILE": str(conf)}
    nowhere = {**settings, "PIP_FIND_LINKS": ""}
    for one, there in ((settings, "2.0"), (settings, "1.0"), (nowhere, "2.0"), (settings, "1.0")):
        named_lock = "all.txt" if there == "2.0" else synced.wheels.lock(folder / "one.txt", "demo==1.0").name
        done = synced(named_lock, "--replace-parent", **one)
        assert done.returncode == 0, done.stderr
    if place == "the lock":
        lock.write_text("--no-binary demo\n-r named.txt\n")
    if place == "a file that it names":
        named.write_text(f"--no-binary demo\n{demo}\n")
    if place == "pip.conf":
        conf.write_text("[global]\nno-index = true\nno-binary = demo\n")
    if place == "a variable":
        settings["PIP_NO_BINARY"] = "demo"
    if place == "the build":
        named.write_text(f"{demo} --config-settings=x=y\n")
        settings["PIP_FIND_LINKS"] = ""
    told = synced.fails(1, "all.txt", "--replace-parent", **settings)
    assert codes(told) == ["pip-failed"]
    assert "No matching distribution found for demo==2.0" in told["findings"][0]["evidence"]
