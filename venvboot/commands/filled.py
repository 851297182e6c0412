"""``sync`` by wheels: what the lock pins with hashes is judged as the front door does it, and then laid out."""

from __future__ import annotations

import argparse
import contextlib
import posixpath
from dataclasses import replace
from typing import Collection, Iterator, Sequence, Tuple

from venvboot.apply import filling, lock, pip, stage
from venvboot.apply.kept import Kept
from venvboot.apply.pruning import prune
from venvboot.commands import Context, filling_options, resolved, targets
from venvboot.commands.front_door import FrontDoor, explained
from venvboot.errors import Refused, ToolFailed
from venvboot.facts import installed_files, requirements, stdlib
from venvboot.facts.distributions import libraries, parse, present
from venvboot.model import Bytecode, Finding, InstallTarget, LockFile, PythonFacts, Record, Severity
from venvboot.policy.synced import changed_meanwhile
from venvboot.system import System


def is_possible(place: targets.Environment, found: lock.Difference, *, hashes: bool) -> bool:
    """Tell whether all that is to be installed is pinned with hashes, so that the wheels can be laid out."""
    return found.pins is not None and (hashes or not found.pins) and not place.record.direct


def refuse_doubled(system: System, record: Record, found: lock.Difference, *, by_pip: bool) -> None:
    """Raise Refused for what is there more than once and can't be removed as a whole, a finding each."""
    refused = [
        _twice(record.dest, name, paths, by_pip=by_pip)
        for name, paths in sorted(found.doubled.items())
        if by_pip or not all(system.is_file(posixpath.join(path, "RECORD")) for path in paths)
    ]
    if refused:
        raise Refused(*refused)


def fill(
    context: Context,
    place: targets.Environment,
    files: Sequence[LockFile],
    found: lock.Difference,
    door: FrontDoor,
    arguments: argparse.Namespace,
    kept: Kept,
) -> None:
    """Bring what is to be installed, once it is let in, and remove what is to be removed.

    Raises Refused for what comes as source and may not be built, ToolFailed, and what ``door`` raises.
    """
    system, report, record = context.system, context.report, place.record
    assert found.pins is not None  # noqa: S101  # is_possible
    request = filling.Request(
        found.pins,
        found.python,
        lock.words(files),
        found.options,
        filling_options.builds(arguments),
        Bytecode(arguments.bytecode),
    )
    run = filling.Filling(system, report, record, request, kept)
    try:
        incoming = run.gather()
    except ToolFailed as error:
        raise told(system, error, place, files, found.python.stdlib_folder) from error
    go = door.judge_all(incoming, _target(system, place.target, found.python))
    door.refuse()
    if go:
        going, others = _metadata(system, record, [*found.remove, *found.changes.change])
        run.write(going, found.before, others)
        kept.tools.keep()
        kept.store.keep()
        prune(report, kept.store, filling_options.limit(arguments))


@contextlib.contextmanager
def given_over(context: Context, record: Record, found: lock.Difference, incoming: Collection[str]) -> Iterator[None]:
    """Let pip remove what goes, and hold the environment while it brings the ``incoming`` names.

    What doesn't come to its end is noted there. Raises Refused, before anything is changed, where another sync is at
    work or has been, and ToolFailed.
    """
    system, report = context.system, context.report
    with stage.opened(system, record) as staged:
        if present(system, record) != found.before:
            raise Refused(changed_meanwhile(record.dest))
        going, others = _metadata(system, record, [*found.remove, *found.changes.change])
        if others:
            pip.uninstall(system, report, record, others)
        staged.give_over(going, incoming)
        left = [name for name in found.remove if name not in others]
        if left:
            pip.uninstall(system, report, record, left)
        yield
        staged.clear()


def told(
    system: System, error: ToolFailed, place: targets.Environment, files: Sequence[LockFile], folder: str
) -> Exception:
    """Return the refusal that a failure of pip comes to, as where it would have had to build; else the failure.

    ``folder`` is that of the standard library.
    """
    source = resolved.source(error.output)
    if source is None:
        asked = lock.placed(requirements.asked(system, lock.words(files)), files)
        return explained(error, asked, place.target, folder, system)
    return Refused(resolved.source_refused(*source))


def _target(system: System, target: InstallTarget, python: PythonFacts) -> InstallTarget:
    names = stdlib.modules(system, python.stdlib_folder, frozenset(python.builtin), python.stdlib)
    return replace(target, stdlib=names, stdlib_folder=python.stdlib_folder)


def _metadata(system: System, record: Record, names: Sequence[str]) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    """Return the metadata folders of distributions that can be removed by their RECORD, and the names of others.

    What was copied in from elsewhere may have more than one folder; each goes.
    """
    found = [
        (one.name, path)
        for library in libraries(system, record)
        for path in installed_files.metadata_of(system, library)
        for one in [parse(path)]
        if one and one.name in names and system.is_file(posixpath.join(path, "RECORD"))
    ]
    known = {name for name, _ in found}
    return tuple(path for _, path in found), tuple(name for name in names if name not in known)


def _twice(dest: str, name: str, paths: Sequence[str], *, by_pip: bool) -> Finding:
    return Finding(
        "installed-twice",
        Severity.ERROR,
        name,
        f"{name} is installed more than once in {dest}: {', '.join(paths)}",
        "pip, which installs what has no hashes, removes one of them only"
        if by_pip
        else "one of them has no RECORD, so what it has installed is noted nowhere",
        f"rm -r {' '.join(paths)}, and run it again; or make the environment anew: rm -rf {dest} && "
        f"venvboot init {dest}",
    )
