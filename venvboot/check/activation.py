"""PATH and VIRTUAL_ENV of this very process are the environment's, and the files that activate it are as written."""

from __future__ import annotations

import posixpath
from typing import List, Sequence

from venvboot import activation, isolated
from venvboot.facts.finder import search_path
from venvboot.model import Finding, Record, Severity
from venvboot.policy.elsewhere import serves_another
from venvboot.policy.image_config import image_config
from venvboot.policy.libraries import PURPOSE as LIBRARIES
from venvboot.policy.plan import GUARDS
from venvboot.system import System

PROGRAMS = ("python", "python3", "pip")
PROGRAMS_2 = ("python", "python2", "pip")

# Recorded files that other promises are about
OTHERS = (*GUARDS, LIBRARIES)


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return the faults. A Python that is used directly needs PATH, and is no environment that VIRTUAL_ENV names."""
    named = [] if record.direct else _virtual_env(system, record)
    return [*_path(system, record), *named, *_files(system, record)]


def _path(system: System, record: Record) -> List[Finding]:
    wanted = posixpath.join(record.dest, "bin")
    wrong = []
    for name in PROGRAMS_2 if isolated.is_python2(record.base_version) else PROGRAMS:
        if record.direct and not system.exists(posixpath.join(wanted, name)):
            continue  # a source build makes python3, and no python
        found = next((folder for folder in search_path(system) if _offers(system, folder, name, wanted)), None)
        if found != wanted:
            wrong.append(f"{name} is {posixpath.join(found, name) if found else 'not found'}")
    if not wrong:
        return []
    first = next(iter(search_path(system)), "")
    return [
        Finding(
            "path-lost",
            Severity.ERROR,
            "PATH",
            f"PATH does not lead to {wanted} first",
            f"PATH={system.environ.get('PATH', '')}; {', '.join(wrong)}",
            f"`venvboot init {record.dest}` says what is missing there"
            if first == wanted
            else f"ENV PATH={image_config(record.dest).path_prefix}:$PATH",
        )
    ]


def _offers(system: System, folder: str, name: str, wanted: str) -> bool:
    path = posixpath.join(folder, name)
    # The environment's own Python is a link, and broken where the base is gone: then PATH isn't what was lost.
    return system.status(path) is not None if folder == wanted else system.is_file(path)


def _virtual_env(system: System, record: Record) -> List[Finding]:
    value = system.environ.get("VIRTUAL_ENV")
    if value == record.dest:
        return []
    return [
        Finding(
            "virtual-env-lost",
            Severity.ERROR,
            "VIRTUAL_ENV",
            f"VIRTUAL_ENV does not name {record.dest}, so uv and poetry would use another environment",
            "it is not set" if value is None else f"VIRTUAL_ENV={value}",
            f"ENV VIRTUAL_ENV={record.dest}",
        )
    ]


def _files(system: System, record: Record) -> List[Finding]:
    findings = []
    for file in record.files:
        if file.purpose in OTHERS or system.digest(file.path) == file.sha256:
            continue
        place = activation.by_name().get(file.purpose)
        text = system.read_text(file.path, 4096)
        elsewhere = bool(place and text and serves_another(text, place.content))
        findings.append(
            Finding(
                "activation-changed",
                Severity.WARNING if elsewhere else Severity.ERROR,
                file.path,
                f"{file.path} no longer activates {record.dest}",
                "it activates another environment of this image"
                if elsewhere
                else "it is gone"
                if system.status(file.path) is None
                else "its content isn't what venvboot wrote",
                f"`venvboot init {record.dest}` as root writes it again",
            )
        )
    return findings
