"""Where activation is written: one small module per place, all meeting one Protocol."""

from __future__ import annotations

from typing import Mapping, Protocol, Tuple

from venvboot.activation import profile_d


class Activation(Protocol):
    """A file that makes a kind of shell find the environment first. Pure: it says what to write, and where."""

    NAME: str
    PATH: str
    NEEDS: str

    def content(self, dest: str) -> str:
        """Return the file's text for the environment at ``dest``."""


# ENV lines are the Dockerfile's (policy.image_config); these are what a RUN step can write beside them.
ACTIVATIONS: Tuple[Activation, ...] = (profile_d,)

# The first line of every file we write outside the environment tells ours from a foreign one.
SIGNATURE = "# Written by venvboot"


def by_name() -> Mapping[str, Activation]:
    return {activation.NAME: activation for activation in ACTIVATIONS}
