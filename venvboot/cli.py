"""The command line: parser, dispatch, and the one place where errors become exit statuses."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import signal
import sys
import time
import traceback
from dataclasses import replace
from typing import Any, Collection, Sequence, TextIO, Tuple

from venvboot import __version__, options, processes
from venvboot.commands import COMMANDS, Context, load, settle
from venvboot.errors import NotWritten, UsageError, VenvbootError
from venvboot.model import Finding, Outcome, Severity, Status
from venvboot.render import text as text_printer
from venvboot.report import Reporter
from venvboot.system import System

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Parser(argparse.ArgumentParser):
    """Raises instead of exiting, so that a usage error is printed like any other, as JSON too."""

    def error(self, message: str) -> Any:
        hint = f"{self.prog} --help"
        if "unrecognized arguments" in message:
            hint += "; options follow the verb"
        raise UsageError(message, hint)


def parser(verbs: Collection[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """Return the parser. Each verb's module adds its own arguments; only those of ``verbs`` are imported."""
    whole = _Parser(
        prog="venvboot",
        description="An isolated, group-writable, activated virtual environment in one RUN line of a Dockerfile.",
        epilog="Every option can be given as VENVBOOT_<NAME>, for example VENVBOOT_PYTHON=3.12.",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"venvboot {__version__}")
    children = whole.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    for verb, summary in COMMANDS.items():
        told = summary[0].upper() + summary[1:] + "."
        child = children.add_parser(verb, help=summary, description=told, allow_abbrev=False)
        if verb in verbs:
            load(verb).configure(child)
            options.add_common(child)
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit status. Prints the product on stdout and everything else on stderr."""
    words = list(sys.argv[1:] if argv is None else argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    _open_streams()
    system = System()
    as_json = "--json" in words or system.environ.get("VENVBOOT_JSON", "").lower() in options.TRUE
    verb = next((word for word in words if word in COMMANDS), None)
    verbosity, began = 0, time.time()
    try:
        arguments = options.parse(parser((verb,) if verb else ()), words, system.environ)
        as_json, verb = arguments.json, arguments.verb
        verbosity = -1 if arguments.quiet else int(arguments.verbose)
        outcome = load(arguments.verb).run(arguments, Context(system, Reporter(verbosity)))
        settle(system, began, outcome)
    except VenvbootError as error:
        if verbosity > 0 and error.__cause__:
            traceback.print_exception(type(error.__cause__), error.__cause__, error.__cause__.__traceback__)
        outcome = Outcome(error.status, error.findings)
    except SystemExit as printed_help:
        _write(sys.stdout, "")
        return int(printed_help.code or 0)
    except KeyboardInterrupt:
        stopped = Finding(
            "interrupted",
            Severity.ERROR,
            "",
            "interrupted",
            "a signal",
            "run it again; it repairs what is half-made",
        )
        outcome = Outcome(Status.INTERRUPTED, (stopped,))
    except Exception as error:  # noqa: BLE001  # a bug has an exit status of its own
        if verbosity > 0:
            traceback.print_exc()
        outcome = _outcome(error)
    outcome = replace(outcome, findings=(*outcome.findings, *_slips(system)))
    printed = _print(outcome, verb, as_json=as_json, verbosity=verbosity)
    for number in processes.ENDING:  # all is done; while Python ends, a signal would be what it ends by
        signal.signal(number, signal.SIG_IGN)
    return outcome.status.value if printed or outcome.status is not Status.DONE else Status.FAILED.value


def _outcome(error: Exception) -> Outcome:
    """Return what to tell of an error that no part expected; some of them are the machine's."""
    if isinstance(error, FileNotFoundError) and not _has_working_directory():
        return Outcome(Status.FAILED, (_lost(),))
    if isinstance(error, OSError) and error.errno in FULL:
        return Outcome(Status.FAILED, NotWritten(str(error.filename or "a file"), error).findings)
    return Outcome(Status.BUG, (_bug(error),))


def _has_working_directory() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _slips(system: System) -> Tuple[Finding, ...]:
    if not any(name.startswith(options.PREFIX) for name in system.environ):
        return ()
    return options.unknown_variables(parser(), system.environ)


def _open_streams() -> None:
    """Give a process that was started with closed streams some: what is written into them is lost, as was asked."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for the whole process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for the whole process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")  # the names of an image needn't fit the locale


def _print(outcome: Outcome, verb: str | None, *, as_json: bool, verbosity: int) -> bool:
    """Print findings, then the product; tell whether the product could be written, or nobody wanted the rest."""
    if not as_json:
        colour = text_printer.colour_wanted(sys.stderr)
        shown = [one for one in outcome.findings if verbosity >= 0 or one.severity is Severity.ERROR]
        _write(sys.stderr, "".join(text_printer.finding(one, colour=colour) for one in shown))
    return _write(sys.stdout, _as_json(verb, outcome) if as_json else outcome.product)


def _as_json(verb: str | None, outcome: Outcome) -> str:
    from venvboot.render import json  # noqa: PLC0415  # with the actions and the record that it knows it takes 15 ms

    return json.envelope(verb, outcome)


def _write(stream: TextIO, text: str) -> bool:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _give_up(stream)
    except OSError:
        _give_up(stream)
        return False
    return True


def _give_up(stream: TextIO) -> None:
    """Send what is left in the buffer nowhere: the interpreter would fail at exit, with a status of its own."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _lost() -> Finding:
    return Finding(
        "working-directory-gone",
        Severity.ERROR,
        "",
        "the working directory of this process was removed",
        "pip and relative paths need one",
        "cd to a folder that is there, and run it again",
    )


def _bug(error: Exception) -> Finding:
    return Finding(
        "bug",
        Severity.ERROR,
        "",
        f"venvboot {__version__} has a fault: {type(error).__name__}: {error}",
        "this error was not foreseen",
        "run it again with -v for the traceback, and report it",
    )
