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
    Image,
    Interpreter,
    Mark,
    Occupant,
    Record,
    Weight,
)
from venvboot.policy import libraries
from venvboot.policy import plan as planning
from venvboot.policy.libraries import Wiring

DEST = "/opt/venv"
PROFILE = "/etc/profile.d/zz-venvboot.sh"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
ROOT = Image({}, {}, uid=0, gid=0, groups=(0,))
MEMBER = Image({}, {}, uid=1001, gid=0, groups=(0,))
STRANGER = Image({}, {}, uid=1001, gid=1001, groups=(1001, 27))

LIBRARIES = "/opt/rh/rh-python38/root/usr/lib64"
SCL = Mark("scl", "/opt/rh/rh-python38/root/usr", "enable stands there", Weight.HARD)
COLLECTION: Dict[str, Any] = {"base_prefix": "/opt/rh/rh-python38/root/usr", "library_path": LIBRARIES}
LINKER_FILE = WriteFile(libraries.path(LIBRARIES), libraries.text(LIBRARIES), 0o644, libraries.PURPOSE)


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
            *planning.wanted_pieces(request, self.base, self.wiring),
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
        states = {
            file.path: {"exists": True, "sha256": file.sha256, "ours": True, "diverted": bool(record.diversions)}
            for file in record.files
        }
        environment = Destination(DEST, Occupant.ENVIRONMENT, record=record)
        return replace(self, destination=environment, states={**self.states, **states}, **changes)

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
