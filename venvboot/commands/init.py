"""``init``: the one-shot bootstrap. A second run changes nothing."""

from __future__ import annotations

import argparse

from venvboot import activation, options
from venvboot.apply import maker
from venvboot.commands import Context
from venvboot.model import Outcome
from venvboot.system import System


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "dest", metavar="DEST", nargs="?", help=f"the environment's folder; default: {options.DEFAULT_DEST}"
    )
    parser.add_argument("--venv", metavar="DEST", help="the same as an option")
    parser.add_argument(
        "--python",
        metavar="PY",
        default="",
        help="the base interpreter: a path, or a version as 3.12, >=3.11,<3.14 or pypy3.11",
    )
    parser.add_argument(
        "--direct", action="store_true", help="make no environment: prepare a source build's own site-packages"
    )
    parser.add_argument(
        "--system-site-packages",
        action="store_true",
        help="let the environment see the distro's packages; read the README before",
    )
    parser.add_argument("--group", metavar="GID|NAME", help="the group that may install; default: 0")
    names = ", ".join(activation.by_name())
    parser.add_argument(
        "--activate", metavar="NAME", action="append", help=f"activate in: {names}; default: all but bash-env"
    )
    parser.add_argument(
        "--no-activate", metavar="NAME|all", action="append", help="leave that activation out, or take it back"
    )
    parser.add_argument(
        "--no-guard", action="store_true", help="do not guard the system's interpreters against installs"
    )
    options.add_dry_run(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return the ENV lines as the product. Raises Refused or Unsupported before anything is written."""
    with maker.ahead(context.system, is_likely=_is_new(arguments, context.system)) as ready:
        from venvboot.commands import init_plan  # noqa: PLC0415  # it takes as long as importing virtualenv does

        return init_plan.carry_out(arguments, context, ready)


def _is_new(arguments: argparse.Namespace, system: System) -> bool:
    """Tell whether an environment is to be made, as it looks at first sight."""
    dest = arguments.dest or arguments.venv or options.DEFAULT_DEST
    if arguments.direct or arguments.dry_run or system.status(dest):
        return False
    return "/" not in arguments.python or system.exists(arguments.python)
