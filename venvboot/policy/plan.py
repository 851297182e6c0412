"""From facts to a plan: what is still to be done so that every promise of ``init`` holds, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Collection, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from venvboot.actions import (
    Action,
    CreateEnvironment,
    InstallHook,
    MakeDirectory,
    Plan,
    RefreshLinkerCache,
    ShareDirectories,
    UpdateWrappers,
    WriteRecord,
)
from venvboot.activation import Activation, bash_env, by_name, profile_d, wrappers
from venvboot.model import (
    CommandFacts,
    Destination,
    FileState,
    Finding,
    GuardFacts,
    Image,
    ImageConfig,
    Interpreter,
    Occupant,
    Piece,
    Placement,
    Record,
    RecordedFile,
    Severity,
)
from venvboot.policy import files, guarding, libraries, marker, python_path, rehash, system_site
from venvboot.policy.files import NotDone, Settled
from venvboot.policy.image_config import UV_CACHE, image_config
from venvboot.policy.libraries import Wiring

THERE = (Occupant.ENVIRONMENT, Occupant.ADOPTABLE, Occupant.PREFIX)
NO_WIRING = Wiring()
NO_COMMANDS = CommandFacts()


@dataclass(frozen=True)
class Request:
    """What the user asked of ``init``: where, for which group (a gid), which activations, guarded or not.

    ``named`` are activations that were asked for by name, ``without`` those to be taken back where an earlier run
    wrote them. ``direct``: ``dest`` is the base's own prefix, prepared for installs in place of an environment.
    ``system_site_packages``: the environment is to see the packages of its base.
    """

    dest: str
    group: int
    activations: Tuple[Activation, ...]
    guard: bool
    tool_version: str
    direct: bool = False
    named: Tuple[str, ...] = ()
    without: Tuple[str, ...] = ()
    system_site_packages: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What the plan goes by beside base and destination.

    ``states`` has the present state of every piece that is wanted or may be taken back; ``guards`` what stands at the
    places of each interpreter's guard; ``can_divert`` tells whether dpkg-divert is there; ``has_uv`` whether uv is,
    and ``has_uv_cache`` the folder of its cache.
    """

    image: Image
    states: Mapping[str, FileState]
    can_divert: bool
    guards: Tuple[GuardFacts, ...] = ()
    wiring: Wiring = NO_WIRING
    commands: CommandFacts = NO_COMMANDS
    has_uv: bool = False
    has_uv_cache: bool = False


def wanted_pieces(request: Request, wiring: Wiring = NO_WIRING) -> Tuple[Piece, ...]:
    """Return the pieces outside the environment's tree that the request calls for."""
    return files.wanted(request.dest, request.activations, wiring)


def unwanted_pieces(request: Request) -> Tuple[Piece, ...]:
    """Return the pieces that are to be taken back if an earlier run wrote them."""
    known = by_name()
    return tuple(piece for name in request.without for piece in known[name].pieces(request.dest))


def plan(
    request: Request, base: Interpreter, base_sha256: str, destination: Destination, around: Surroundings
) -> Plan:
    """Return the actions still needed, in order, and a finding for each thing this user or image can't have."""
    group, findings = _group(request, around.image, destination)
    if request.system_site_packages or (destination.record and destination.record.system_site_packages):
        findings.append(system_site.warning(request.dest, base.base_path))
    findings += [*base.warnings, *around.wiring.findings, *python_path.findings(around.image.environ)]
    actions: List[Action] = list(_environment(request, base, destination, group))
    cached = around.has_uv_cache or around.image.privileged
    if around.has_uv and cached and not around.has_uv_cache:
        actions.append(MakeDirectory(UV_CACHE, group))
    settled = [*_pieces(request, destination, around), *_wrappers(request, destination, around)]
    back = _taken_back(request, destination, around)
    told = [one for part in (*settled, *back) for one in part.told]
    findings += [one for one in told if isinstance(one, Finding)]
    findings += files.not_done([one for one in told if isinstance(one, NotDone)])
    findings += files.unread(request.named, request.activations, request.dest, around.states)
    actions += [action for part in (*settled, *back) for action in part.actions]
    guard = _guard(request, base, around)
    findings += guard.findings
    actions += guard.actions
    guarded = _guarded(request, destination, around, complete=guard.complete)
    promised = _record(request, base, base_sha256, destination, group, (*settled, *back), guarded=guarded)
    if promised != destination.record or destination.occupant is not Occupant.ENVIRONMENT:
        actions.append(WriteRecord(promised))
    return Plan(tuple(actions), of_record(promised, has_uv=around.has_uv, has_uv_cache=cached), tuple(findings))


def of_record(record: Record, *, has_uv: bool, has_uv_cache: bool) -> ImageConfig:
    """Return what the Dockerfile has to say for the environment of ``record``."""
    return image_config(
        record.dest,
        libraries.recorded_variable(record),
        direct=record.direct,
        bash_env=bash_env.PATH if bash_env.NAME in record.activations else "",
        has_uv=has_uv,
        has_uv_cache=has_uv_cache,
    )


def library_path(base: Interpreter, record: Optional[Record]) -> str:
    """Return the folders that the base needs in LD_LIBRARY_PATH; once they are wired only the record knows them."""
    needed = base.facts.probe.library_path if base.facts.probe else ""
    return needed or (record.library_path if record else "")


def _pieces(request: Request, destination: Destination, around: Surroundings) -> Iterator[Settled]:
    """What the record names was ours, also where it was emptied or replaced since."""
    recorded = {file.path for file in destination.record.files} if destination.record else set()
    if around.wiring.links:
        yield Settled((around.wiring.links,))
    for piece in wanted_pieces(request, around.wiring):
        state = around.states[piece.path]
        if piece.trusted and destination.occupant not in THERE:
            state = FileState(piece.path, exists=False, sha256=None, writable=True)  # what is half-made is removed
        if state.reader_present:
            state = replace(state, ours=state.ours or piece.path in recorded)
            yield files.settle(files.fitted(piece, state), state, around.image)
    if around.wiring.links:
        yield Settled((RefreshLinkerCache(),))


def _wrappers(request: Request, destination: Destination, around: Surroundings) -> Iterator[Settled]:
    """Which programs a new environment will have is only known once it is there: then the action looks itself."""
    if wrappers not in request.activations or around.commands.base_here:
        return
    new = destination.occupant not in THERE
    todo = rehash.decide(around.commands, take_over=True)
    if not around.commands.writable and (new or todo):
        piece = Piece(wrappers.FOLDER, "", wrappers.NAME)
        yield Settled(told=(files.denied(piece, wrappers.FOLDER, around.image),))
        return
    action = UpdateWrappers(request.dest, wrappers.FOLDER)
    yield Settled((action,) if new or todo else (), (rehash.recorded(request.dest),))


def _taken_back(request: Request, destination: Destination, around: Surroundings) -> List[Settled]:
    """What is still wanted under another name stays: bash-env's file is that of the login shells."""
    before = _written(request, destination, around)
    placements: Dict[str, Placement] = {one.path: one.placement for one in unwanted_pieces(request)}
    back = []
    wanted = {one.path for one in wanted_pieces(request, around.wiring)}
    wanted |= {file.path for file in before if file.purpose not in request.without}
    for file in before:
        if file.purpose not in request.without or file.path in wanted:
            continue
        if file.purpose == wrappers.NAME:
            back.append(Settled((UpdateWrappers(request.dest, wrappers.FOLDER, remove_all=True),)))
        elif file.path in placements:
            back.append(files.taken_back(file, placements[file.path], around.states[file.path]))
    return back


def _guard(request: Request, base: Interpreter, around: Surroundings) -> guarding.Planned:
    if not request.guard:
        return guarding.Planned()
    wish = guarding.Wish(request.dest, take_over=marker.path(base), can_divert=around.can_divert)
    return guarding.guard(around.guards, around.image, wish)


def _guarded(request: Request, destination: Destination, around: Surroundings, *, complete: bool) -> bool:
    """Once promised it stays so, until ``guard --undo`` took it away and an init asks for none."""
    before = destination.record is not None and destination.record.guarded
    return complete or (before and (request.guard or guarding.stands(around.guards)))


def _group(request: Request, image: Image, destination: Destination) -> Tuple[int, List[Finding]]:
    if destination.record:
        return destination.record.group, [*_named_group(request.dest, destination.record.group)]
    if image.privileged or image.in_group(request.group):
        return request.group, [*_named_group(request.dest, request.group)]
    return image.gid, [
        Finding(
            "not-done",
            Severity.WARNING,
            request.dest,
            f"{request.dest} belongs to group {image.gid}, not to group {request.group}",
            f"user {image.uid} is neither root nor a member of group {request.group}; it is for letting other users "
            "of that group install into it",
            "run the same `venvboot init` as root (USER root), or leave it",
        )
    ]


def _named_group(dest: str, group: int) -> Iterator[Finding]:
    """OpenShift's invented users are in group 0 and no other."""
    if group != 0:
        yield Finding(
            "group-not-zero",
            Severity.WARNING,
            dest,
            f"only root and members of group {group} can install into {dest}",
            "a user that a platform invents, as OpenShift does, is in group 0 alone and gets read access at most",
            "leave --group out where any UID has to install; else start it with --group-add "
            f"{group}, or supplementalGroups in Kubernetes",
        )


def _environment(request: Request, base: Interpreter, destination: Destination, group: int) -> Iterator[Action]:
    if destination.occupant not in THERE:
        half_made = destination.occupant is Occupant.HALF_MADE
        path, libraries_of_base = base.base_path, library_path(base, destination.record)
        mixed = request.system_site_packages
        yield CreateEnvironment(request.dest, path, group, half_made, libraries_of_base, mixed)
        return
    # First, since the folder of the compiled hook inherits the group from the one it is made in.
    if destination.unshared:
        yield ShareDirectories(tuple(d.path for d in destination.unshared), request.dest, group)
    if not destination.hook_intact:
        python = base.base_path if request.direct else f"{request.dest}/bin/python"
        yield InstallHook(request.dest, python, base.site_packages(request.dest))


def _written(request: Request, destination: Destination, around: Surroundings) -> Tuple[RecordedFile, ...]:
    """Return what an earlier run wrote: as recorded, else told by its very text, where the record went with DEST."""
    recorded = destination.record.files if destination.record else ()
    known = {file.path for file in recorded}
    found = [
        RecordedFile(piece.path, files.digest(piece.text), piece.purpose)
        for piece in unwanted_pieces(request)
        if piece.path not in known and around.states[piece.path].sha256 == files.digest(piece.text)
    ]
    if wrappers.FOLDER not in known and (around.commands.wrapped or around.commands.stale):
        found.append(rehash.recorded(request.dest))
    return (*recorded, *found)


def _record(
    request: Request,
    base: Interpreter,
    base_sha256: str,
    destination: Destination,
    group: int,
    settled: Sequence[Settled],
    *,
    guarded: bool,
) -> Record:
    """Asking for less, or being allowed less, removes nothing: what an earlier run wrote stays promised."""
    version = base.version or (0, 0, 0)
    before = destination.record
    kept = tuple(file for file in (before.files if before else ()) if file.purpose not in request.without)
    written = [file for part in settled for file in part.recorded]
    promised = files.carried_over(written, kept)
    purposes = {file.purpose for file in promised}
    by_variable = (bash_env.NAME,) if _reads_bash_env(request, before, purposes) else ()
    return Record(
        tool_version=request.tool_version,
        dest=request.dest,
        base_path=base.base_path,
        base_sha256=base_sha256,
        base_version=".".join(map(str, version)),
        origin=base.origin,
        group=group,
        activations=(*(name for name in by_name() if name in purposes - {bash_env.NAME}), *by_variable),
        guarded=guarded,
        files=promised,
        locks=before.locks if before else (),
        implementation=base.facts.probe.implementation if base.facts.probe else "cpython",
        direct=request.direct,
        library_path=library_path(base, before),
        system_site_packages=before.system_site_packages if before else request.system_site_packages,
        exceptions=before.exceptions if before else (),
        synced=before.synced if before else "",
    )


def _reads_bash_env(request: Request, before: Optional[Record], purposes: Collection[str]) -> bool:
    """The file that BASH_ENV names may be recorded as that of the login shells."""
    asked = bash_env in request.activations or (before is not None and bash_env.NAME in before.activations)
    return asked and bash_env.NAME not in request.without and bool({bash_env.NAME, profile_d.NAME} & {*purposes})
