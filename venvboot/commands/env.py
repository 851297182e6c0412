"""``env``: the lines that activate the environment where a RUN step can't, in the Dockerfile."""

from __future__ import annotations

import argparse

from venvboot.commands import Context, targets
from venvboot.facts import commands
from venvboot.facts.destination import read_record
from venvboot.model import ImageConfig, Outcome, Status
from venvboot.options import add_venv
from venvboot.policy.image_config import UV_CACHE, image_config
from venvboot.policy.plan import of_record
from venvboot.render import dockerfile, json
from venvboot.system import System

CHOICES = ("dockerfile", "sh", "json", "env-file")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=CHOICES, default="dockerfile", help="default: dockerfile")
    add_venv(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return the lines; the environment needn't be there yet, since ENV may stand before the RUN that makes it."""
    config = config_of(context.system, targets.destination(arguments, context.system))
    data = {"environment": json.image_config(config)}
    if arguments.format == "json":
        return Outcome(Status.DONE, product=json.envelope("env", Outcome(Status.DONE, data=data)), data=data)
    if arguments.format == "env-file":
        return Outcome(
            Status.DONE,
            product=dockerfile.env_file(config, context.system.environ.get("PATH", "")),
            data=data,
        )
    return Outcome(Status.DONE, product=dockerfile.FORMATS[arguments.format](config), data=data)


def config_of(system: System, dest: str) -> ImageConfig:
    """Return what the Dockerfile has to say of the environment at ``dest``, made already or to be made."""
    found = read_record(system, dest)
    has_uv = commands.has_uv(system, dest)
    cached = commands.is_shared(system, UV_CACHE)
    if found:
        return of_record(found, has_uv=has_uv, has_uv_cache=cached)
    return image_config(dest, has_uv=has_uv, has_uv_cache=cached)
