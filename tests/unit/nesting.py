"""Folders in one another, deeper than a path can name them."""

from __future__ import annotations

import os


def nest(folder: str, depth: int) -> None:
    """Make ``depth`` folders in one another in ``folder``, with a file in the last."""
    current = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=current)
        below = os.open("d", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = below
    os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=current))
    os.close(current)
