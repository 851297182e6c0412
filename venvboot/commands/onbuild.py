"""``onbuild``: the lines that a base image's Dockerfile ends with, so that each child fills the environment."""

from __future__ import annotations

import argparse
import re

from venvboot.commands import Context, env, targets
from venvboot.errors import UsageError
from venvboot.model import Outcome, Status
from venvboot.options import add_venv
from venvboot.policy.triggers import Wanted, instructions
from venvboot.render import dockerfile

LOCK = "requirements.txt"

# Of a path that stands unquoted in ARG and COPY, inside the build context
_LOCK = re.compile(r"(?!/)(?!(?:.*/)?\.\.(?:/|\Z))(?!(?:.*/)?\.\Z)[A-Za-z0-9._+@/-]*[A-Za-z0-9._+@-]\Z")
_UID = re.compile(r"([0-9]{1,10})(?::([0-9]{1,10}))?\Z")
_MOST = (1 << 32) - 2  # the next one is no user's


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lock", metavar="FILE", default=LOCK, help=f"the child's lock, in its build context; default: {LOCK}"
    )
    parser.add_argument(
        "--user", metavar="UID[:GID]", default="0", help="whom the base image's last USER names; default: root"
    )
    parser.add_argument(
        "--no-mounts",
        action="store_true",
        help="for a builder without RUN --mount: no cache, and no secrets",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="without ONBUILD, for a child's own Dockerfile: OCI images have no triggers",
    )
    add_venv(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return the lines; the environment needn't be there yet. Raises UsageError."""
    if not _LOCK.match(arguments.lock):
        raise UsageError(
            f"{arguments.lock!r} is no file of a build context that can stand in COPY",
            "a relative path of letters, digits and . _ + @ - /, as locks/requirements.txt",
        )
    numbers = _UID.match(arguments.user)
    if not numbers or any(int(number) > _MOST for number in numbers.groups("0")):
        raise UsageError(
            f"{arguments.user!r} is no user that a mount can be given to",
            "its number: docker run --rm IMAGE id -u",
        )
    dest = targets.destination(arguments, context.system)
    wanted = Wanted(dest, arguments.lock, int(numbers[1]), mounts=not arguments.no_mounts)
    lines = instructions(wanted)
    config = env.config_of(context.system, dest)
    product = dockerfile.lines(lines) if arguments.plain else dockerfile.triggers(config, lines)
    return Outcome(Status.DONE, product=product, data={"instructions": list(lines)})
