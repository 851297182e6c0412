"""An index as PyPI is one, of files on this machine: the simple API, with digests and the metadata of wheels."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_PAGE = re.compile(r"/simple/([^/]+)/")


@dataclass(frozen=True)
class SimpleIndex:
    """A running index: its address for pip, and the projects whose page it was asked for."""

    address: str
    pages: set[str] = field(default_factory=set)


@contextlib.contextmanager
def serve(files: Sequence[Path]) -> Iterator[SimpleIndex]:
    """Serve wheels and source distributions to this machine; what isn't among them is answered with 404."""
    projects: dict[str, list[Path]] = {}
    for path in files:
        projects.setdefault(project(path), []).append(path)
    answers = {f"/simple/{name}/": "".join(map(_link, paths)).encode() for name, paths in projects.items()}
    answers.update({f"/files/{path.name}.metadata": _metadata(path) for path in files if path.suffix == ".whl"})
    content = {f"/files/{path.name}": path for path in files}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = _PAGE.fullmatch(self.path)
            if page:
                index.pages.add(page[1])
            file = content.get(self.path)
            body = file.read_bytes() if file else answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html" if page else "application/octet-stream")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        index = SimpleIndex(f"http://127.0.0.1:{server.server_port}/simple/")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield index
        server.shutdown()


def project(path: Path) -> str:
    """The normalised name of the project whose wheel or source distribution this is, which has no hyphen in it."""
    return re.sub(r"[-_.]+", "-", path.name.split("-")[0]).lower()


def _link(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    own = f"sha256={hashlib.sha256(_metadata(path)).hexdigest()}" if path.suffix == ".whl" else "false"
    return f'<a href="/files/{path.name}#sha256={digest}" data-core-metadata="{own}">{path.name}</a>\n'


def _metadata(path: Path) -> bytes:
    with zipfile.ZipFile(path) as wheel:
        name = next(name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return wheel.read(name)
