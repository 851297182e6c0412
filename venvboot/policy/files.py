"""The texts that stand outside the environment's own tree: which are wanted, what forbids one, what is taken back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Sequence, Tuple, Union

from venvboot.actions import Action, RefreshLinkerCache, RemoveFile, WriteFile
from venvboot.activation import Activation, block, environment, sudoers
from venvboot.model import (
    FileState,
    Finding,
    Image,
    Piece,
    Placement,
    RecordedFile,
    Severity,
)
from venvboot.policy import guard_seal, libraries, marker, pip_conf
from venvboot.policy.libraries import Wiring

GUARDING = "refusing pip installs"
WHAT_FOR = {
    marker.PURPOSE: GUARDING,
    pip_conf.PURPOSE: GUARDING,
    guard_seal.PURPOSE: GUARDING,
    libraries.PURPOSE: "finding the base's libraries",
}
ACTIVATING = "activation"


AS_ROOT = "run the same as root (USER root)"


@dataclass(frozen=True)
class NotDone:
    """A piece that this user can't have here, why, and what would mend it."""

    piece: Piece
    why: str
    mend: str

    @property
    def what_for(self) -> str:
        return WHAT_FOR.get(self.piece.purpose, ACTIVATING)


@dataclass(frozen=True)
class Settled:
    """What becomes of one piece: actions still to be done, what is then promised, and what there is to tell."""

    actions: Tuple[Action, ...] = ()
    recorded: Tuple[RecordedFile, ...] = ()
    told: Tuple[Union[Finding, NotDone], ...] = ()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def wanted(dest: str, activations: Sequence[Activation], wiring: Wiring) -> Tuple[Piece, ...]:
    """Return the pieces that are called for, one a path; whichever has no reader in this image is left out later."""
    pieces: Dict[str, Piece] = {}
    if wiring.file:
        file = wiring.file
        pieces[file.path] = Piece(file.path, file.content, file.purpose, file.mode, needs=libraries.FOLDER)
    for activation in activations:
        for piece in activation.pieces(dest):
            pieces.setdefault(piece.path, piece)
    return tuple(pieces.values())


def fitted(piece: Piece, state: FileState) -> Piece:
    """Return ``piece`` as it has to be among what others wrote in its file."""
    if piece.purpose == environment.NAME and state.content:
        return replace(piece, text=environment.fitted(piece.text, block.removed(state.content) or ""))
    if piece.purpose == sudoers.NAME and state.content:
        return replace(piece, text=sudoers.fitted(piece.text, state.content))
    return piece


def settle(piece: Piece, state: FileState, image: Image) -> Settled:
    """Return what is still to be done so that ``piece`` stands in its place, which has a reader."""
    obstacle = _obstacle(piece, state, image)
    if obstacle:
        return Settled(told=(obstacle,))
    actions: List[Action] = []
    if state.sha256 != digest(piece.text):
        actions.append(_write(piece, state))
        if piece.purpose == libraries.PURPOSE:
            actions.append(RefreshLinkerCache())
    return Settled(tuple(actions), (RecordedFile(piece.path, digest(piece.text), piece.purpose),))


def taken_back(file: RecordedFile, placement: Placement, state: FileState) -> Settled:
    """Return how a recorded file goes, or its block in a file of others; what was changed by hand stays."""
    if not state.exists or (not state.ours and state.sha256 is None):
        return Settled()
    if state.sha256 != file.sha256:
        return Settled(recorded=(file,), told=(_changed(file),))
    if placement is Placement.WHOLE or state.content is None:
        return Settled((RemoveFile(file.path, file.purpose),))
    rest = block.removed(state.content)
    if rest is None:
        return Settled((RemoveFile(file.path, file.purpose),))
    return Settled((WriteFile(file.path, rest, state.mode, file.purpose),))


def _write(piece: Piece, state: FileState) -> WriteFile:
    if piece.placement is Placement.WHOLE:
        return WriteFile(piece.path, piece.text, piece.mode, piece.purpose, piece.trusted)
    content = block.added(piece.text, state.content if state.exists else None, piece.placement)
    return WriteFile(piece.path, content, state.mode if state.exists else piece.mode, piece.purpose)


def _obstacle(piece: Piece, state: FileState, image: Image) -> Union[Finding, NotDone, None]:
    if state.sha256 == digest(piece.text):
        return None
    if not state.writable:
        return denied(piece, piece.path.rpartition("/")[0], image)
    if piece.placement is not Placement.WHOLE:
        return _foreign(piece, "it can't be read as a text of its own") if _closed(state) else None
    if state.exists and not state.ours:
        return _foreign(piece, "it was not written by venvboot")
    return None


def _closed(state: FileState) -> bool:
    return state.exists and state.content is None


def _foreign(piece: Piece, evidence: str) -> Finding:
    return Finding(
        "foreign-file",
        Severity.WARNING,
        piece.path,
        f"{piece.path} was left as it is",
        evidence,
        f"remove it and run the same `venvboot init` again, or say --no-activate {piece.purpose}",
    )


def _changed(file: RecordedFile) -> Finding:
    return Finding(
        "foreign-file",
        Severity.WARNING,
        file.path,
        f"{file.path} was left as it is",
        "it was changed since venvboot wrote it",
        "remove it, or what venvboot wrote there, and run the same `venvboot init` again",
    )


def not_done(found: Sequence[NotDone]) -> Tuple[Finding, ...]:
    """Return one finding for each purpose and reason, however many places it is about."""
    groups: Dict[Tuple[str, str], List[NotDone]] = {}
    for one in found:
        reason = one.why.partition(" into ")[0]
        groups.setdefault((one.what_for, f"{reason}; {one.mend}"), []).append(one)
    return tuple(_not_done(what_for, group) for (what_for, _), group in groups.items())


def _not_done(what_for: str, group: Sequence[NotDone]) -> Finding:
    paths = [one.piece.path for one in group]
    folders = list(dict.fromkeys(one.why.partition(" into ")[2] for one in group))
    reason = (
        group[0].why if len(folders) == 1 else group[0].why.partition(" into ")[0] + f" into {', '.join(folders)}"
    )
    return Finding(
        "not-done",
        Severity.WARNING,
        paths[0],
        f"{', '.join(paths)} {'was' if len(paths) == 1 else 'were'} not written",
        f"{reason}; it is for {what_for}",
        f"{group[0].mend}, or leave it",
    )


def denied(piece: Piece, folder: str, image: Image) -> NotDone:
    """Return what can't be written into ``folder``: root is stopped by what others would be stopped by as well."""
    mend = "make that folder writable for root: it is on a read-only mount" if image.privileged else AS_ROOT
    return NotDone(piece, f"user {image.uid} may not write into {folder}", mend)


def unread(
    named: Sequence[str], activations: Sequence[Activation], dest: str, states: Mapping[str, FileState]
) -> Tuple[Finding, ...]:
    """Return a note for each activation that was asked for by name and has no reader in this image."""
    findings = []
    for activation in activations:
        pieces = activation.pieces(dest)
        if activation.NAME in named and pieces and not any(states[one.path].reader_present for one in pieces):
            needs = " nor ".join(dict.fromkeys(one.needs for one in pieces))
            findings.append(
                Finding(
                    "no-reader",
                    Severity.NOTE,
                    pieces[0].path,
                    f"{pieces[0].path} was not written",
                    f"there is no {needs} here, so nothing would read it",
                    "install what reads it before this RUN; the ENV lines activate all the same",
                )
            )
    return tuple(findings)


def carried_over(files: Sequence[RecordedFile], before: Sequence[RecordedFile]) -> Tuple[RecordedFile, ...]:
    """Return ``files`` and what an earlier run wrote elsewhere: asking for less removes nothing by itself."""
    paths = {(file.path, file.purpose) for file in files}
    return (*files, *(file for file in before if (file.path, file.purpose) not in paths))
