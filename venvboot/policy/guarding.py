"""What is to be done so that the system's interpreters are guarded, or no longer: from facts to actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, Iterator, List, Sequence, Tuple, TypeVar, Union

from venvboot.actions import (
    DivertFile,
    GuardAction,
    RemoveFile,
    SealDirectory,
    UndivertFile,
    UnsealDirectory,
    WriteFile,
)
from venvboot.model import (
    Finding,
    GuardFacts,
    GuardFile,
    Image,
    Piece,
    SealPlace,
    Severity,
    Standing,
)
from venvboot.policy import guard_layers, guard_seal, marker, pip_conf
from venvboot.policy.files import AS_ROOT, NotDone, denied, not_done

MODE = 0o644


@dataclass(frozen=True)
class Wish:
    """For whom the guard is planned: the environment that the marker names, empty for none.

    ``take_over`` is the path of the marker that is written anew where it names another environment: `init` does so
    with that of its base, and the others may go on naming theirs. ``can_divert``: dpkg-divert is there.
    """

    dest: str = ""
    take_over: str = ""
    can_divert: bool = True


@dataclass(frozen=True)
class Planned:
    """The actions still needed, what there is to tell, and whether all that is possible then stands."""

    actions: Tuple[GuardAction, ...] = ()
    findings: Tuple[Finding, ...] = ()
    complete: bool = False


Step = Union[GuardAction, Finding, NotDone]
Place = TypeVar("Place")


def guard(facts: Sequence[GuardFacts], image: Image, wish: Wish) -> Planned:
    """Return the plan that leaves every layer of every interpreter in place, each shared place once."""
    install = guard_layers.needs_install(facts)
    steps: List[Step] = []
    for one in _once((one.marker.path, one) for one in facts):
        steps += _mark(one, image, wish)
    for file in _pip_confs(facts):
        steps += _configure(file, image, install=file.path in install)
    for place in _seals(facts):
        steps += _seal(place, image)
    broken = any(isinstance(step, NotDone) for step in steps) or any(
        isinstance(step, Finding) and step.subject in install for step in steps
    )
    planned = _planned(steps)
    findings = (*planned.findings, *guard_layers.not_sealed(facts))
    return Planned(planned.actions, findings, complete=bool(facts) and not broken)


def undo(facts: Sequence[GuardFacts], image: Image, *, can_divert: bool) -> Planned:
    """Return the plan that takes away all of ours and puts back what it replaced; what was changed since stays."""
    steps: List[Step] = []
    for place in _seals(facts):
        steps += _unseal(place, image)
    for file in _pip_confs(facts):
        if file.standing is Standing.OURS:
            steps += _removed(file, pip_conf.PURPOSE, image) if pip_conf.intact(file.text) else [_changed(file.path)]
    for one in _once((one.marker.path, one) for one in facts):
        steps += _unmark(one, image, can_divert=can_divert)
    return _planned(steps)


def stands(facts: Sequence[GuardFacts]) -> bool:
    """Tell whether a layer of ours is there at all."""
    files = [*(one.marker for one in facts), *_pip_confs(facts)]
    found = {file.standing for file in files} | {place.standing for place in _seals(facts)}
    return Standing.OURS in found


def _mark(facts: GuardFacts, image: Image, wish: Wish) -> Iterator[Step]:
    file, diversion = facts.marker, facts.diversion
    wanted = marker.text(wish.dest, facts.owner)
    good = file.standing is Standing.OURS and (
        file.text == wanted or (wish.take_over != file.path and marker.intact(file.text))
    )
    if diversion is None and file.standing is Standing.THEIRS:
        return  # another package manager's own marker guards as well as ours
    divert = diversion if diversion and not facts.diverted else None
    if good and not divert:
        return
    if not file.writable or file.standing is Standing.UNSEEN:
        yield _denied(file.path, marker.PURPOSE, image)
        return
    if diversion and not (image.privileged and wish.can_divert):
        why = "there is no dpkg-divert, so the next upgrade would put the package's back"
        yield _undiverted(file.path, image, why, "may not divert the package's")
        return
    if divert:
        # Ours is not the package's to be moved; and where both stand, the package's is where it shall be.
        yield DivertFile(divert, rename=file.standing is not Standing.OURS and not facts.kept_aside)
    if not good:
        yield WriteFile(file.path, wanted, MODE, marker.PURPOSE)


def _configure(file: GuardFile, image: Image, *, install: bool) -> Iterator[Step]:
    wanted = pip_conf.text(install=install)
    if file.standing is Standing.OURS and file.text == wanted:
        return
    if file.standing is Standing.THEIRS:
        if not pip_conf.guards(file.text, install=install):
            sections = "[install] and [uninstall]" if install else "[uninstall]"
            yield Finding(
                "foreign-file",
                Severity.WARNING,
                file.path,
                f"{file.path} was left as it is",
                "it was not written by venvboot",
                f"put require-virtualenv = true under its {sections}, or remove it and run the same again; or say "
                "`venvboot init --no-guard`",
            )
        return
    if not file.writable or file.standing is Standing.UNSEEN:
        yield _denied(file.path, pip_conf.PURPOSE, image)
        return
    yield WriteFile(file.path, wanted, MODE, pip_conf.PURPOSE)


def _seal(place: SealPlace, image: Image) -> Iterator[Step]:
    if place.standing is Standing.OURS and guard_seal.remembered(place.path, place.text):
        return
    if place.obstacle or place.standing is Standing.FULL:
        return
    if guard_layers.lost(place):
        yield _not_a_seal(place)
        return
    if not image.privileged or not place.writable or place.standing is Standing.UNSEEN:
        yield _denied(place.path, guard_seal.PURPOSE, image)
        return
    before = guard_seal.recalled(place.text) or guard_seal.remembered(place.path, place.remains) or place.before
    yield SealDirectory(place.path, guard_seal.TRUSTED, guard_seal.text(place.path, before))


def _unseal(place: SealPlace, image: Image) -> Iterator[Step]:
    """A killed run of either kind leaves the text beside the place, which is then empty or a new directory."""
    half_done = place.remains and place.standing in (Standing.NOTHING, Standing.EMPTY)
    if guard_layers.lost(place) and not place.obstacle:
        yield _not_a_seal(place)
        return
    if place.standing is not Standing.OURS and not half_done:
        return
    before = guard_seal.remembered(place.path, place.remains if half_done else place.text)
    if before is None:
        if not half_done:
            yield _changed(place.path)
    elif image.privileged and place.writable:
        yield UnsealDirectory(place.path, guard_seal.TRUSTED, before)
    else:
        yield _denied(place.path, guard_seal.PURPOSE, image)


def _unmark(facts: GuardFacts, image: Image, *, can_divert: bool) -> Iterator[Step]:
    """The diversion goes last: with ours gone dpkg-divert moves the package's back to where it was."""
    file, diversion = facts.marker, facts.diversion
    ours = file.standing is Standing.OURS
    diverted = diversion is not None and bool(facts.diverted)
    astray = diversion is not None and facts.kept_aside and not diverted
    if ours and not marker.intact(file.text):
        yield _changed(file.path)
        return
    if file.standing is Standing.THEIRS:
        if diverted:
            yield _changed(file.path)
        return
    if diversion and (diverted or astray):
        if not (image.privileged and can_divert):
            yield _undiverted(file.path, image, "there is no dpkg-divert", "may not change diversions")
            return
        if astray:
            yield DivertFile(diversion, rename=False)
    if ours:
        yield from _removed(file, marker.PURPOSE, image)
    if diversion and (diverted or astray):
        yield UndivertFile(diversion)


def _removed(file: GuardFile, purpose: str, image: Image) -> Iterator[Step]:
    if file.writable:
        yield RemoveFile(file.path, purpose)
    else:
        yield _denied(file.path, purpose, image)


def _planned(steps: Sequence[Step]) -> Planned:
    refused = [step for step in steps if isinstance(step, NotDone)]
    told = [step for step in steps if isinstance(step, Finding)]
    actions = tuple(step for step in steps if not isinstance(step, (Finding, NotDone)))
    return Planned(actions, (*told, *not_done(refused)))


def _denied(path: str, purpose: str, image: Image) -> NotDone:
    return denied(Piece(path, "", purpose), path.rpartition("/")[0], image)


def _undiverted(path: str, image: Image, why: str, refused: str) -> NotDone:
    """``why`` is for root, who lacks the program; of others it is ``refused``."""
    piece = Piece(path, "", marker.PURPOSE)
    if image.privileged:
        return NotDone(piece, why, "start FROM an image whose package dpkg has /usr/bin/dpkg-divert")
    return NotDone(piece, f"user {image.uid} {refused}", AS_ROOT)


def _changed(path: str) -> Finding:
    return Finding(
        "foreign-file",
        Severity.WARNING,
        path,
        f"{path} was left as it is",
        "it was changed since venvboot wrote it",
        "remove it yourself, or put back what venvboot wrote with `venvboot guard`",
    )


def _not_a_seal(place: SealPlace) -> Finding:
    return Finding(
        "foreign-file",
        Severity.WARNING,
        place.path,
        f"{place.path} was left as it is, in place of the directory that pip installs into",
        guard_layers.lost(place),
        f"{guard_layers.way_out(place.path)}; without `&& venvboot guard` there is no seal then",
    )


def _pip_confs(facts: Sequence[GuardFacts]) -> List[GuardFile]:
    return _once((one.pip_conf.path, one.pip_conf) for one in facts if one.pip_conf)


def _seals(facts: Sequence[GuardFacts]) -> List[SealPlace]:
    return _once((place.path, place) for one in facts for place in one.seals)


def _once(places: Iterable[Tuple[str, Place]]) -> List[Place]:
    """Return the first of each path."""
    found: Dict[str, Place] = {}
    for path, place in places:
        found.setdefault(path, place)
    return list(found.values())
