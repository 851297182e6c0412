"""Judge where an interpreter came from: ordered rules over facts, the first that matches decides.

The safe error is "managed": nothing is written into a Python whose maker isn't known.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, Optional, Tuple

from venvboot.model import (
    Evidence,
    Finding,
    Interpreter,
    InterpreterFacts,
    Origin,
    Severity,
    Strategy,
    Weight,
)

OLDEST = (3, 9)

Rule = Callable[[InterpreterFacts], Optional[Origin]]


def judge(facts: InterpreterFacts) -> Interpreter:
    """Return the interpreter with its origin, what may be made of it, and the evidence for both."""
    origin = next(found for found in (rule(facts) for rule in RULES) if found)
    refusal = unusable(facts)
    strategy = Strategy.REFUSE if refusal else Strategy.AS_IS if origin.kind == "venv" else Strategy.VENV
    return Interpreter(
        facts, origin, strategy, (*_evidence_of_place(facts), *_evidence_of_build(facts, refusal)), refusal
    )


def unusable(facts: InterpreterFacts) -> Optional[Finding]:
    """Return why no environment can be made with this interpreter, None when one can."""
    path, probe = facts.candidate.path, facts.probe
    if probe is None:
        return Finding(
            "interpreter-not-startable",
            Severity.ERROR,
            path,
            f"{path} does not start",
            facts.failure,
            "repair it, or name another one with --python",
        )
    version = ".".join(map(str, probe.version))
    if probe.version[:2] < OLDEST:
        return Finding(
            "interpreter-too-old",
            Severity.ERROR,
            path,
            f"{path} is Python {version}, and no environment can be made for one older than 3.9",
            "virtualenv and pip have ended their support for it, as upstream has ended its security fixes",
            "install Python 3.9 or later and name it with --python",
        )
    if probe.missing_modules:
        return Finding(
            "interpreter-incomplete",
            Severity.ERROR,
            path,
            f"{path} lacks parts of the standard library",
            f"no {', '.join(probe.missing_modules)}"
            + (f"; it is {facts.ownership.package}" if facts.ownership else ""),
            _completion(facts),
        )
    return None


def _completion(facts: InterpreterFacts) -> str:
    if facts.ownership and facts.ownership.package.manager == "dpkg":
        package = facts.ownership.package.package.replace("-minimal", "").replace("lib", "", 1).split("-")[0]
        return f"RUN apt-get update && apt-get install -y --no-install-recommends {package}"
    return "install the whole Python, or name another one with --python"


def _venv(facts: InterpreterFacts) -> Optional[Origin]:
    venv = facts.candidate.venv
    return Origin("venv", f"virtual environment of {venv.home}", managed=False, owner=None) if venv else None


def _owned(facts: InterpreterFacts) -> Optional[Origin]:
    if not facts.ownership:
        return None
    package = facts.ownership.package
    altered = ", altered since" if facts.ownership.altered else ""
    return Origin("distro", f"{package.package} {package.version}{altered}", managed=True, owner=package)


def _marked(facts: InterpreterFacts) -> Optional[Origin]:
    if facts.marks:
        return Origin("unknown", f"managed, unknown ({facts.marks[0]})", managed=True, owner=None)
    return None


def _pyenv(facts: InterpreterFacts) -> Optional[Origin]:
    if facts.pyenv_root and facts.probe and facts.probe.base_prefix == facts.pyenv_root:
        return Origin("pyenv", f"built by pyenv in {facts.pyenv_root}", managed=False, owner=None)
    return None


def _source(facts: InterpreterFacts) -> Optional[Origin]:
    """A source build in /usr/local, which the FHS keeps free of packages: made where it stands, not marked."""
    probe = facts.probe
    if not probe or probe.base_prefix != "/usr/local" or facts.marker:
        return None
    made_here = probe.build_prefix == "/usr/local" and bool(probe.config_args)
    return Origin("source", "source build in /usr/local", managed=False, owner=None) if made_here else None


def _unknown(facts: InterpreterFacts) -> Optional[Origin]:
    why = (
        "does not start"
        if not facts.probe
        else f"{facts.foreign_databases[0].split()[0]} can't be read"
        if facts.foreign_databases
        else "its prefix is the distro's"
        if facts.probe.base_prefix == "/usr"
        else "it is marked as externally managed"
        if facts.marker
        else f"no rule for {facts.probe.base_prefix}"
    )
    return Origin("unknown", f"managed, unknown ({why})", managed=True, owner=None)


# Hard facts first: an environment and a package database decide alone; the last rule always answers.
RULES: Tuple[Rule, ...] = (_venv, _owned, _marked, _pyenv, _source, _unknown)


def _evidence_of_place(facts: InterpreterFacts) -> Iterator[Evidence]:
    candidate = facts.candidate
    if candidate.venv:
        yield Evidence("pyvenv.cfg", f"{candidate.venv.prefix} has home = {candidate.venv.home}", Weight.HARD)
    if facts.ownership:
        owned = facts.ownership
        state = "but its content differs from the package's" if owned.altered else "with the package's own content"
        yield Evidence(owned.package.manager, f"{owned.path} belongs to {owned.package}, {state}", Weight.HARD)
    for mark in facts.marks:
        yield Evidence("file", f"{mark} stands in its prefix", Weight.STRONG)
    if facts.marker:
        yield Evidence("marker", f"{facts.marker} is there (PEP 668)", Weight.STRONG)
    if facts.pyenv_root:
        yield Evidence("path", f"it lies in the version folder {facts.pyenv_root}", Weight.STRONG)
    for database in facts.foreign_databases:
        yield Evidence("database", f"{database} can't be read, so ownership isn't known", Weight.STRONG)
    if not facts.ownership and not candidate.venv:
        yield Evidence("databases", f"no package database lists {candidate.real_path}", Weight.MEDIUM)


def _evidence_of_build(facts: InterpreterFacts, refusal: Optional[Finding]) -> Iterator[Evidence]:
    if refusal:
        yield Evidence("start", f"{refusal.message}: {refusal.evidence}", Weight.HARD)
    probe = facts.probe
    if probe is None:
        return
    if "deb_system" in probe.schemes:
        yield Evidence("sysconfig", "has Debian's install scheme deb_system", Weight.STRONG)
    yield Evidence("sysconfig", f"prefix {probe.base_prefix}, built for {probe.build_prefix or '?'}", Weight.MEDIUM)
    switches = re.findall(r"--[A-Za-z0-9-]+(?:=[^\s']*)?", probe.config_args)
    if switches:
        yield Evidence("sysconfig", f"configured with {' '.join(switches)}", Weight.MEDIUM)
