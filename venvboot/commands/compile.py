"""``compile``: locks with hashes out of what a project asks for, by pip-compile, for the environment's Python."""

from __future__ import annotations

import argparse
import os
import posixpath
import stat
from typing import List, Optional, Sequence, Tuple

from venvboot import options
from venvboot.apply import lock_compile
from venvboot.commands import Context, targets
from venvboot.errors import NoFile, UsageError
from venvboot.model import CompiledLock, Finding, Outcome, Severity, Status
from venvboot.policy.changes import difference
from venvboot.policy.compile_words import Wish, refused
from venvboot.policy.pins import pins, with_paths
from venvboot.render import locks as printer
from venvboot.system import System

METADATA = ("setup.py", "pyproject.toml", "setup.cfg")
# As pip-compile looks for them
DEFAULT_SOURCES = ("requirements.in", *METADATA)
DEFAULT_LOCK = "requirements.txt"
STDOUT = "-"
MODE = 0o644


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources",
        metavar="SRC",
        nargs="*",
        help=f"what to lock; default: the first there is of {', '.join(DEFAULT_SOURCES)}",
    )
    parser.add_argument(
        "-o", "--output", metavar="LOCK", default="", help="one lock for all SRC, - for stdout; default: SRC.txt each"
    )
    parser.add_argument(
        "-c", "--constraint", metavar="FILE", action="append", help="versions that no requirement may leave"
    )
    parser.add_argument("--extra", metavar="NAME", action="append", help="an extra of the project to be locked too")
    parser.add_argument("--all-extras", action="store_true", help="all extras of the project")
    parser.add_argument("--upgrade", action="store_true", help="keep no pin of the lock that is there")
    parser.add_argument(
        "--upgrade-package", metavar="NAME[==V]", action="append", help="let go of this pin of the lock alone"
    )
    options.add_venv(parser)
    options.add_cache(parser)
    options.add_dry_run(parser)
    options.pass_on(parser, "options of pip-compile")


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what each lock adds, removes and changes; a lock that stays the same is not written.

    Raises Refused (3) without an environment and for a lock with credentials, Unsupported (5) where pip-tools doesn't
    run, and VenvbootError (1) where no versions fit.
    """
    system, report = context.system, context.report
    wishes = _wishes(arguments, system)
    record = targets.environment(system, targets.destination(arguments, system))
    targets.refuse_moved(system, record)
    sources = [source for wish in wishes for source in wish.sources]
    lock_compile.refuse_unsupported(record, sources)
    cache = targets.cache_folder(arguments, system)
    made: List[CompiledLock] = []
    findings: List[Finding] = []
    for wish in wishes:
        report.say(f"{', '.join(wish.sources)}: resolving for Python {record.base_version} of {record.dest}")
        command = wish.command(sources, _relative(arguments.output))
        content = lock_compile.compiled(system, report, record, wish, command, cache)
        one = _compared(system, wish, content)
        if wish.lock != STDOUT:
            if one.differs and not arguments.dry_run:
                _write(system, wish.lock, content)
            report.say(printer.summary(one))
        made.append(one)
        placed = with_paths(content.decode("utf-8", "replace"))
        findings += [_with_path(one.path, placed)] if placed else []
    product = printer.changes(made) if arguments.dry_run else "".join(one.text for one in made)
    return Outcome(Status.DONE, tuple(findings), product, {"locks": [printer.as_json(one) for one in made]})


def _wishes(arguments: argparse.Namespace, system: System) -> Tuple[Wish, ...]:
    """Return what each lock is made of, in the order given. Raises UsageError, also for a source that isn't there."""
    passed = tuple(arguments.passed_on)
    unwanted = refused(passed)
    if unwanted:
        raise UsageError(f"{unwanted[0]} is not passed on to pip-compile: {unwanted[1]}", "venvboot compile --help")
    sources = tuple(_relative(system.lasting(source)) for source in arguments.sources or [_default(system)])
    for source in sources:
        path = posixpath.abspath(source)
        if not system.is_file(path):
            raise NoFile(_missing(source, "what is there is no file" if system.exists(path) else ""))
    groups = [(sources, _relative(arguments.output))] if arguments.output else [((s,), _beside(s)) for s in sources]
    locks = [lock for _, lock in groups]
    for names, lock in groups:
        if lock in names or locks.count(lock) > 1:
            raise UsageError(f"{lock} would be written over", "name the lock: venvboot compile SRC… -o LOCK")
    return tuple(
        Wish(
            names,
            lock,
            tuple(_relative(system.lasting(path)) for path in arguments.constraint or ()),
            tuple(arguments.extra or ()),
            arguments.all_extras,
            arguments.upgrade,
            tuple(arguments.upgrade_package or ()),
            passed,
        )
        for names, lock in groups
    )


def _default(system: System) -> str:
    found = next((name for name in DEFAULT_SOURCES if system.is_file(posixpath.abspath(name))), None)
    if found is None:
        raise NoFile(_missing(DEFAULT_SOURCES[0], f"without SRC it is the first of {', '.join(DEFAULT_SOURCES)}"))
    return found


def _beside(source: str) -> str:
    folder, name = posixpath.split(source)
    return posixpath.join(folder, DEFAULT_LOCK if name in METADATA else posixpath.splitext(name)[0] + ".txt")


def _relative(path: str) -> str:
    """Return how the working directory calls a path: pip-compile writes it into the lock."""
    return posixpath.relpath(path, os.getcwd()) if path.startswith("/") else path


def _compared(system: System, wish: Wish, content: bytes) -> CompiledLock:
    before: Optional[bytes] = None
    path = posixpath.abspath(wish.lock)
    if wish.lock != STDOUT and system.is_file(path):
        before = system.read(path)
    text = content.decode("utf-8", "replace")
    changes = difference(pins((before or b"").decode("utf-8", "replace")), pins(text))
    return CompiledLock(wish.lock, changes, before != content, text if wish.lock == STDOUT else "")


def _write(system: System, lock: str, content: bytes) -> None:
    path = posixpath.abspath(lock)
    info = system.status(path)
    kept = stat.S_IMODE(info.st_mode) if info and stat.S_ISREG(info.st_mode) else MODE
    system.write(path, content, kept)


def _missing(source: str, evidence: str = "") -> Finding:
    return Finding(
        "no-source",
        Severity.ERROR,
        source,
        f"there is no source {posixpath.abspath(source)}",
        evidence,
        "COPY it before this RUN, or name it: venvboot compile SRC",
    )


def _with_path(lock: str, names: Sequence[str]) -> Finding:
    return Finding(
        "lock-with-path",
        Severity.WARNING,
        lock,
        f"{lock} is of use only where {', '.join(names)} lies at the same path",
        "a source takes it from a folder, and pip-compile pins such a thing by its full path",
        "put it where pip looks for wheels (an index, PIP_FIND_LINKS), and name it by its version",
    )
