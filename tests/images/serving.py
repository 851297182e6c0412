"""A container that serves JSON over HTTP, and what it answers."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.images.docker_engine import Container, Engine, Image


@contextlib.contextmanager
def serving(
    docker: Engine, image: Image, user: str | None, options: Sequence[str] = ()
) -> Iterator[tuple[Container, dict[str, Any]]]:
    """Start the image's own command on a free PORT; give the container and its first answer."""
    port = _free_port()
    with docker.start(image, user=user, env={"PORT": str(port)}, options=options) as container:
        yield container, _fetch(container, f"http://127.0.0.1:{port}/")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _fetch(container: Container, address: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except OSError:
            if time.monotonic() > deadline or not container.running():
                raise AssertionError(f"no answer from {address}:\n{container.logs()}") from None
            time.sleep(0.2)
