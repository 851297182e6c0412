"""What stands at the places of the guard: markers, diversions, pip.confs and the directories that are sealed.

The guard has no other memory than its own files, which bear our signature and which root alone can write.
"""

from __future__ import annotations

import os
import posixpath
import stat
from dataclasses import replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from venvboot.activation.template import SIGNATURE
from venvboot.facts.distributions import installed
from venvboot.facts.owners import dpkg
from venvboot.model import (
    Diversion,
    GuardFacts,
    GuardFile,
    Interpreter,
    Remembered,
    SealPlace,
    Standing,
)
from venvboot.policy import guard_layers, guard_seal, marker, pip_conf
from venvboot.system import System

TEXT_LIMIT = 16 << 10
SHOWN = 5  # names of what a directory holds
PART = ".{}.venvboot.part"
OTHERS = stat.S_IWGRP | stat.S_IWOTH

# Where the files of a guard stay when its interpreter is removed from the image.
MARKERS = (f"/usr/lib/py*/{marker.NAME}", f"/usr/lib64/py*/{marker.NAME}")
SEALS = ("/usr/local/lib/py*/*-packages", "/usr/local/lib64/py*/*-packages")

Away = Optional[Mapping[str, str]]


def read(system: System, every: Sequence[Interpreter], base_path: str = "", dest: str = "") -> Tuple[GuardFacts, ...]:
    """Return the facts of each interpreter that is to be guarded, none twice.

    ``base_path`` names the base of the environment ``dest``, which is guarded as well if it is managed at all.
    """
    chosen = guard_layers.guarded(every, base_path)
    used = _used_by_others(every, chosen)
    away = _diverted(system)
    return tuple(_facts(system, one, away, used, dest) for one in chosen)


def left_over(system: System, every: Sequence[Interpreter], known: Sequence[GuardFacts]) -> Tuple[GuardFacts, ...]:
    """Return what an earlier guard left elsewhere: for an environment's base, or an interpreter that is gone."""
    away = _diverted(system)
    markers = {one.marker.path for one in known}
    paths = {path for pattern in MARKERS for path in system.glob(pattern)} | {marker.path(one) for one in every}
    ours = {
        path for path, to in (away or {}).items() if _is_marker(path) and to == marker.diversion_of(path).diverted_to
    }
    found = [
        _marked(system, path, away, path in ours)
        for path in sorted((paths | ours) - markers - {""})
        if path in ours or _file(system, path).standing is Standing.OURS
    ]
    sealed = {place.path for one in known for place in one.seals}
    places = {path for pattern in SEALS for path in system.glob(pattern)} - sealed
    seals = [_place(system, path, {}, "") for path in sorted(places) if not _passes_link(system, path)]
    conf = _file(system, posixpath.join(guard_seal.PREFIX, pip_conf.NAME))
    strays = tuple(place for place in seals if place.standing is Standing.OURS)
    stray = conf if conf.path not in {one.pip_conf.path for one in known if one.pip_conf} else None
    if strays or (stray and stray.standing is Standing.OURS):
        nothing = GuardFile("", Standing.NOTHING)
        found.append(GuardFacts("", None, (0, 0, 0), nothing, pip_conf=stray, seals=strays))
    return tuple(found)


def part_of(path: str) -> str:
    """Return where the text of a seal stands while it is put into its place, or taken from there."""
    folder, name = posixpath.split(path)
    return posixpath.join(folder, PART.format(name))


def _facts(system: System, one: Interpreter, away: Away, used: Mapping[str, str], dest: str) -> GuardFacts:
    probe = one.facts.probe
    assert probe  # noqa: S101  # others are not chosen
    diversion = marker.diversion(one)
    systems = guard_layers.is_systems(one)
    pip = installed(system, probe.site_packages).get("pip")
    return GuardFacts(
        one.real_path,
        one.origin.owner,
        probe.version,
        _file(system, marker.path(one)),
        diversion,
        _is_diverted(diversion, away),
        kept_aside=diversion is not None and system.status(diversion.diverted_to) is not None,
        pip_conf=_file(system, posixpath.join(probe.base_prefix, pip_conf.NAME)) if systems else None,
        pip=pip.version if pip else "",
        seals=tuple(_place(system, path, used, dest) for path in _places(system, one)) if systems else (),
    )


def _marked(system: System, path: str, away: Away, diverted: bool) -> GuardFacts:
    diversion = marker.diversion_of(path)
    aside = diverted and system.status(diversion.diverted_to) is not None
    file = _file(system, path)
    return GuardFacts(
        "", None, (0, 0, 0), file, diversion if diverted else None, _is_diverted(diversion, away), kept_aside=aside
    )


def _is_marker(path: str) -> bool:
    return posixpath.basename(path) == marker.NAME


def _diverted(system: System) -> Away:
    """Return dpkg's local diversions, None where their list can't be read."""
    unread = system.read_text(dpkg.DIVERSIONS, 1) is None and not system.is_absent(dpkg.DIVERSIONS)
    return None if unread else dpkg.diverted(system)


def _is_diverted(diversion: Optional[Diversion], away: Away) -> Optional[bool]:
    if diversion is None:
        return False
    return None if away is None else away.get(diversion.path) == diversion.diverted_to


def _file(system: System, path: str) -> GuardFile:
    info = system.status(path)
    writable = system.may_write(posixpath.dirname(path))
    if info is None:
        return GuardFile(path, _absent(system, path), writable=writable)
    text = system.read_text(path, TEXT_LIMIT)
    if text is None and stat.S_ISREG(info.st_mode):
        return GuardFile(path, Standing.UNSEEN, writable=writable)
    return GuardFile(path, Standing.OURS if _is_ours(system, info, text) else Standing.THEIRS, text or "", writable)


def _is_ours(system: System, info: os.stat_result, text: Optional[str]) -> bool:
    """A file that others could have written says nothing, whatever it begins with."""
    safe = info.st_uid in (0, system.uid) and not info.st_mode & OTHERS
    return stat.S_ISREG(info.st_mode) and safe and text is not None and text.startswith(SIGNATURE)


def _absent(system: System, path: str) -> Standing:
    return Standing.NOTHING if system.is_absent(path) else Standing.UNSEEN


def _places(system: System, one: Interpreter) -> Iterator[str]:
    """Give the directories that are sealed; where lib64 is a link to lib they are one."""
    seen: List[str] = []
    for path in guard_seal.places(one):
        real = posixpath.join(system.realpath(posixpath.dirname(path)), posixpath.basename(path))
        if real not in seen:
            seen.append(real)
            yield path


def _place(system: System, path: str, used: Mapping[str, str], dest: str) -> SealPlace:
    info = system.status(path)
    folder = posixpath.dirname(path)
    obstacle = _obstacle(system, path, info, used, dest)
    remains = _file(system, part_of(path))
    place = SealPlace(
        path,
        Standing.THEIRS,
        before=Remembered(made=_missing(system, folder)),
        obstacle=obstacle,
        remains=remains.text if remains.standing is Standing.OURS else "",
        writable=system.may_write(folder),
    )
    if info is None:
        return _standing(place, _absent(system, path))
    if not stat.S_ISDIR(info.st_mode):
        file = _file(system, path)
        return _standing(place, file.standing, text=file.text)
    try:
        names = system.names(path)
    except OSError:
        return _standing(place, Standing.UNSEEN)
    before = Remembered(stat.S_IMODE(info.st_mode) & ~guard_seal.NEVER, info.st_uid, info.st_gid)
    standing = Standing.FULL if names else Standing.EMPTY
    return _standing(place, standing, before=before, entries=names[:SHOWN], count=len(names))


def _standing(place: SealPlace, standing: Standing, **known: Any) -> SealPlace:
    return replace(place, standing=standing, **known)


def _obstacle(system: System, path: str, info: Optional[os.stat_result], used: Mapping[str, str], dest: str) -> str:
    """Return why no seal may stand at ``path``, empty where one may."""
    if path in used:
        return f"it is where {used[path]} installs to, which nobody manages"
    if dest and (f"{path}/".startswith(f"{dest}/") or dest.startswith(f"{path}/")):
        return f"the environment {dest} lies there"
    if _passes_link(system, path):
        return f"a symbolic link leads there, to {system.realpath(path)}"
    if info is not None and stat.S_ISDIR(info.st_mode) and system.is_mount(path):
        return "another file system is mounted there"
    return "" if system.is_directory(guard_seal.TRUSTED) else f"there is no {guard_seal.TRUSTED}"


def _passes_link(system: System, path: str) -> bool:
    """Tell whether a link has to be followed below /usr/local, or is that folder itself."""
    while path not in ("/", posixpath.dirname(guard_seal.TRUSTED)):
        if system.is_link(path):
            return True
        path = posixpath.dirname(path)
    return False


def _missing(system: System, folder: str) -> int:
    count = 0
    while system.is_absent(folder):
        count, folder = count + 1, posixpath.dirname(folder)
    return count


def _used_by_others(every: Sequence[Interpreter], chosen: Sequence[Interpreter]) -> Mapping[str, str]:
    """Return the site-packages in the own prefix of each interpreter that is not guarded, and whose they are.

    One whose prefix is /usr, as a copy of the system's, has none of its own.
    """
    found: Dict[str, str] = {}
    for one in every:
        probe = one.facts.probe
        if probe and one not in chosen and probe.prefix != guard_seal.PREFIX:
            for folder in probe.site_packages:
                if folder.startswith(f"{probe.prefix}/"):
                    found.setdefault(folder, one.path)
    return found
