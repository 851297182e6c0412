"""``check``: verify on the real tree, in any later layer, what ``init`` promised."""

from __future__ import annotations

import argparse
from typing import Any, Dict

from venvboot import check as promises
from venvboot.commands import Context, targets
from venvboot.facts.destination import read_record
from venvboot.model import Outcome, Promise, Status
from venvboot.options import add_venv
from venvboot.render import starts, text


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        choices=tuple(promises.PROMISES),
        help=f"check only: {', '.join(promises.PROMISES)}",
    )
    add_venv(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return all findings; the status is BROKEN when one of them is an error. Writes nothing."""
    dest = targets.destination(arguments, context.system)
    record = read_record(context.system, dest)
    found = promises.verify(context.system, dest, record, arguments.only or tuple(promises.PROMISES))
    broken = any(state is Promise.BROKEN for state in found.states.values())
    product = text.promises(found.states)
    data: Dict[str, Any] = {"promises": {name: state.value for name, state in found.states.items()}}
    if record and found.starts:
        product += "\n" + starts.table(found.starts, record)
        data["starts"] = starts.as_json(found.starts, record)
    return Outcome(Status.BROKEN if broken else Status.DONE, found.findings, "" if arguments.quiet else product, data)
