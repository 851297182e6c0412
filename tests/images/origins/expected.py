"""What the confusion table is made of: an interpreter of an image, and the origin it has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """The interpreter at `path` of the image `target`, which `<family>/Dockerfile` builds on the base `base`.

    `form` is `documented form` where no registry has the real thing and the tree was written by its documentation.
    """

    family: str
    target: str
    base: str
    path: str
    kind: str
    managed: bool
    strategy: str
    form: str = "real"
