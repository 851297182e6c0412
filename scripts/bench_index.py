"""An index of wheels on this machine, for `bench`: no network's moods, and the same distance for every tool."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# As PyPI has it: pages for ten minutes, files for a year
OF_PAGES, OF_FILES = "max-age=600, public", "max-age=365000000, immutable, public"


def canonical(wheel: str) -> str:
    return re.sub(r"[-_.]+", "-", wheel.partition("-")[0]).lower()


class Wheels(BaseHTTPRequestHandler):
    """Pages (https://packaging.python.org/en/latest/specifications/simple-repository-api/) and files."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *request: object, files: dict[str, Path], digests: dict[str, str]) -> None:
        self.files, self.digests = files, digests
        super().__init__(*request)  # type: ignore[arg-type]

    def do_GET(self) -> None:  # its name is the library's
        folder, _, name = self.path.strip("/").partition("/")
        if folder == "simple":
            links = [
                f'<a href="/files/{wheel}#sha256={self.digests[wheel]}">{wheel}</a>'
                for wheel in self.files
                if canonical(wheel) == name
            ]
            self._send("text/html", OF_PAGES, "<!DOCTYPE html>\n{}\n".format("\n".join(links)).encode())
        elif name in self.files:
            self._send("application/octet-stream", OF_FILES, self.files[name].read_bytes())
        else:
            self.send_error(404)

    def _send(self, kind: str, kept: str, content: bytes) -> None:
        self.send_response(200)
        for header, value in (("Content-Type", kind), ("Cache-Control", kept), ("Content-Length", str(len(content)))):
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(*folders: Path) -> Iterator[str]:
    """Give the address of an index of the wheels in the folders."""
    files = {path.name: path for folder in folders for path in sorted(folder.glob("*.whl"))}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Wheels, files=files, digests=digests)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()
