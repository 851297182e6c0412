"""The activations that `--no-activate` names, and for each a start that it alone serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.images.activation.reach import VENV
from tests.images.activation.ways import SOURCED

if TYPE_CHECKING:
    from tests.images.docker_engine import Container

PROFILE = "/etc/profile.d/zz-venvboot.sh"
ENTRYPOINT = f"{VENV}/bin/venvboot-entrypoint"
# What others wrote and a block of ours is put into.
EDITED = ("/etc/bash.bashrc", "/etc/zsh/zshenv", "/etc/environment", "/etc/csh.cshrc")


@dataclass(frozen=True)
class Switch:
    """`path` is what the activation writes, `argv` a start that, beside the wrappers, only it serves."""

    name: str
    path: str
    argv: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether the file is ours alone."""
        return self.path not in EDITED


SWITCHES = (
    Switch("profile.d", PROFILE, ("sh", "-lc", SOURCED)),
    Switch("bash.bashrc", "/etc/bash.bashrc", ("env", "-i", "bash", "-ic", SOURCED)),
    Switch("zshenv", "/etc/zsh/zshenv", ("env", "-i", "zsh", "-c", SOURCED)),
    Switch("fish", "/etc/fish/conf.d/venvboot.fish", ("env", "-i", "fish", "-c", "/start/argv")),
    Switch("csh", "/etc/csh.cshrc", ("env", "-i", "HOME=/root", "tcsh", "-c", "/start/argv")),
    Switch("environment", "/etc/environment", ("ssh", "shuser@container", SOURCED)),
    Switch("sudoers", "/etc/sudoers.d/venvboot", ("sudo", "sh", "-c", SOURCED)),
    Switch("wrappers", "/usr/local/bin/python3", ("env", "-i", "sh", "-c", SOURCED)),
)


def output_of(container: Container, *argv: str) -> str:
    done = container.execute(*argv)
    assert done.returncode == 0, str(done)
    return done.stdout
