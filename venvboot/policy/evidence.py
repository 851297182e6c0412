"""What speaks for an origin, item by item: where it was seen, what it says, and how far that carries."""

from __future__ import annotations

import re
from typing import Iterator, Optional, Tuple

from venvboot.model import Evidence, Finding, InterpreterFacts, Probe, Weight


def evidence(facts: InterpreterFacts, refusal: Optional[Finding]) -> Tuple[Evidence, ...]:
    """Return the evidence, what was seen from outside first, then what the interpreter says of itself."""
    hints = (Evidence("environment", hint, Weight.WEAK) for hint in facts.hints)
    return (*_place(facts), *_start(facts, refusal), *(_build(facts.probe) if facts.probe else ()), *hints)


def _place(facts: InterpreterFacts) -> Iterator[Evidence]:
    candidate, owned = facts.candidate, facts.ownership
    if candidate.venv:
        name = candidate.venv.file.rpartition("/")[2]
        yield Evidence(name, f"{candidate.venv.prefix} has home = {candidate.venv.home}", Weight.HARD)
    if owned:
        state = "but its content differs from the package's" if owned.altered else "with the package's own content"
        yield Evidence(owned.package.manager, f"{owned.path} belongs to {owned.package}, {state}", Weight.HARD)
        if owned.vendor:
            yield Evidence(
                owned.package.manager, f"{owned.package.package} was built by {owned.vendor}", Weight.MEDIUM
            )
    for name, link in facts.owned_names.items():
        if name != candidate.real_path:
            yield Evidence(link.package.manager, f"the name {name} belongs to {link.package}", Weight.MEDIUM)
    for mark in facts.marks:
        yield Evidence("path", f"{mark.fact} (as with {mark.kind})", mark.weight)
    if facts.marker:
        yield Evidence("marker", f"{facts.marker} is there (PEP 668)", Weight.STRONG)
    for doubt in facts.doubts:
        yield Evidence("database", f"{doubt}; so ownership isn't known", Weight.STRONG)
    if not owned and not candidate.venv:
        none = "there is no package database in this image"
        said = none if facts.no_database else f"no package database lists {candidate.real_path}"
        yield Evidence("databases", said, Weight.MEDIUM)


def _start(facts: InterpreterFacts, refusal: Optional[Finding]) -> Iterator[Evidence]:
    if refusal:
        yield Evidence("start", f"{refusal.message}: {refusal.evidence}", Weight.HARD)
    if facts.probe and facts.probe.library_path:
        yield Evidence("start", f"needs LD_LIBRARY_PATH={facts.probe.library_path} to start", Weight.HARD)
    if facts.probe and not facts.probe.started:
        yield Evidence("tree", "read from its files, and not started", Weight.WEAK)


def _build(probe: Probe) -> Iterator[Evidence]:
    if "deb_system" in probe.schemes:
        yield Evidence("sysconfig", "has Debian's install scheme deb_system", Weight.STRONG)
    if "rpm_prefix" in probe.schemes:
        yield Evidence("sysconfig", "has Fedora's install scheme rpm_prefix", Weight.STRONG)
    if probe.standalone:
        yield Evidence("sysconfig", "has uv's flag PYTHON_BUILD_STANDALONE", Weight.STRONG)
    yield Evidence("sysconfig", f"prefix {probe.base_prefix}, built for {probe.build_prefix or '?'}", Weight.MEDIUM)
    switches = re.findall(r"--[A-Za-z0-9-]+(?:=[^\s']*)?", probe.config_args)
    if switches:
        yield Evidence("sysconfig", f"configured with {' '.join(switches)}", Weight.MEDIUM)
    if probe.banner:
        yield Evidence("banner", probe.banner, Weight.MEDIUM)
    if probe.soabi:
        yield Evidence("sysconfig", f"extension modules are tagged {probe.soabi}", Weight.WEAK)
