"""What a command changed below some paths of a container, down to a chmod that changed no mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.images.docker_engine import Container

# The time of the last change of mode or owner shows every chmod and chown, also one that changes nothing.
FORM = "%p\\t%y %m %U:%G\\t%s %l %C@\\0"


@dataclass(frozen=True)
class Place:
    """`access` is the kind, the mode and the owner, as `d 2775 0:0`; `rest` is all else that may change."""

    access: str
    rest: str


def places(container: Container, *paths: str) -> dict[str, Place]:
    """Everything below the paths, symlinks as themselves."""
    done = container.execute("find", *paths, "-printf", FORM, user="root")
    assert done.returncode == 0, str(done)
    lines = [line.split("\t") for line in done.stdout.split("\0") if line]
    return {path: Place(access, rest) for path, access, rest in lines}


def changed(before: dict[str, Place], after: dict[str, Place]) -> dict[str, str]:
    """What is not as it was, with its access now; something new or gone is an error here."""
    assert before.keys() == after.keys()
    return {path: place.access for path, place in after.items() if place != before[path]}
