"""Where activation is written: one small module per place, all meeting one Protocol."""

from __future__ import annotations

from typing import Mapping, Protocol, Tuple

from venvboot.activation import (
    bash_bashrc,
    bash_env,
    csh,
    entrypoint,
    environment,
    fish,
    profile_d,
    sudoers,
    wrappers,
    zshenv,
)
from venvboot.model import Piece


class Activation(Protocol):
    """What makes one kind of start find the environment first. Pure: it says what to write, and where."""

    NAME: str
    SERVES: str

    def pieces(self, dest: str) -> Tuple[Piece, ...]:
        """Return the texts for the environment at ``dest``: one for each place where a distro may look for it."""


# ENV lines are the Dockerfile's (policy.image_config); these are what a RUN step can write beside them.
ACTIVATIONS: Tuple[Activation, ...] = (
    profile_d,
    bash_bashrc,
    zshenv,
    fish,
    csh,
    environment,
    sudoers,
    entrypoint,
    wrappers,
    bash_env,
)

# Left out unless it is asked for: every bash of the image would read a file more.
ON_REQUEST = (bash_env.NAME,)


def by_name() -> Mapping[str, Activation]:
    return {activation.NAME: activation for activation in ACTIVATIONS}
