"""``detect``: every interpreter of the image, its origin, the evidence, and what follows from it."""

from __future__ import annotations

import argparse

from venvboot.commands import Context, judged
from venvboot.model import Finding, Outcome, Severity, Status
from venvboot.render import json, text


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pythons", metavar="PYTHON", nargs="*", help="paths of interpreters; default: all of the image"
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return the interpreters; one that can't carry an environment is listed with the reason, which is no failure."""
    system = context.system
    found = (
        tuple(judged.at(system, path) for path in arguments.pythons) if arguments.pythons else judged.all_of(system)
    )
    if not found:
        nothing = Finding(
            "no-interpreter", Severity.ERROR, "", "no Python was found", "PATH and the usual folders", ""
        )
        return Outcome(Status.UNSUPPORTED, (nothing,), data={"interpreters": []})
    product = text.interpreters(found, verbose=arguments.verbose)
    return Outcome(Status.DONE, (), product, {"interpreters": [json.interpreter(one) for one in found]})
