"""Tell a file of ours that serves another environment of the image from one that was changed by hand."""

from __future__ import annotations

import re
from typing import Callable

_FOLDER = re.compile(r"(/[A-Za-z0-9._+@/-]+?)(?=/bin\b|['\s])")


def serves_another(text: str, compose: Callable[[str], str]) -> bool:
    """Return whether ``text`` is what ``compose`` makes for some environment's folder that it names."""
    return any(compose(folder) == text for folder in sorted(set(_FOLDER.findall(text))))
