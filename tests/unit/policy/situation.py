"""A situation that ``plan`` is put in, and how its answer is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Tuple

from venvboot.actions import Plan, WriteFile, WriteRecord
from venvboot.activation import Activation, profile_d
from venvboot.model import (
    CommandFacts,
    Destination,
    FileState,
    GuardFacts,
    GuardFile,
    Image,
    Interpreter,
    Mark,
    Occupant,
    Record,
    Remembered,
    SealPlace,
    Standing,
    Weight,
)
from venvboot.policy import guard_layers, guard_seal, libraries, marker, pip_conf
from venvboot.policy import plan as planning
from venvboot.policy.libraries import Wiring

DEST = "/opt/venv"
PROFILE = "/etc/profile.d/zz-venvboot.sh"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
SEALED = "/usr/local/lib/python3.11/dist-packages"
ROOT = Image({}, {}, uid=0, gid=0, groups=(0,))
MEMBER = Image({}, {}, uid=1001, gid=0, groups=(0,))
STRANGER = Image({}, {}, uid=1001, gid=1001, groups=(1001, 27))

LIBRARIES = "/opt/rh/rh-python38/root/usr/lib64"
SCL = Mark("scl", "/opt/rh/rh-python38/root/usr", "enable stands there", Weight.HARD)
COLLECTION: Dict[str, Any] = {"base_prefix": "/opt/rh/rh-python38/root/usr", "library_path": LIBRARIES}
LINKER_FILE = WriteFile(libraries.path(LIBRARIES), libraries.text(LIBRARIES), 0o644, libraries.PURPOSE)


def guards_of(base: Interpreter) -> Tuple[GuardFacts, ...]:
    """What stands at the places of the base's guard in a fresh image: the package's marker is not there yet."""
    if not base.origin.managed:
        return ()
    systems = guard_layers.is_systems(base)
    return (
        GuardFacts(
            base.real_path,
            base.origin.owner,
            base.version or (0, 0, 0),
            GuardFile(marker.path(base), Standing.NOTHING),
            marker.diversion(base),
            pip_conf=GuardFile("/usr/pip.conf", Standing.NOTHING) if systems else None,
            seals=(SealPlace(SEALED, Standing.EMPTY, before=Remembered(0o2775, 0, 50)),) if systems else (),
        ),
    )


def guarded(one: GuardFacts, dest: str = DEST) -> GuardFacts:
    """The facts after the guard was put up."""
    return replace(
        one,
        marker=replace(one.marker, standing=Standing.OURS, text=marker.text(dest, one.owner)),
        diverted=one.diversion is not None,
        pip_conf=one.pip_conf
        and replace(one.pip_conf, standing=Standing.OURS, text=pip_conf.text(install=one.version < (3, 11))),
        seals=tuple(
            replace(place, standing=Standing.OURS, text=guard_seal.text(place.path, place.before))
            for place in one.seals
        ),
    )


@dataclass
class Situation:
    """What ``plan`` is given; a fresh Debian image as root unless changed."""

    base: Interpreter
    image: Image = ROOT
    destination: Destination = field(default_factory=lambda: Destination(DEST, Occupant.NOTHING))
    group: int = 0
    guard: bool = True
    activations: Tuple[Activation, ...] = (profile_d,)
    named: Tuple[str, ...] = ()
    without: Tuple[str, ...] = ()
    can_divert: bool = True
    base_sha256: str = "ab" * 32
    direct: bool = False
    wiring: Wiring = field(default_factory=Wiring)
    commands: CommandFacts = field(default_factory=CommandFacts)
    has_uv: bool = False
    has_uv_cache: bool = False
    states: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    guards: Tuple[GuardFacts, ...] = ()

    def request(self) -> planning.Request:
        return planning.Request(
            DEST,
            self.group,
            self.activations,
            guard=self.guard,
            tool_version="0.1.0",
            direct=self.direct,
            named=self.named,
            without=self.without,
        )

    def plan(self) -> Plan:
        request = self.request()
        pieces = (
            *planning.wanted_pieces(request, self.wiring),
            *planning.unwanted_pieces(request),
        )
        states = {
            piece.path: replace(
                FileState(piece.path, exists=False, sha256=None, writable=True), **self.states.get(piece.path, {})
            )
            for piece in pieces
        }
        around = planning.Surroundings(
            self.image,
            states,
            can_divert=self.can_divert,
            guards=self.guards or (guards_of(self.base) if self.guard else ()),
            wiring=self.wiring,
            commands=self.commands,
            has_uv=self.has_uv,
            has_uv_cache=self.has_uv_cache,
        )
        return planning.plan(request, self.base, self.base_sha256, self.destination, around)

    def carried_out(self, **changes: Any) -> Situation:
        """The situation after the plan was carried out: all files in place, the record written."""
        done = self.plan()
        record = next(action.record for action in done.actions if isinstance(action, WriteRecord))
        states = {file.path: {"exists": True, "sha256": file.sha256, "ours": True} for file in record.files}
        environment = Destination(DEST, Occupant.ENVIRONMENT, record=record)
        guards = tuple(guarded(one) for one in self.guards or guards_of(self.base)) if self.guard else ()
        return replace(
            self, destination=environment, states={**self.states, **states}, **{"guards": guards, **changes}
        )

    def changed_guard(self, marker: Dict[str, Any] | None = None, **changes: Any) -> Situation:
        """The situation with other facts of its one guard; ``marker`` changes those of the marker."""
        (one,) = self.guards or guards_of(self.base)
        return replace(self, guards=(replace(one, marker=replace(one.marker, **(marker or {})), **changes),))

    def changed_destination(self, **changes: Any) -> Situation:
        return replace(self, destination=replace(self.destination, **changes))

    def changed_state(self, path: str, **changes: Any) -> Situation:
        return replace(self, states={**self.states, path: {**self.states.get(path, {}), **changes}})


def types(plan: Plan) -> List[str]:
    return [f"{a.type} {a.purpose}" if isinstance(a, WriteFile) else a.type for a in plan.actions]


def codes(plan: Plan) -> List[str]:
    return [finding.code for finding in plan.findings]


def record_of(plan: Plan) -> Record:
    return next(action.record for action in plan.actions if isinstance(action, WriteRecord))


CREATE, RECORD, DIVERT = "create-environment", "write-record", "divert-file"
WRITE_PROFILE, WRITE_MARKER = "write-file profile.d", "write-file marker"
WRITE_PIP_CONF, SEAL = "write-file pip.conf", "seal-directory"
GUARD = [DIVERT, WRITE_MARKER, WRITE_PIP_CONF, SEAL]
