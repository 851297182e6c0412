"""The ways of starting a process in a container, and how far each gets when everything is wired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.images.activation.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.images.docker_engine import Container, Engine, Image

SOURCED = ". /start/probe.sh"
REACHED, WRAPPED, MISSED, KEPT = Reach.REACHED, Reach.WRAPPED, Reach.MISSED, Reach.KEPT
# An unknown user: no line in /etc/passwd, group 0, as OpenShift has it.
UNKNOWN = "1234567:0"
LOCAL_PATH = "--env=PATH=/usr/local/bin:/usr/bin"
DISTRO_PATH = "--env=PATH=/usr/bin:/bin"
UTF8 = "--env=LC_ALL=C.UTF-8"


@dataclass(frozen=True)
class Way:
    """A way of starting. `argv` is executed in the running container, `options` are Docker's.

    `answer` names the file below /results that the probe's answer goes to, where nothing connects its output.
    """

    name: str
    argv: tuple[str, ...]
    reach: Reach = REACHED
    user: str | None = None
    options: tuple[str, ...] = ()
    typed: str = ""
    answer: str = ""
    # A container of its own, from that stage of the Dockerfile: `argv` is the command behind the image's name.
    own: bool = False
    target: str = "wired"
    # Whether VIRTUAL_ENV is exported; None where it says nothing.
    active: bool | None = True

    def start(self, docker: Engine, images: Mapping[str, Image], container: Container) -> str:
        """Start it and return what is printed."""
        if self.own:
            done = docker.run(images[self.target], *self.argv, user=self.user, options=self.options)
        else:
            options = [*self.options, *(["--user", self.user] if self.user else [])]
            options += ["--interactive"] if self.typed else []
            command = ["exec", *options, container.name, *self.argv]
            done = docker.client(*command, check=False, input_text=self.typed)
        return f"{done.stdout}\n{done.stderr}"


def _prefixed(name: str, words: str, reach: Reach = REACHED, **fields: object) -> Way:
    """A start that is a program with the command as its arguments: the program itself finds the command."""
    return Way(name, ("sh", "-c", f"start='{words}'; {SOURCED}"), reach, **fields)  # type: ignore[arg-type]


def _typed(name: str, *program: str, user: str | None = None) -> Way:
    return Way(name, ("/start/typed", SOURCED, *program), user=user)


def _written(name: str, *argv: str, reach: Reach = REACHED, options: tuple[str, ...] = ()) -> Way:
    return Way(name, argv, reach, options=options, answer=name, active=True if reach is REACHED else None)


# Section 1 of the measurements that the design stands on, each variant that a row names as a row of its own.
COUNTED = (
    Way("run argv", ("/start/argv",), own=True),
    Way("run argv --init", ("/start/argv",), options=("--init",), own=True),
    Way("run tini", ("tini", "--", "/start/argv"), own=True),
    Way("run argv -u 1234567:0", ("/start/argv",), user=UNKNOWN, own=True),
    Way("CMD shell form", (), own=True),
    Way("CMD exec form", (), own=True, target="exec-form"),
    Way("run --entrypoint", ("/start/probe.sh",), options=("--entrypoint=sh",), own=True),
    Way("exec argv", ("/start/argv",)),
    Way("exec argv -u app", ("/start/argv",), user="app"),
    Way("exec argv -u 1234567:0", ("/start/argv",), user=UNKNOWN),
    Way("HEALTHCHECK CMD", ()),
    Way("exec sh -c", ("sh", "-c", SOURCED)),
    Way("exec ash -c", ("ash", "-c", SOURCED)),
    Way("exec bash -c", ("bash", "-c", SOURCED)),
    Way("exec bash --noprofile --norc -c", ("bash", "--noprofile", "--norc", "-c", SOURCED)),
    _typed("exec -it bash", "bash"),
    _typed("bash -i", "bash", "-i"),
    _typed("bash -i -u app", "bash", "-i", user="app"),
    _typed("bash -i -u 1234567:0", "bash", "-i", user=UNKNOWN),
    _typed("sh -i", "sh", "-i"),
    _typed("ash -i", "ash", "-i"),
    Way("bash -lc", ("bash", "-lc", SOURCED)),
    Way("bash -lc -u app", ("bash", "-lc", SOURCED), user="app"),
    Way("bash -lc -u 1234567:0", ("bash", "-lc", SOURCED), user=UNKNOWN),
    _typed("bash -l -i", "bash", "-l", "-i"),
    Way("sh -lc", ("sh", "-lc", SOURCED)),
    Way("ash -lc", ("ash", "-lc", SOURCED)),
    Way("su - app -c", ("su", "-", "app", "-c", SOURCED)),
    Way("su - shuser -c", ("su", "-", "shuser", "-c", SOURCED)),
    Way("runuser -l app", ("runuser", "-l", "app", "-c", SOURCED)),
    Way("runuser -l shuser", ("runuser", "-l", "shuser", "-c", SOURCED)),
    Way("su app -c", ("su", "app", "-c", SOURCED)),
    Way("su shuser -c", ("su", "shuser", "-c", SOURCED)),
    _prefixed("runuser -u", "runuser -u app --"),
    _prefixed("gosu", "gosu app"),
    _prefixed("setpriv", "setpriv --reuid=1001 --regid=1001 --clear-groups"),
    _prefixed("sudo argv", "sudo", user="app"),
    _prefixed("sudo -u", "sudo -u app"),
    _prefixed("sudo -E", "sudo -E", user="app"),
    Way("sudo sh -c", ("sudo", "sh", "-c", SOURCED), user="app"),
    Way("sudo -i", ("sudo", "-i", ".", "/start/probe.sh"), user="app"),
    Way("sudo -i -u app", ("sudo", "-i", "-u", "app", ".", "/start/probe.sh")),
    Way("ssh command, bash", ("ssh", "app@container", SOURCED)),
    Way("ssh command, sh", ("ssh", "shuser@container", SOURCED)),
    Way("ssh login, bash", ("ssh", "-tt", "app@container"), typed=f"{SOURCED}\nexit\n"),
    Way("ssh login, sh", ("ssh", "-tt", "shuser@container"), typed=f"{SOURCED}\nexit\n"),
    _written(
        "tmux-command", "tmux", "-L", "1", "new-session", "-d", f"{SOURCED} >/results/tmux-command", options=(UTF8,)
    ),
    _written(
        "tmux-window",
        *("tmux", "-L", "2", "new-session", "-d", ";"),
        *("send-keys", f"{SOURCED} >/results/tmux-window", "Enter"),
        options=(UTF8,),
    ),
    _written("supervisord", "supervisord", options=("--detach",)),
    _prefixed("tini child", "tini -s --"),
    _prefixed("subprocess", "/start/subprocess inherit"),
    Way("#!/usr/bin/env python", ("/start/script-env-python",)),
    Way("#!/usr/bin/env python3", ("/start/script-env-python3",)),
    Way("zsh -c", ("zsh", "-c", SOURCED)),
    Way("zsh -lc", ("zsh", "-lc", SOURCED)),
    Way("env -i zsh -c", ("env", "-i", "zsh", "-c", SOURCED)),
    Way("HOME unset", ("env", "-u", "HOME", "sh", "-c", SOURCED)),
    Way("HOME=/nonexistent", ("sh", "-c", SOURCED), user="7654321", options=("--env=HOME=/nonexistent",)),
    Way("env -i bash -lc", ("env", "-i", "bash", "-lc", SOURCED)),
    Way("env -i sh -c", ("env", "-i", "sh", "-c", SOURCED), WRAPPED, active=False),
    Way("env -i bash -c", ("env", "-i", "bash", "-c", SOURCED), WRAPPED, active=False),
    Way("PATH=/usr/local/bin:/usr/bin sh -c", ("/bin/sh", "-c", SOURCED), WRAPPED, options=(LOCAL_PATH,)),
    Way("PATH=/usr/local/bin:/usr/bin bash -c", ("/bin/bash", "-c", SOURCED), WRAPPED, options=(LOCAL_PATH,)),
    Way("PATH=/usr/bin:/bin bash -c", ("bash", "-c", SOURCED), MISSED, options=(DISTRO_PATH,), active=None),
    Way("PATH=/usr/bin:/bin sh -c", ("sh", "-c", SOURCED), MISSED, options=(DISTRO_PATH,), active=None),
    _written("cron-bash"),
    _written("cron-default", reach=MISSED),
    _prefixed("env -i python", "env -i", MISSED, active=False),
    Way("env -i ash -c", ("env", "-i", "ash", "-c", SOURCED), MISSED, active=False),
    _prefixed("subprocess(env={})", "/start/subprocess empty", MISSED, active=False),
)

# Beyond the 70: what must not be the environment's, and the shells that were not measured then.
UNCOUNTED = (
    Way("#!/usr/bin/python3", ("/start/script-python3",), KEPT),
    Way("fish -c", ("fish", "-c", "/start/argv")),
    Way("fish -lc", ("fish", "-l", "-c", "/start/argv")),
    Way("env -i fish -c", ("env", "-i", "fish", "-c", "/start/argv")),
    Way("tcsh -c", ("tcsh", "-c", "/start/argv")),
    Way("env -i HOME=/root tcsh -c", ("env", "-i", "HOME=/root", "tcsh", "-c", "/start/argv")),
    # Without HOME tcsh reads no start-up file at all.
    Way("env -i tcsh -c", ("env", "-i", "tcsh", "-c", "/start/argv"), WRAPPED, active=False),
    Way("csh login", ("su", "-", "cshuser", "-c", "/start/argv")),
)

WAYS = (*COUNTED, *UNCOUNTED)
