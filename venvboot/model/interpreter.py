"""An interpreter: what is found, what it says, who owns it, and what is judged from that."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Mapping, Optional, Tuple

from venvboot.model.finding import Finding

Version = Tuple[int, int, int]


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
    """What a package database says of one file; ``altered``: its bytes are not those the package installed.

    ``vendor`` is who built the package, where the database says so (rpm's Vendor tag).
    """

    package: SystemPackage
    path: str
    altered: bool = False
    vendor: str = ""


@dataclass(frozen=True)
class Owners:
    """What the package databases say of some paths.

    ``doubts`` are databases, or parts of one, that stand in the image and can't be read, each as ``rpm (path): why``:
    a path without an owner may then still have one. ``no_database``: none stands in the image at all.
    """

    by_path: Mapping[str, Ownership]
    doubts: Tuple[str, ...] = ()
    no_database: bool = False


@dataclass(frozen=True)
class VenvConfig:
    """A virtual environment as its pyvenv.cfg describes it (PEP 405): where it is and where its base is.

    ``file`` is what tells it, below the prefix: virtualenv had another before its release 20.
    """

    prefix: str
    home: str
    system_site_packages: bool
    file: str = "pyvenv.cfg"


@dataclass(frozen=True)
class Candidate:
    """A file that should be an interpreter, found without starting it.

    ``path`` is the first name it was found under, ``real_path`` the file all links end at. ``script``: it is a
    program text and no machine code, so only starting it tells which interpreter it stands for. ``base`` is the real
    file of what its environment was made from, where that was found.
    """

    path: str
    real_path: str
    names: Tuple[str, ...]
    first_on_path: bool = False
    venv: Optional[VenvConfig] = None
    script: bool = False
    base: str = ""


@dataclass(frozen=True)
class Probe:
    """What an interpreter says of itself when started isolated (see ``facts.probe``).

    Of an unpacked image nothing is started, nor by root what isn't trusted: then the files of its tree tell the same
    (see ``facts.unstarted``), and ``started`` is False. ``prerelease`` is what follows the numbers in the version of
    one that isn't final, as in 3.15.0a1. ``banner`` is sys.version on one line, ``config_args`` the
    words of ./configure, ``build_prefix`` the prefix it was compiled for. ``standalone``: uv's
    PYTHON_BUILD_STANDALONE is set. ``library_path`` has the folders that had to be in LD_LIBRARY_PATH before it would
    start, colon-separated.
    """

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
    banner: str = ""
    soabi: str = ""
    standalone: bool = False
    library_path: str = ""
    started: bool = True
    prerelease: str = ""

    @property
    def version_text(self) -> str:
        return ".".join(map(str, self.version)) + self.prerelease


@dataclass(frozen=True)
class Mark:
    """A sign of who made a tree: the ``kind`` of origin it stands for, the tree's ``root`` and what was seen.

    ``weight`` is hard where nothing else leaves this sign, strong where it is a vendor's own path.
    """

    kind: str
    root: str
    fact: str
    weight: Weight


@dataclass(frozen=True)
class InterpreterFacts:
    """All that is known of one interpreter before anything is decided.

    ``failure`` says why it does not start and is empty when ``probe`` is there. ``ownership`` is that of its file,
    else of its standard library; ``owned_names`` are those of its other names that a package owns as links.
    ``marker`` is the path of its EXTERNALLY-MANAGED file (PEP 668) when it isn't ours. ``hints`` are variables of
    the environment that speak of its maker: copied between images, so they explain and never decide.
    ``unreachable`` is the first folder above it that not every user may search. ``doubts`` are package databases
    that can't be read; ``no_database``: there is none in the image. ``untrusted`` says why root does not start it,
    although it could be started: others than root may have put it there.
    """

    candidate: Candidate
    probe: Optional[Probe]
    failure: str = ""
    ownership: Optional[Ownership] = None
    owned_names: Mapping[str, Ownership] = field(default_factory=dict)
    marker: str = ""
    marker_text: str = ""
    marks: Tuple[Mark, ...] = ()
    hints: Tuple[str, ...] = ()
    unreachable: str = ""
    doubts: Tuple[str, ...] = ()
    untrusted: str = ""
    no_database: bool = False


class Strategy(str, Enum):
    """What an origin calls for: an isolated venv on it, its own site-packages, use as it is, or nothing.

    Where ``direct`` is possible a venv is so too, and what ``init`` makes unless ``--direct`` is asked for.
    """

    VENV = "venv"
    DIRECT = "direct"
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
    """An interpreter with its judged origin.

    ``refusal`` says why the strategy is ``refuse``, ``warnings`` what else has to be known of it. ``base_path`` is
    the name that an environment made from it should record: one that outlives an upgrade. ``direct``: its own
    site-packages may be prepared for installs.
    """

    facts: InterpreterFacts
    origin: Origin
    strategy: Strategy
    evidence: Tuple[Evidence, ...]
    refusal: Optional[Finding] = None
    warnings: Tuple[Finding, ...] = ()
    base_path: str = ""
    direct: bool = False

    @property
    def path(self) -> str:
        return self.facts.candidate.path

    @property
    def real_path(self) -> str:
        return self.facts.candidate.real_path

    @property
    def version(self) -> Optional[Version]:
        return self.facts.probe.version if self.facts.probe else None

    def site_packages(self, prefix: str) -> str:
        """Return where this interpreter installs to when ``prefix`` is its own or an environment's."""
        probe = self.facts.probe
        version, implementation = (probe.version, probe.implementation) if probe else ((0, 0, 0), "")
        return site_packages(prefix, ".".join(map(str, version)), implementation)


def site_packages(prefix: str, version: str, implementation: str) -> str:
    """Return where an environment, or an unpatched Python, of ``version`` (``3.11.2``) installs to.

    PyPy's name has been its own since 7.3.6.
    """
    major, minor = version.split(".")[:2]
    name = "pypy" if implementation == "pypy" and int(major) >= 3 else "python"  # noqa: PLR2004  # its major version
    return f"{prefix}/lib/{name}{major}.{minor}/site-packages"
