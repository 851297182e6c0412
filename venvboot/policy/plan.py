"""From facts to a plan: what is still to be done so that every promise of ``init`` holds, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Iterator, List, Mapping, Optional, Tuple

from venvboot.actions import (
    Action,
    CreateEnvironment,
    DivertFile,
    InstallHook,
    Plan,
    RefreshLinkerCache,
    ShareDirectories,
    WriteFile,
    WriteRecord,
)
from venvboot.activation import Activation
from venvboot.model import (
    Destination,
    Diversion,
    FileState,
    Finding,
    Image,
    Interpreter,
    Occupant,
    Record,
    RecordedFile,
    Severity,
)
from venvboot.policy import libraries, marker, pip_conf, python_path
from venvboot.policy.image_config import image_config
from venvboot.policy.libraries import Wiring

MODE = 0o644
GUARDS = (marker.PURPOSE, pip_conf.PURPOSE)
THERE = (Occupant.ENVIRONMENT, Occupant.ADOPTABLE, Occupant.PREFIX)
NO_WIRING = Wiring()
WHAT_FOR = {
    marker.PURPOSE: "refusing pip installs",
    pip_conf.PURPOSE: "refusing pip installs",
    libraries.PURPOSE: "finding the base's libraries",
}


@dataclass(frozen=True)
class Request:
    """What the user asked of ``init``: where, for which group (a gid), which activations, guarded or not.

    ``direct``: ``dest`` is the base's own prefix, prepared for installs in place of an environment.
    """

    dest: str
    group: int
    activations: Tuple[Activation, ...]
    guard: bool
    tool_version: str
    direct: bool = False


def wanted_files(request: Request, base: Interpreter, wiring: Wiring = NO_WIRING) -> Tuple[WriteFile, ...]:
    """Return the files outside the environment that the request calls for."""
    files = [wiring.file] if wiring.file else []
    files += [WriteFile(a.PATH, a.content(request.dest), MODE, a.NAME) for a in request.activations]
    if request.guard and base.origin.managed:
        text = marker.text(request.dest, base.origin.owner)
        files.append(WriteFile(marker.path(base), text, MODE, marker.PURPOSE))
        if pip_conf.needed(base):
            files.append(WriteFile(pip_conf.path(base), pip_conf.text(request.dest), MODE, pip_conf.PURPOSE))
    return tuple(files)


def plan(
    request: Request,
    base: Interpreter,
    base_sha256: str,
    image: Image,
    destination: Destination,
    states: Mapping[str, FileState],
    can_divert: bool,
    wiring: Wiring = NO_WIRING,
) -> Plan:
    """Return the actions still needed, in order, and a finding for each thing this user or image can't have.

    ``states`` has the present state of every wanted file; ``can_divert`` tells whether dpkg-divert is there.
    """
    group, findings = _group(request, image, destination)
    findings += [*base.warnings, *wiring.findings, *python_path.findings(image.environ)]
    actions: List[Action] = list(_environment(request, base, destination, group))
    kept: List[RecordedFile] = []
    diversions: List[Diversion] = []
    for file in wanted_files(request, base, wiring):
        state = states[file.path]
        diversion = marker.diversion(base) if file.purpose == marker.PURPOSE else None
        obstacle = _obstacle(file, state, diversion, image, can_divert=can_divert)
        if obstacle:
            findings.append(obstacle)
            continue
        if diversion:
            diversions.append(diversion)
            if not state.diverted:
                actions.append(DivertFile(diversion))
        if file.purpose == marker.PURPOSE and not diversion and state.exists and not state.ours:
            continue  # another package manager's own marker guards as well as ours
        if state.sha256 != digest(file.content):
            actions.append(file)
            if file.purpose == libraries.PURPOSE:
                actions.append(RefreshLinkerCache())
        kept.append(RecordedFile(file.path, digest(file.content), file.purpose))
    promised = _record(request, base, base_sha256, destination, group, tuple(kept), tuple(diversions))
    if promised != destination.record or destination.occupant is not Occupant.ENVIRONMENT:
        actions.append(WriteRecord(promised))
    config = image_config(request.dest, libraries.recorded_variable(promised), direct=request.direct)
    return Plan(tuple(actions), config, tuple(findings))


def library_path(base: Interpreter, record: Optional[Record]) -> str:
    """Return the folders that the base needs in LD_LIBRARY_PATH; once they are wired only the record knows them."""
    needed = base.facts.probe.library_path if base.facts.probe else ""
    return needed or (record.library_path if record else "")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _group(request: Request, image: Image, destination: Destination) -> Tuple[int, List[Finding]]:
    if destination.record:
        return destination.record.group, []
    if image.privileged or image.in_group(request.group):
        return request.group, []
    return image.gid, [
        _not_done(
            request.dest,
            f"{request.dest} belongs to group {image.gid}, not to group {request.group}",
            f"user {image.uid} is neither root nor a member of group {request.group}",
            "letting other users of that group install into it",
        )
    ]


def _environment(request: Request, base: Interpreter, destination: Destination, group: int) -> Iterator[Action]:
    if destination.occupant not in THERE:
        half_made = destination.occupant is Occupant.HALF_MADE
        path, libraries_of_base = base.base_path, library_path(base, destination.record)
        yield CreateEnvironment(request.dest, path, group, half_made, libraries_of_base)
        return
    # First, since the folder of the compiled hook inherits the group from the one it is made in.
    if destination.unshared:
        yield ShareDirectories(tuple(d.path for d in destination.unshared), request.dest, group)
    if not destination.hook_intact:
        python = base.base_path if request.direct else f"{request.dest}/bin/python"
        yield InstallHook(request.dest, python, base.site_packages(request.dest))


def _obstacle(
    file: WriteFile, state: FileState, diversion: Optional[Diversion], image: Image, *, can_divert: bool
) -> Optional[Finding]:
    what_for = WHAT_FOR.get(file.purpose, "activation in login shells")
    dest_hint = "/".join(file.path.split("/")[:-1])
    if not state.reader_present:
        return Finding(
            "no-reader",
            Severity.NOTE,
            file.path,
            f"{file.path} was not written",
            f"no {dest_hint} here, so nothing would read it",
            "none needed; the ENV lines activate all the same",
        )
    if state.sha256 == digest(file.content) and (state.diverted or not diversion):
        return None
    if not state.writable:
        return _not_done(
            file.path,
            f"{file.path} was not written",
            f"user {image.uid} may not write into {dest_hint}",
            what_for,
        )
    if file.purpose != marker.PURPOSE and state.exists and not state.ours:
        return Finding(
            "foreign-file",
            Severity.WARNING,
            file.path,
            f"{file.path} was left as it is",
            "it was not written by venvboot",
            "remove it and run `venvboot init` again, or say "
            + ("--no-guard" if file.purpose in WHAT_FOR else f"--no-activate {file.purpose}"),
        )
    if diversion and not (image.privileged and can_divert):
        return _not_done(
            file.path,
            f"{file.path} was not written",
            "there is no dpkg-divert, so the next upgrade would put the package's back"
            if image.privileged
            else f"user {image.uid} may not divert the package's",
            what_for,
        )
    return None


def _not_done(subject: str, message: str, evidence: str, what_for: str) -> Finding:
    return Finding(
        "not-done",
        Severity.WARNING,
        subject,
        message,
        f"{evidence}; it is for {what_for}",
        "run `venvboot init` again as root (USER root), or leave it",
    )


def _record(
    request: Request,
    base: Interpreter,
    base_sha256: str,
    destination: Destination,
    group: int,
    files: Tuple[RecordedFile, ...],
    diversions: Tuple[Diversion, ...],
) -> Record:
    version = base.version or (0, 0, 0)
    before = destination.record
    files = (*files, *_carried_over(files, before.files if before else ()))
    diversions = tuple(dict.fromkeys((*diversions, *(before.diversions if before else ()))))
    return Record(
        tool_version=request.tool_version,
        dest=request.dest,
        base_path=base.base_path,
        base_sha256=base_sha256,
        base_version=".".join(map(str, version)),
        origin=base.origin,
        group=group,
        activations=tuple(file.purpose for file in files if file.purpose not in WHAT_FOR),
        guarded=any(file.purpose == marker.PURPOSE for file in files),
        files=files,
        diversions=diversions,
        locks=before.locks if before else (),
        implementation=base.facts.probe.implementation if base.facts.probe else "cpython",
        direct=request.direct,
        library_path=library_path(base, before),
    )


def _carried_over(files: Tuple[RecordedFile, ...], before: Tuple[RecordedFile, ...]) -> Tuple[RecordedFile, ...]:
    """A run that asks for less, or may do less, removes nothing: what an earlier one wrote stays promised."""
    paths = {file.path for file in files}
    return tuple(file for file in before if file.path not in paths)
