"""The nouns of the program: frozen dataclasses and enums, no I/O and no decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Mapping, Optional, Tuple

Version = Tuple[int, int, int]


class Status(Enum):
    """How a run ended; the value is the exit status of the process."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    BROKEN = 4
    UNSUPPORTED = 5
    BUG = 70
    INTERRUPTED = 130


class Severity(str, Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing worth telling: what (``message``), why (``evidence``) and the way out (``hint``).

    ``code`` is stable and documented in the README; ``subject`` is the path or the distribution it is about.
    """

    code: str
    severity: Severity
    subject: str
    message: str
    evidence: str = ""
    hint: str = ""


class Weight(str, Enum):
    """How far a piece of evidence carries: hard decides alone, weak only explains."""

    HARD = "hard"
    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


@dataclass(frozen=True)
class Evidence:
    source: str
    fact: str
    weight: Weight


@dataclass(frozen=True)
class SystemPackage:
    """A package of the distro's package manager, for example dpkg's python3.11-minimal 3.11.2-6."""

    manager: str
    package: str
    version: str

    def __str__(self) -> str:
        return f"{self.package} {self.version} ({self.manager})"


@dataclass(frozen=True)
class Ownership:
    """What a package database says of one file; ``altered``: its bytes are not those the package installed."""

    package: SystemPackage
    path: str
    altered: bool = False


@dataclass(frozen=True)
class VenvConfig:
    """A virtual environment as its pyvenv.cfg describes it (PEP 405): where it is and where its base is."""

    prefix: str
    home: str
    system_site_packages: bool


@dataclass(frozen=True)
class Candidate:
    """A file that should be an interpreter, found without starting it.

    ``path`` is the first name it was found under, ``real_path`` the file all links end at.
    """

    path: str
    real_path: str
    names: Tuple[str, ...]
    first_on_path: bool = False
    venv: Optional[VenvConfig] = None


@dataclass(frozen=True)
class Probe:
    """What an interpreter says of itself when started isolated (see ``facts.probe``)."""

    version: Version
    implementation: str
    executable: str
    prefix: str
    base_prefix: str
    stdlib: str
    site_packages: Tuple[str, ...]
    schemes: Tuple[str, ...]
    config_args: str
    build_prefix: str
    missing_modules: Tuple[str, ...]


@dataclass(frozen=True)
class InterpreterFacts:
    """All that is known of one interpreter before anything is decided.

    ``failure`` says why it does not start and is empty when ``probe`` is there. ``pyenv_root`` is the version
    folder of pyenv or asdf it lives in. ``marker`` is the path of its EXTERNALLY-MANAGED file (PEP 668). ``marks``
    are files that name another maker of its prefix, ``foreign_databases`` package databases that can't be read.
    """

    candidate: Candidate
    probe: Optional[Probe]
    failure: str = ""
    ownership: Optional[Ownership] = None
    marker: str = ""
    pyenv_root: str = ""
    marks: Tuple[str, ...] = ()
    foreign_databases: Tuple[str, ...] = ()


class Strategy(str, Enum):
    """What an origin allows: an isolated venv on it, use as it is, or nothing."""

    VENV = "venv"
    AS_IS = "as-is"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Origin:
    kind: str
    label: str
    managed: bool
    owner: Optional[SystemPackage]


@dataclass(frozen=True)
class Interpreter:
    """An interpreter with its judged origin. ``refusal`` says why the strategy is ``refuse``."""

    facts: InterpreterFacts
    origin: Origin
    strategy: Strategy
    evidence: Tuple[Evidence, ...]
    refusal: Optional[Finding] = None

    @property
    def path(self) -> str:
        return self.facts.candidate.path

    @property
    def real_path(self) -> str:
        return self.facts.candidate.real_path

    @property
    def version(self) -> Optional[Version]:
        return self.facts.probe.version if self.facts.probe else None


@dataclass(frozen=True)
class Image:
    """The container image and the process in it: ``os_release`` by key, ``environ`` as inherited."""

    os_release: Mapping[str, str]
    environ: Mapping[str, str]
    uid: int
    gid: int
    groups: Tuple[int, ...]

    @property
    def privileged(self) -> bool:
        return self.uid == 0

    def in_group(self, gid: int) -> bool:
        return gid == self.gid or gid in self.groups


@dataclass(frozen=True)
class FileState:
    """A file as it is now: ``sha256`` is None when it isn't an ordinary file, ``ours`` when it bears our name.

    ``reader_present`` is False where the folder that would be searched for it isn't there, so nothing reads it.
    """

    path: str
    exists: bool
    sha256: Optional[str]
    writable: bool
    ours: bool = False
    diverted: bool = False
    reader_present: bool = True


class Occupant(Enum):
    """What stands at DEST."""

    NOTHING = "nothing"
    EMPTY = "an empty folder"
    ENVIRONMENT = "an environment made by venvboot"
    HALF_MADE = "an environment that venvboot began and did not finish"
    FOREIGN = "something venvboot did not make"


@dataclass(frozen=True)
class RecordedFile:
    """A file written outside the environment; ``purpose`` is an activation's name or ``marker``."""

    path: str
    sha256: str
    purpose: str


@dataclass(frozen=True)
class Diversion:
    """A dpkg diversion: the package's version of ``path`` goes to ``diverted_to``."""

    path: str
    diverted_to: str


@dataclass(frozen=True)
class Lock:
    name: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """What ``<venv>/venvboot.json`` holds: what was promised, so that any later layer can compare."""

    tool_version: str
    dest: str
    base_path: str
    base_sha256: str
    base_version: str
    origin: Origin
    group: int
    activations: Tuple[str, ...] = ()
    guarded: bool = False
    files: Tuple[RecordedFile, ...] = ()
    diversions: Tuple[Diversion, ...] = ()
    locks: Tuple[Lock, ...] = ()


@dataclass(frozen=True)
class UnsharedDirectory:
    """A directory of the environment that the group can't write into; ``mode`` is octal permission bits."""

    path: str
    uid: int
    gid: int
    mode: int


@dataclass(frozen=True)
class Destination:
    """DEST before anything is written: what stands there, and the ``obstacle`` that forbids writing, if any.

    ``hook_intact``: the start-up hook is as installed. ``unshared``: directories the group can't write into.
    """

    path: str
    occupant: Occupant
    obstacle: str = ""
    record: Optional[Record] = None
    hook_intact: bool = True
    unshared: Tuple[UnsharedDirectory, ...] = ()


@dataclass(frozen=True)
class ImageConfig:
    """What only the Dockerfile can say: variables to set and folders to put first on PATH."""

    variables: Tuple[Tuple[str, str], ...]
    path_prefix: str


@dataclass(frozen=True)
class Distribution:
    """An installed Python distribution: its canonical name (PEP 503), version and metadata folder."""

    name: str
    version: str
    location: str


@dataclass(frozen=True)
class OwnedPython:
    """What the package manager provides to a Python: names and import roots, each with its package.

    An import root is the first regular package or module on the way down, ``google/protobuf`` or ``cv2``.
    """

    distributions: Mapping[str, Tuple[Distribution, SystemPackage]]
    import_roots: Mapping[str, Tuple[str, SystemPackage]]


@dataclass(frozen=True)
class IncomingDistribution:
    """A distribution that an install would bring; ``import_roots`` is None when its files are not known."""

    name: str
    version: str
    requested: bool
    import_roots: Optional[Tuple[str, ...]] = None


@dataclass(frozen=True)
class Changes:
    """Distributions added, removed and changed: name -> version, and name -> (from, to)."""

    add: Mapping[str, str] = field(default_factory=dict)
    remove: Mapping[str, str] = field(default_factory=dict)
    change: Mapping[str, Tuple[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.add or self.remove or self.change)


class Promise(str, Enum):
    KEPT = "kept"
    BROKEN = "broken"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Outcome:
    """What a verb returns: ``product`` goes to stdout as text, ``data`` beside the envelope as JSON."""

    status: Status
    findings: Tuple[Finding, ...] = ()
    product: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
