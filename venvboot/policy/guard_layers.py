"""What holds of each layer of the guard, from what stands at its places."""

from __future__ import annotations

import shlex
from typing import Collection, Dict, Optional, Sequence, Tuple

from venvboot.model import (
    Finding,
    Guard,
    GuardFacts,
    GuardFile,
    Interpreter,
    Layer,
    LayerState,
    SealPlace,
    Severity,
    Standing,
)
from venvboot.policy import guard_seal, marker, pip_conf

MARKER, DIVERSION, PIP_CONF, SEAL = marker.PURPOSE, "diversion", pip_conf.PURPOSE, guard_seal.PURPOSE

# Package managers of whole systems. A tool's own tree (conda's, uv's, Nix's) is that tool's to guard.
MANAGERS = ("dpkg", "rpm", "apk", "pacman", "portage", "xbps")

ANOTHER_TEXT = "it has another text than venvboot wrote"
PACKAGE_S = "only the package's own stands there"
ANOTHER_FILE = "it was not written by venvboot, and does not say require-virtualenv"
NOT_OURS = "it was not written by venvboot, or others than root can write it"
FORGOTTEN = "it was changed since venvboot wrote it, and no longer says what stood there before"


def is_systems(one: Interpreter) -> bool:
    """Tell whether a system's package manager owns ``one``."""
    owner = one.origin.owner
    return bool(one.origin.managed and owner and owner.manager in MANAGERS)


def guarded(every: Sequence[Interpreter], base_path: str = "") -> Tuple[Interpreter, ...]:
    """Return those to guard, by their real file: the system's, and the base of an environment if it is managed."""
    found = {
        one.real_path: one
        for one in every
        if one.facts.probe
        and one.facts.probe.stdlib
        and (is_systems(one) or (one.origin.managed and base_path and one.base_path == base_path))
    }
    return tuple(found[path] for path in sorted(found))


def needs_install(facts: Sequence[GuardFacts]) -> Collection[str]:
    """Return the pip.confs that have to refuse installs: of a prefix in which one pip at least knows no marker."""
    return {
        one.pip_conf.path
        for one in facts
        if one.pip_conf and one.owner and pip_conf.refuses_installs(one.pip, one.version, one.owner.manager)
    }


def guards(facts: Sequence[GuardFacts]) -> Tuple[Guard, ...]:
    """Return what guards each interpreter; a place that several share is the same layer for each."""
    install = needs_install(facts)
    return tuple(
        Guard(
            one.interpreter,
            one.owner,
            _marker(one),
            _diversion(one),
            _pip_conf(one.pip_conf, install=one.pip_conf.path in install) if one.pip_conf else None,
            tuple(_seal(place) for place in one.seals),
        )
        for one in facts
    )


def _marker(facts: GuardFacts) -> Layer:
    file = facts.marker
    state, why = _of_file(file)
    if file.standing is Standing.OURS and not marker.intact(file.text):
        state, why = LayerState.CHANGED, ANOTHER_TEXT
    elif file.standing is Standing.THEIRS and facts.diversion:
        state, why = (LayerState.CHANGED, ANOTHER_TEXT) if facts.diverted else (LayerState.MISSING, PACKAGE_S)
    return Layer(MARKER, file.path, state, why)


def _diversion(facts: GuardFacts) -> Optional[Layer]:
    if facts.diversion is None:
        return None
    if facts.diverted is None:
        return Layer(DIVERSION, facts.diversion.path, LayerState.UNSEEN)
    state = LayerState.IN_PLACE if facts.diverted else LayerState.MISSING
    return Layer(DIVERSION, facts.diversion.path, state, "" if facts.diverted else "dpkg no longer diverts it")


def _pip_conf(file: GuardFile, *, install: bool) -> Layer:
    state, why = _of_file(file)
    if file.standing is Standing.OURS and not pip_conf.intact(file.text):
        state, why = LayerState.CHANGED, ANOTHER_TEXT
    elif file.standing is Standing.THEIRS and not pip_conf.guards(file.text, install=install):
        state, why = LayerState.CHANGED, ANOTHER_FILE
    elif install and file.standing is Standing.OURS and not pip_conf.guards(file.text, install=True):
        state, why = LayerState.CHANGED, "it leaves out [install], and the pip there knows no marker"
    return Layer(PIP_CONF, file.path, state, why, optional=not install and file.standing is Standing.THEIRS)


def _of_file(file: GuardFile) -> Tuple[LayerState, str]:
    if file.standing is Standing.NOTHING:
        return LayerState.MISSING, "it is gone"
    if file.standing is Standing.UNSEEN:
        return LayerState.UNSEEN, ""
    theirs = file.standing is Standing.THEIRS
    return (LayerState.THEIRS if theirs else LayerState.IN_PLACE), ""


def _seal(place: SealPlace) -> Layer:
    if place.standing is Standing.OURS:
        state = LayerState.IN_PLACE if guard_seal.remembered(place.path, place.text) else LayerState.CHANGED
        return Layer(SEAL, place.path, state, lost(place) or (ANOTHER_TEXT if state is LayerState.CHANGED else ""))
    if place.obstacle:
        return Layer(SEAL, place.path, LayerState.IMPOSSIBLE, place.obstacle)
    if place.standing is Standing.FULL:
        return Layer(SEAL, place.path, LayerState.IMPOSSIBLE, contents(place))
    if place.standing is Standing.UNSEEN:
        return Layer(SEAL, place.path, LayerState.UNSEEN)
    if place.standing is Standing.THEIRS:
        return Layer(SEAL, place.path, LayerState.CHANGED, lost(place), optional=True)
    return Layer(SEAL, place.path, LayerState.MISSING, f"{place.standing.value} stands there")


def lost(place: SealPlace) -> str:
    """Return why the file at ``place`` can't be made our seal again, empty where it can or needn't be."""
    if place.standing is Standing.THEIRS:
        return NOT_OURS
    return FORGOTTEN if place.standing is Standing.OURS and guard_seal.recalled(place.text) is None else ""


def way_out(path: str) -> str:
    """Return what makes room for a seal where a file stands that isn't one."""
    return f"rm {shlex.quote(path)} && venvboot guard"


def contents(place: SealPlace) -> str:
    more = f" and {place.count - len(place.entries)} more" if place.count > len(place.entries) else ""
    noun = "entry" if place.count == 1 else "entries"
    return f"it has {place.count} {noun}: {', '.join(place.entries)}{more}"


def findings(found: Sequence[Guard], hint: str) -> Tuple[Finding, ...]:
    """Return one error for each layer that is missing or was changed; what can't be seen is no fault."""
    told: Dict[Tuple[str, str], Finding] = {}
    for guard in found:
        for layer in guard.layers():
            if layer.broken:
                told.setdefault((layer.kind, layer.path), _finding(guard, layer, hint))
    return tuple(told.values())


def _finding(guard: Guard, layer: Layer, hint: str) -> Finding:
    again = f"pip may install into {guard.interpreter} again"
    evidence = f"{layer.path}: {layer.why}"
    if layer.kind == MARKER:
        return Finding("marker-gone", Severity.ERROR, layer.path, again, evidence, hint)
    if layer.kind == DIVERSION:
        what = f"the next upgrade of the distro's Python would overwrite {layer.path}"
        return Finding("diversion-gone", Severity.ERROR, layer.path, what, layer.why, hint)
    if layer.kind == PIP_CONF:
        severity = Severity.WARNING if layer.optional else Severity.ERROR
        what = f"pip of {guard.interpreter} may take packages away, or put them there, again"
        hint = (
            "put require-virtualenv = true under its [uninstall] and [install]" if layer.why == ANOTHER_FILE else hint
        )
        return Finding("pip-conf-gone", severity, layer.path, what, evidence, hint)
    severity = Severity.WARNING if layer.optional else Severity.ERROR
    if layer.state is LayerState.MISSING:
        what = f"an install may put packages for {guard.interpreter} into {layer.path} again"
    else:
        what = f"{layer.path} is not the seal that venvboot wrote, and `guard --undo` can't put back what was there"
    hint = way_out(layer.path) if layer.why in (NOT_OURS, FORGOTTEN) else hint
    return Finding("seal-gone", severity, layer.path, what, evidence, hint)


def not_sealed(facts: Sequence[GuardFacts]) -> Tuple[Finding, ...]:
    """Return a warning for each directory that holds something, and a note where a seal has no place."""
    told: Dict[str, Finding] = {}
    for place in (place for one in facts for place in one.seals):
        if place.standing is Standing.OURS:
            continue
        if place.obstacle:
            why, hint, severity = place.obstacle, "", Severity.NOTE
        elif place.standing is Standing.FULL:
            why, severity = contents(place), Severity.WARNING
            hint = f"install that into an environment, remove what {place.path} holds, then run `venvboot guard`"
        else:
            continue
        what = f"{place.path} was not sealed: a pip that is told to may install there"
        told[place.path] = Finding("not-sealed", severity, place.path, what, why, hint)
    return tuple(told.values())
