"""An index of wheels, by HTTP."""

from __future__ import annotations

import threading
from http.server import SimpleHTTPRequestHandler
from typing import Any, List


class Index(SimpleHTTPRequestHandler):
    """The wheels of a folder as an index that lets pip keep what it fetched; what is called held waits for a word."""

    def __init__(self, *request: Any, held: threading.Event, fetched: List[str], directory: str) -> None:
        self.held = held
        self.fetched = fetched
        super().__init__(*request, directory=directory)

    def do_GET(self) -> None:
        self.fetched.append(self.path)
        if self.path.startswith("/held-"):
            self.held.wait(60)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()
