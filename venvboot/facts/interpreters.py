"""Everything known of the image's interpreters: found, probed, and their owner looked up, before any judgement."""

from __future__ import annotations

import posixpath
from typing import Mapping, Optional, Sequence, Tuple

from venvboot.facts import finder, owners, shims
from venvboot.facts.probe import probe
from venvboot.model import Candidate, InterpreterFacts, Ownership, Probe
from venvboot.system import System

MARKER = "EXTERNALLY-MANAGED"

# Files in a prefix that say who made it; a maker that has no rule yet makes the origin "managed, unknown".
MARKS = ("conda-meta", "INSTALL_RECEIPT.json", "BUILD")


def gather(system: System, candidates: Sequence[Candidate]) -> Tuple[InterpreterFacts, ...]:
    """Return the facts of each candidate; one process each, and one pass over each package database for all."""
    probes = {candidate: probe(system, _startable(candidate)) for candidate in candidates}
    wanted = {path for candidate in candidates for path in _owned_paths(candidate, probes[candidate])}
    owned = owners.owners_of(system, sorted(wanted))
    foreign = owners.unread(system)
    return tuple(_facts(system, candidate, probes[candidate], owned, foreign) for candidate in candidates)


def all_of(system: System) -> Tuple[InterpreterFacts, ...]:
    return gather(system, finder.find(system))


def one(system: System, path: str) -> Optional[InterpreterFacts]:
    """Return the facts of the interpreter at ``path``, None when no program stands there."""
    candidate = finder.examine(system, path)
    return gather(system, [candidate])[0] if candidate else None


def _startable(candidate: Candidate) -> str:
    # A relocated tree finds its standard library only from its resolved folder; a venv only from its own.
    return candidate.path if candidate.venv else candidate.real_path


def _owned_paths(candidate: Candidate, probed: object) -> Tuple[str, ...]:
    paths = [candidate.real_path]
    if isinstance(probed, Probe) and probed.stdlib:
        paths.append(posixpath.join(probed.stdlib, "os.py"))
    return tuple(paths)


def _facts(
    system: System,
    candidate: Candidate,
    probed: object,
    owned: Mapping[str, Ownership],
    foreign: Tuple[str, ...],
) -> InterpreterFacts:
    known = probed if isinstance(probed, Probe) else None
    ownership = next((owned[path] for path in _owned_paths(candidate, probed) if path in owned), None)
    return InterpreterFacts(
        candidate=candidate,
        probe=known,
        failure="" if known else str(probed),
        ownership=ownership,
        marker=_marker(system, known),
        pyenv_root=shims.version_folder(candidate.real_path),
        marks=_marks(system, known),
        foreign_databases=foreign,
    )


def _marker(system: System, probed: Optional[Probe]) -> str:
    if probed is None or not probed.stdlib:
        return ""
    path = posixpath.join(probed.stdlib, MARKER)
    return path if system.status(path) is not None else ""


def _marks(system: System, probed: Optional[Probe]) -> Tuple[str, ...]:
    if probed is None:
        return ()
    paths = (posixpath.join(probed.base_prefix, name) for name in MARKS)
    return tuple(path for path in paths if system.exists(path))
