"""Everything known of the image's interpreters: found, probed, and their owner looked up, before any judgement."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import Dict, NamedTuple, Optional, Sequence, Tuple, Union

from venvboot.facts import finder, owners, places, trust, unstarted
from venvboot.facts.probe import probe
from venvboot.model import Candidate, InterpreterFacts, Owners, Probe, VenvConfig
from venvboot.system import System

MARKER = "EXTERNALLY-MANAGED"
MARKER_LIMIT = 16 << 10
OURS = "# Written by venvboot"

Answer = Union[Probe, str]


class _Asked(NamedTuple):
    """What an interpreter says of itself, or why it can't; ``untrusted``: why it was read and not started."""

    answer: Answer
    untrusted: str = ""


def all_of(system: System) -> Tuple[InterpreterFacts, ...]:
    return gather(system, finder.find(system))


def one(system: System, path: str) -> Optional[InterpreterFacts]:
    """Return the facts of the interpreter at ``path``, None when no program stands there."""
    candidate = finder.examine(system, path)
    return gather(system, [candidate], named=True)[0] if candidate else None


def gather(system: System, candidates: Sequence[Candidate], *, named: bool = False) -> Tuple[InterpreterFacts, ...]:
    """Return the facts of each interpreter: one process per real file, one pass over each package database.

    A wrapper is asked too, and then stands as a further name of the interpreter it starts. ``named``: the user names
    these, so they are started whoever may have put them there.
    """
    candidates = _without_stray_environments(system, candidates)
    asked: Dict[str, _Asked] = {}
    _ask(system, candidates, asked, named=named)
    told = ((one, asked[finder.startable(one)].answer) for one in candidates)
    executables = {one: answer.executable for one, answer in told if isinstance(answer, Probe)}
    candidates = finder.merge(system, candidates, executables)
    _ask(system, candidates, asked, named=named)
    found = {one: asked[finder.startable(one)] for one in candidates}
    paths = sorted({path for one in candidates for path in _paths(one, found[one].answer)})
    owned = owners.owners_of(system, paths)
    return tuple(_facts(system, one, found[one], owned) for one in candidates)


def _without_stray_environments(system: System, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return ``candidates`` without the environments that a package's own interpreter seems to be in.

    A ``pyvenv.cfg`` left in /usr makes an environment of the distro's Python to look at, and nothing else.
    """
    inside = {one.real_path for one in candidates if one.venv and _lies_in(system, one.real_path, one.venv)}
    owned = owners.owners_of(system, sorted(inside)).by_path if inside else {}
    if not owned:
        return candidates
    return finder.merge(
        system, [replace(one, venv=None) if one.venv and one.real_path in owned else one for one in candidates], {}
    )


def _lies_in(system: System, real_path: str, venv: VenvConfig) -> bool:
    return real_path.startswith(system.realpath(venv.prefix).rstrip("/") + "/")


def _ask(system: System, candidates: Sequence[Candidate], asked: Dict[str, _Asked], *, named: bool) -> None:
    """Ask each that wasn't asked yet. Root starts none that others may have put there, unless it is on PATH."""
    on_path = {finder.startable(one) for one in candidates if finder.is_on_path(system, one)}
    anything = named or system.uid != 0 or system.root != "/"
    for start in map(finder.startable, candidates):
        if start not in asked:
            untrusted = "" if anything or start in on_path else trust.exposure(system, start, sticky=True)
            asked[start] = (
                _Asked(unstarted.read(system, system.realpath(start), posixpath.basename(start)), untrusted)
                if untrusted
                else _Asked(probe(system, start))
            )


def _paths(candidate: Candidate, answer: Answer) -> Tuple[str, ...]:
    """Paths whose owner is asked for: the file, its standard library's, then names that a package may have made."""
    stdlib = answer.stdlib if isinstance(answer, Probe) else ""
    landmark = posixpath.join(stdlib, "os.py") if stdlib else candidate.real_path
    return (candidate.real_path, landmark, *(() if candidate.venv else candidate.names))


def _facts(system: System, candidate: Candidate, asked: _Asked, owned: Owners) -> InterpreterFacts:
    answer = asked.answer
    known = answer if isinstance(answer, Probe) else None
    file_first = _paths(candidate, answer)[:2]
    marker, text = _marker(system, known)
    return InterpreterFacts(
        candidate=candidate,
        probe=known,
        failure="" if known else str(answer),
        ownership=next((owned.by_path[path] for path in file_first if path in owned.by_path), None),
        owned_names={name: owned.by_path[name] for name in candidate.names if name in owned.by_path},
        marker=marker,
        marker_text=text,
        marks=places.marks(system, candidate),
        hints=places.hints(system.environ),
        unreachable=places.unreachable(system, candidate.real_path),
        doubts=owned.doubts,
        untrusted=asked.untrusted,
        no_database=owned.no_database,
    )


def _marker(system: System, known: Optional[Probe]) -> Tuple[str, str]:
    """Return path and text of the marker (PEP 668), empty for none and for the one that guards by our own hand."""
    if known is None or not known.stdlib:
        return "", ""
    path = posixpath.join(known.stdlib, MARKER)
    if system.status(path) is None:
        return "", ""
    text = system.read_text(path, MARKER_LIMIT) or ""
    return ("", "") if text.startswith(OURS) else (path, text)
