"""``detect``: every interpreter of the image, its origin, the evidence, and what follows from it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Dict, List, Sequence, Tuple

from venvboot.commands import Context, judged
from venvboot.errors import Unsupported, UsageError
from venvboot.facts import image
from venvboot.model import Finding, Interpreter, Outcome, Severity, Status
from venvboot.policy import choice, way_out, wish
from venvboot.render import json, listing
from venvboot.system import System

# An unpacked image doesn't tell its ENV: this is what Docker starts a process with.
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pythons",
        metavar="PYTHON",
        nargs="*",
        help="paths of interpreters, or versions as with --python; default: all of the image",
    )
    parser.add_argument(
        "--root", metavar="DIR", default="/", help="read the unpacked image in DIR and start nothing of it"
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return the interpreters; one that can't carry an environment is listed with the reason, which is no failure."""
    system = _image(context.system, arguments.root)
    found = _named(system, arguments.pythons) if arguments.pythons else judged.all_of(system)
    if not found:
        nothing = Finding(
            "no-interpreter",
            Severity.ERROR,
            "",
            "no Python was found",
            "PATH and the usual folders were searched",
            way_out.installing(image.distro(system)),
        )
        return Outcome(Status.UNSUPPORTED, (nothing,), data={"interpreters": []})
    product = listing.interpreters(found, verbose=arguments.verbose)
    return Outcome(Status.DONE, (), product, {"interpreters": [json.interpreter(one) for one in found]})


def _image(system: System, folder: str) -> System:
    root = "/" + system.realpath(folder).lstrip("/")
    if not folder or not system.is_directory(root):
        raise UsageError(
            f"--root {folder!r} is no folder" if system.status(root) else f"--root {folder!r} isn't there",
            "name the folder that an image was unpacked into",
        )
    return system if root == "/" else replace(system, root=root, environ={"PATH": DEFAULT_PATH})


def _named(system: System, words: Sequence[str]) -> Tuple[Interpreter, ...]:
    """Return what each word names, none twice. Raises UsageError, and Unsupported with all that name nothing."""
    wishes = {word: wish.parse(word) for word in words if "/" not in word}
    known = judged.all_of(system) if wishes else ()
    found: Dict[str, Interpreter] = {}
    missing: List[Finding] = []
    for word in words:
        try:
            named = _fitting(known, wishes[word]) if word in wishes else [judged.at(system, word)]
        except Unsupported as error:
            missing.extend(error.findings)
        else:
            found.update((one.path, one) for one in named if one.path not in found)
    if missing:
        raise Unsupported(*missing)
    return tuple(found.values())


def _fitting(known: Sequence[Interpreter], wished: wish.Wish) -> List[Interpreter]:
    fitting = [one for one in known if wished.matches(one)]
    if not fitting:
        raise Unsupported(
            Finding(
                "no-interpreter",
                Severity.ERROR,
                wished.text,
                f"there is no Python that fits {wished.text}",
                f"interpreters looked at: {choice.looked_at(known)}",
                "`venvboot detect` lists them",
            )
        )
    return fitting
