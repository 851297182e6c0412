"""Options that verbs share, and ``VENVBOOT_*`` variables: a trigger of a base image can only set variables."""

from __future__ import annotations

import argparse
import posixpath
import re
from typing import Dict, Iterator, List, Mapping, Sequence, Tuple

from venvboot.errors import UsageError
from venvboot.model import Finding, Severity
from venvboot.policy import foreign_path, triggers

PREFIX = "VENVBOOT_"
DEFAULT_DEST = "/opt/venv"
TRUE = ("1", "true", "yes", "on")
TARGET_PYTHON = "target_python"
FOREIGN = "foreign"
PASSED_ON = "passed_on"
# What weakens a promise is said where it is seen.
ON_THE_COMMAND_LINE_ALONE = ("allow", "because", "exceptions", "system_site_packages", "no_require_hashes")
FALSE = ("", "0", "false", "no", "off")

# A folder that stands unquoted in ENV lines, PATH, shebangs and shell files.
_DEST = re.compile(r"/[A-Za-z0-9._+@/-]*\Z")


def add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.add_argument("-v", "--verbose", action="store_true", help="print evidence, every command, tracebacks")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def add_venv(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--venv",
        metavar="DEST",
        help=f"the environment; default: $VIRTUAL_ENV if venvboot made it, else {DEFAULT_DEST}",
    )


def add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--python", metavar="PY", dest=TARGET_PYTHON, default="", help="the environment by its Python"
    )
    add_venv(parser)


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="print what would be done, write nothing")


def add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help="keep downloads in DIR; default: ~/.cache/venvboot when that is a mount, else none",
    )


def pass_on(parser: argparse.ArgumentParser, what: str) -> None:
    """Let the words after ``--`` be ``arguments.passed_on``."""
    parser.set_defaults(**{PASSED_ON: ()})
    parser.epilog = f"{what[0].upper()}{what[1:]} can follow after --."


def add_exceptions(parser: argparse.ArgumentParser) -> None:
    """Add what has no variable: an exception stands where it is reviewed, in the Dockerfile or in a file."""
    parser.add_argument(
        "--allow",
        metavar="NAME:KIND",
        action="append",
        help="let one distribution in although this kind speaks against it",
    )
    parser.add_argument("--because", metavar="TEXT", action="append", help="why; recorded, and printed by check")
    parser.add_argument(
        "--exceptions", metavar="FILE", help="the same from a file: NAME:KIND and the reason, a line each"
    )


def add_foreign_paths(parser: argparse.ArgumentParser) -> None:
    """Add pip's options that would send an installation elsewhere, so that they are refused and not just unknown."""
    for option in foreign_path.WITH_VALUE:
        short = ("-t",) if option == "--target" else ()
        parser.add_argument(option, *short, dest=FOREIGN + option, help=argparse.SUPPRESS)
    for option in foreign_path.FLAGS:
        parser.add_argument(option, dest=FOREIGN + option, action="store_true", help=argparse.SUPPRESS)


def foreign_paths(arguments: argparse.Namespace) -> Tuple[str, ...]:
    """Return those options of pip that were given."""
    named = (*foreign_path.WITH_VALUE, *foreign_path.FLAGS)
    return tuple(option for option in named if getattr(arguments, FOREIGN + option, None))


def parse(parser: argparse.ArgumentParser, words: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    """Return the arguments; a ``VENVBOOT_*`` variable stands for an option that the command line doesn't give.

    Raises UsageError, also for a variable whose value makes no sense.
    """
    several: Dict[str, List[str]] = {}
    for action in _actions(parser):
        name = variable(action)
        if environ.get(name):
            value = _value(action, name, environ[name])
            if isinstance(value, list):
                several[action.dest] = value  # as a default they would be added to those given
            else:
                action.default = value
    own, passed_on = _divided(parser, list(words))
    arguments = parser.parse_args(own)
    if passed_on:
        setattr(arguments, PASSED_ON, passed_on)
    for dest, values in several.items():
        if getattr(arguments, dest, values) is None:
            setattr(arguments, dest, values)
    return arguments


def _divided(parser: argparse.ArgumentParser, words: List[str]) -> Tuple[List[str], List[str]]:
    """Return the words of ours, and those after ``--`` where the verb passes them on."""
    verb = next((verb for name, verb in _verbs(parser) if words[:1] == [name]), None)
    if verb is None or verb.get_default(PASSED_ON) is None or "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]


def unknown_variables(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> Tuple[Finding, ...]:
    """Return a warning for each ``VENVBOOT_*`` variable that is no option of any verb: most likely a slip."""
    known = sorted({triggers.LOCK, *map(variable, _actions(parser))} - {""})
    return tuple(
        Finding(
            "unknown-variable",
            Severity.WARNING,
            name,
            f"the variable {name} has no effect",
            "it is no option of any verb",
            f"known: {', '.join(known)}",
        )
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known
    )


def variable(action: argparse.Action) -> str:
    """Return the variable that stands for an option, VENVBOOT_DRY_RUN for ``--dry-run``; empty for an argument."""
    if action.dest in ON_THE_COMMAND_LINE_ALONE or action.help == argparse.SUPPRESS:
        return ""
    if action.dest == TARGET_PYTHON:
        return ""  # VENVBOOT_PYTHON is the base of init; taken for a target it would make every sync a refusal
    for option in action.option_strings:
        if option.startswith("--") and option != "--help":
            return PREFIX + option[2:].upper().replace("-", "_")
    return ""


def destination(path: str) -> str:
    """Return DEST as an absolute, normalised path. Raises UsageError for one that can't stand in PATH unquoted."""
    # normpath keeps two leading slashes, which POSIX leaves to the system.
    absolute = "/" + posixpath.abspath(path).lstrip("/")
    if not _DEST.match(absolute) or absolute == "/":
        raise UsageError(
            f"{path!r} cannot be an environment's folder",
            "use letters, digits and . _ + @ - / only, for example /opt/venv",
        )
    return absolute


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every verb's options."""
    for _, verb in _verbs(parser):
        yield from verb._actions  # noqa: SLF001


def _verbs(parser: argparse.ArgumentParser) -> Iterator[Tuple[str, argparse.ArgumentParser]]:
    """Give each verb's name and parser, of which argparse has no public list."""
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield from action.choices.items()


def _value(action: argparse.Action, name: str, text: str) -> object:
    if action.nargs == 0:
        if text.lower() in TRUE:
            return action.const
        if text.lower() in FALSE:
            return action.default
        raise UsageError(f"{name}={text} is neither yes nor no", f"{name}=1 or {name}=0")
    several = isinstance(action, argparse._AppendAction)  # noqa: SLF001  # what action="append" makes
    words = [word.strip() for word in text.split(",") if word.strip()] if several else [text]
    for word in words:
        if action.choices is not None and word not in action.choices:
            raise UsageError(f"{name}={text}: {word} is none of {', '.join(map(str, action.choices))}")
    return words if several else text
