"""PATH and VIRTUAL_ENV of this very process are the environment's, and the files that activate it are as written."""

from __future__ import annotations

import posixpath
from typing import List, Optional, Sequence

from venvboot import activation, isolated
from venvboot.activation import block
from venvboot.facts import commands, destination, env_programs
from venvboot.facts.finder import search_path
from venvboot.model import Finding, Piece, Placement, Record, RecordedFile, Seal, Severity
from venvboot.policy import rehash, sealed, variables
from venvboot.policy.elsewhere import serves_another
from venvboot.policy.image_config import image_config
from venvboot.system import System

SHOWN = 10
PROGRAMS = ("python", "python3", "pip")
PROGRAMS_2 = ("python", "python2", "pip")


def check(system: System, record: Record) -> Sequence[Finding]:
    """Return the faults. A Python that is used directly needs PATH, and is no environment that VIRTUAL_ENV names."""
    named = [] if record.direct else _virtual_env(system, record)
    return [
        *_path(system, record),
        *named,
        *variables.findings(system.environ, record.dest),
        *_files(system, record),
        *_wrappers(system, record),
        *_env_programs(system, record),
    ]


def _path(system: System, record: Record) -> List[Finding]:
    wanted = posixpath.join(record.dest, "bin")
    wrong = []
    programs = PROGRAMS_2 if isolated.is_python2(record.base_version) else PROGRAMS
    for name in programs:
        if name == "pip" and record.seal is not Seal.OPEN:
            continue  # a seal takes it
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
            _missing_there(record) if first == wanted else f"ENV PATH={image_config(record.dest).path_prefix}:$PATH",
        )
    ]


def _missing_there(record: Record) -> str:
    return (
        f"`venvboot init {record.dest}` says what is missing there"
        if record.seal is Seal.OPEN
        else _written_again(record)
    )


def _written_again(record: Record) -> str:
    if record.seal is Seal.OPEN:
        return f"`venvboot init {record.dest}` as root writes it again"
    return f"`{sealed.undo(record)}` as root writes it again; then `{sealed.again(record)}`"


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
        piece = _piece(record.dest, file)
        if piece is None:
            continue
        there = destination.file_state(system, piece)
        if there.sha256 == file.sha256:
            continue
        elsewhere = _serves_another(system, piece)
        findings.append(
            Finding(
                "activation-changed",
                Severity.WARNING if elsewhere else Severity.ERROR,
                file.path,
                f"{file.path} no longer activates {record.dest}",
                "it activates another environment of this image"
                if elsewhere
                else "it is gone"
                if not there.exists
                else "its content isn't what venvboot wrote",
                _written_again(record),
            )
        )
    return findings


def _piece(dest: str, file: RecordedFile) -> Optional[Piece]:
    """Return what an activation wrote at a recorded place, None where it is about another promise."""
    known = activation.by_name().get(file.purpose)
    return next((piece for piece in known.pieces(dest) if piece.path == file.path), None) if known else None


def _serves_another(system: System, piece: Piece) -> bool:
    def compose(dest: str) -> str:
        pieces = activation.by_name()[piece.purpose].pieces(dest)
        return next((one.text for one in pieces if one.path == piece.path), "")

    text = system.read_text(piece.path, destination.CONTENT_LIMIT) or ""
    ours = text if piece.placement is Placement.WHOLE else block.found(text)
    return bool(ours) and serves_another(str(ours), compose)


def _wrappers(system: System, record: Record) -> Sequence[Finding]:
    if activation.wrappers.NAME not in record.activations:
        return ()
    facts = commands.read(system, record.dest, posixpath.join(record.dest, "bin/python"))
    mend = f"`{sealed.again(record)}`" if record.seal is Seal.SEALED else f"`venvboot init {record.dest}`"
    return rehash.missing(record.dest, rehash.decide(facts), mend)


def _env_programs(system: System, record: Record) -> List[Finding]:
    """Return a note of the distro's programs that PATH hands to the environment, each with its package."""
    found = () if record.direct else env_programs.read(system)
    if not found:
        return []
    named = ", ".join(f"{path} ({package.package})" for path, package in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return [
        Finding(
            "env-shebang",
            Severity.NOTE,
            found[0][0],
            f"these programs of the distro run on the Python of {record.dest}: {named}{more}",
            "their first line asks env for Python, and PATH leads there; they were made for the distro's",
            f"where one fails: /usr/bin/python3 {found[0][0]}",
        )
    ]
