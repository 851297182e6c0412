"""One environment that several users write into, and the question after each step whether it is still whole."""

from __future__ import annotations

import contextlib
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.images.docker_engine import Container, Content, Engine, Image
from tests.images.writers.wheels import wheels

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping

    from tests.images.base_images import Base

FIRST, SECOND, OTHER = "54321:0", "65432:0", "1234567:0"
UV = "0.13.9"
# The last pip for Debian 11's Python 3.9 is 26.0.1. `init` brings the newest of each row.
PIPS = {
    "debian11": ("23.3.2", "24.3.1", "26.0.1"),
    "debian12": ("23.3.2", "24.3.1", "26.3"),
    "debian13": ("23.3.2", "24.3.1", "26.3"),
}
# Words of pip, of uv and of the system about something that could not be written or removed.
DENIED = ("permission denied", "not permitted", "failed to remove", "could not restore", "ignoring invalid")


def build(docker: Engine, venvboot: Path, base: Base, target: str = "init") -> Image:
    """An image of this folder's Dockerfile; its steps are kept, because every file here starts from one."""
    files: dict[str, Content] = {
        "venvboot": venvboot,
        **{f"wheels/{name}": content for name, content in wheels().items()},
    }
    arguments = {"PIPS": " ".join(PIPS[base.name]), "UV": UV}
    return docker.build(
        Path(__file__).parent, base=base, files=files, build_args=arguments, target=target, cache=True
    )


def newest_pip(base: Base) -> str:
    """The pip that `init` brings, which the newest in PIPS has to be: otherwise that table is out of date."""
    return PIPS[base.name][-1]


@dataclass
class Writers:
    """A running container with the environment, and what `pip list` has to show in it."""

    container: Container
    expected: dict[str, str] = field(default_factory=dict)

    def run(self, user: str, command: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command that has to succeed, without a word about anything denied."""
        done = self.attempt(user, command)
        said = (done.stdout + done.stderr).lower()
        assert done.returncode == 0, f"{user}: {command}\n{done}"
        assert not any(word in said for word in DENIED), f"{user}: {command}\n{done}"
        return done

    def attempt(self, user: str, command: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command at umask 022, as an image build and `docker exec` do."""
        return self.container.execute("sh", "-c", f"umask 022; {command}", user=user)

    def step(self, user: str, command: str, changes: Mapping[str, str]) -> None:
        """Run a command that has the `changes`, name to version; a version "" stands for a removal."""
        self.run(user, command)
        self.expected = {name: version for name, version in {**self.expected, **changes}.items() if version}
        faults = self.faults()
        assert faults == [], f"after {user}: {command}\n" + "\n".join(faults)

    def faults(self) -> list[str]:
        """What is wrong with the environment, a line each."""
        done = self.container.execute(*state_command(self.expected))
        assert done.returncode in (0, 1), str(done)
        assert (done.returncode == 0) is (done.stdout == ""), str(done)
        return done.stdout.splitlines()


def state_command(expected: Mapping[str, str]) -> list[str]:
    """The command line that checks the environment; as a RUN it ends a build that left something wrong."""
    return ["python", "-B", "/srv/state.py", *(f"{name}=={version}" for name, version in sorted(expected.items()))]


def run_state(expected: Mapping[str, str]) -> str:
    """The line of a Dockerfile that checks the environment."""
    return f"RUN {shlex.join(state_command(expected))}"


@contextlib.contextmanager
def started(docker: Engine, image: Image, base: Base) -> Iterator[Writers]:
    """A container of the image, as `init` left it."""
    with docker.start(image, "sleep", "600") as container:
        yield Writers(container, {"pip": newest_pip(base)})
