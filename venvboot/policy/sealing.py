"""What a seal takes and what it leaves: from facts to actions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Collection, Dict, Iterator, List, Mapping, Sequence, Tuple

from venvboot.actions import (
    Action,
    CloseTree,
    RemoveDistribution,
    RemovePaths,
    UpdateWrappers,
    WriteRecord,
)
from venvboot.activation import bash_env, by_name, entrypoint, profile_d, wrappers
from venvboot.model import (
    Entry,
    FileState,
    Finding,
    Piece,
    Record,
    RecordedFile,
    Seal,
    SealFacts,
    Severity,
)
from venvboot.model.sealing import PIP
from venvboot.policy import access, files

# What no person and no daemon with a shell reads, but the container's own start.
STAYING = (entrypoint.NAME, wrappers.NAME)


@dataclass(frozen=True)
class Sealing:
    """What a seal does, in order, and what there is to tell. No action means that all of it is true already."""

    actions: Tuple[Action, ...]
    findings: Tuple[Finding, ...] = ()


def kept(record: Record, named: Collection[str]) -> Tuple[str, ...]:
    """Return the activations of ``record`` that stay when the ``named`` are to; bash-env's file is profile.d's."""
    wanted = {*STAYING, *named, *((profile_d.NAME,) if bash_env.NAME in named else ())}
    return tuple(name for name in record.activations if name in wanted)


def going(record: Record, staying: Collection[str]) -> Tuple[Tuple[RecordedFile, Piece], ...]:
    """Return the files of the other activations, each as the activation has it."""
    known = by_name()
    return tuple(
        (file, piece)
        for file in record.files
        if file.purpose in known and file.purpose not in staying
        for piece in known[file.purpose].pieces(record.dest)
        if piece.path == file.path
    )


def stays(facts: SealFacts, record: Record, *, legacy: bool) -> Dict[str, str]:
    """Return why each of setuptools and wheel stays that is needed, by name. pip is needed by nothing that only runs.

    What a lock pins stays; one of a record of old may pin anything, since a sync leaves nothing else.
    """
    found: Dict[str, str] = {}
    for name in {one.name for one in facts.installers} - {PIP}:
        if name in facts.needed_by:
            found[name] = f"{', '.join(facts.needed_by[name])} requires it"
        elif _pinning(record, name):
            found[name] = f"{_pinning(record, name)} pins it"
        elif name in facts.without_record:
            found[name] = "it has no RECORD, so its files can't be told"
        elif legacy and name == "setuptools":
            found[name] = "what was made for such a Python may import pkg_resources without asking for it"
    return found


def _pinning(record: Record, name: str) -> str:
    """Return the names of the locks that pin ``name``, or may do so."""
    return ", ".join(lock.name for lock in record.locks if not lock.pins or name in dict(lock.pins))


def plan(
    record: Record,
    facts: SealFacts,
    staying: Mapping[str, str],
    named: Collection[str],
    states: Mapping[str, FileState],
    wrong: Sequence[Entry],
    owner: int,
    *,
    synced: str,
    has_outdated_wrappers: bool,
) -> Sealing:
    """Return what is still to be done so that the environment of ``record`` is sealed.

    ``wrong`` are the entries that stay and whose access is to change, ``synced`` what the record is to say then.
    """
    activations = kept(record, named)
    gone = going(record, activations)
    settled = [files.taken_back(file, piece.placement, states[file.path]) for file, piece in gone]
    inside = list(_inside(record, facts, staying))
    outside = [action for one in settled for action in one.actions]
    if has_outdated_wrappers or PIP in {one.name for one in facts.installers}:
        outside += [UpdateWrappers(record.dest, wrappers.FOLDER)] if wrappers.NAME in activations else []
    closed = [closing(record.dest, owner, wrong)] if wrong else []
    taken = tuple(name for name in (*record.activations, *record.taken) if name not in activations)
    paths = {file.path for file, _ in gone}
    promised = replace(
        record,
        activations=activations,
        files=tuple(file for file in record.files if file.path not in paths),
        synced=synced,
        seal=Seal.SEALED,
        taken=tuple(dict.fromkeys(taken)),
    )
    findings = (
        *(_changed(one) for part in settled for one in part.told if isinstance(one, Finding)),
        *_kept(record.dest, staying),
        *_pip_needed(record.dest, facts),
    )
    todo: List[Action] = [*inside, *outside, *closed]
    if todo or record != promised:
        begun = replace(record, synced=synced, seal=Seal.UNFINISHED)
        first = () if record.seal is Seal.UNFINISHED else (WriteRecord(begun),)
        return Sealing((*first, *todo, WriteRecord(promised)), findings)
    return Sealing((), findings)


def _inside(record: Record, facts: SealFacts, staying: Collection[str]) -> Iterator[Action]:
    dest = record.dest
    if facts.hooks:
        yield RemovePaths(dest, facts.hooks, "start-up files that serve installing")
    if facts.activators:
        yield RemovePaths(dest, facts.activators, "files that shells read")
    for one in facts.installers:
        if one.name not in staying and one.name not in facts.without_record:
            yield RemoveDistribution(dest, one.name, one.version, one.location)
    pip = (*facts.pip, *(one.location for one in facts.installers if one.name == PIP))
    if pip:
        yield RemovePaths(dest, pip, "what is left of pip")
    if facts.signs:
        yield RemovePaths(dest, facts.signs, "what other tools and killed runs left")


def closing(dest: str, owner: int, wrong: Sequence[Entry]) -> CloseTree:
    """Return the action that puts right what is ``wrong`` for a sealed tree."""
    directories = sum(entry.directory for entry in wrong)
    return CloseTree(dest, owner, directories, len(wrong) - directories, access.copied(wrong))


def _changed(told: Finding) -> Finding:
    return replace(told, hint="take out by hand what venvboot wrote there")


def _kept(dest: str, staying: Mapping[str, str]) -> Iterator[Finding]:
    for name, why in sorted(staying.items()):
        yield Finding(
            "seal-kept",
            Severity.NOTE,
            name,
            f"{name} stays in {dest}",
            why,
            f"if nothing needs it: {dest}/bin/python -m pip uninstall {name}, before the seal",
        )


def _pip_needed(dest: str, facts: SealFacts) -> Iterator[Finding]:
    if PIP in facts.needed_by:
        who = ", ".join(facts.needed_by[PIP])
        yield Finding(
            "seal-needed",
            Severity.WARNING,
            PIP,
            f"{who} in {dest} requires pip, which a sealed environment doesn't have",
            "what of it calls pip fails from now on",
            "take it out of what the image installs, or leave the environment unsealed",
        )
