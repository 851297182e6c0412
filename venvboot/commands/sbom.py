"""``sync --sbom``: what is in the environment once it is synced, and the Python it is made from, as CycloneDX."""

from __future__ import annotations

import argparse
import json
import posixpath
import shlex
import stat
import time
from dataclasses import replace
from typing import Optional, Tuple

from venvboot import __version__
from venvboot.apply.environment import SMALL_FILE_MODE
from venvboot.apply.kept import Kept
from venvboot.commands import Context, judged
from venvboot.errors import UsageError, VenvbootError
from venvboot.facts import architecture, described, image
from venvboot.model import Finding, Outcome, Record, Seal, Severity, canonical
from venvboot.model.sbom import Base, Inventory
from venvboot.policy import moment, sbom
from venvboot.system import System

STDOUT = "-"
MODE = 0o644
LIMIT = 64 << 20  # bytes
ASKED_MODE = 0o600


def place(arguments: argparse.Namespace, system: System) -> str:
    """Return where the document goes, an absolute path or ``-``.

    Raises UsageError where stdout is wanted for two things, and VenvbootError for a place that can't be written or
    holds something else.
    """
    if arguments.sbom == STDOUT:
        if arguments.json:
            raise UsageError("--sbom - and --json both want stdout", "name a file: --sbom sbom.cdx.json --json")
        return STDOUT
    path = posixpath.abspath(str(arguments.sbom))
    folder, info = posixpath.dirname(path), system.status(path)
    if not system.is_directory(folder):
        raise VenvbootError(
            _not_written(path, f"there is no folder {folder}", f"mkdir -p {shlex.quote(folder)} before this RUN")
        )
    if info and not stat.S_ISREG(info.st_mode):
        kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link, which would be replaced and not followed"}
        why = f"it is {kinds.get(stat.S_IFMT(info.st_mode), 'a device or a pipe')}"
        raise VenvbootError(_not_written(path, why, "name a file: --sbom sbom.cdx.json; or - for stdout"))
    if not system.may_write(folder):
        why = f"user {system.uid} may not write into {folder}, or it is mounted read-only"
        raise VenvbootError(_not_written(path, why, "name a file in a folder that this user may write"))
    if info and info.st_size and not _is_sbom(_present(system, path)):
        raise VenvbootError(
            _not_written(path, "what is there is no CycloneDX document", f"rm {shlex.quote(path)}, or name another")
        )
    return path


def added(context: Context, record: Record, kept: Kept, path: str, done: Outcome) -> Outcome:
    """Return ``done`` with the document in its place; one that says the same at another time stays as it is."""
    system, report = context.system, context.report
    found, strange = inventory(system, record, kept)
    findings = (*done.findings, *map(sbom.not_described, strange))
    told = moment.epoch(system.environ)
    now = _time(int(time.time()) if told is None else told)
    if path == STDOUT:
        return replace(done, findings=findings, product=sbom.text(found, now))
    before = _present(system, path) or ""
    text = sbom.text(found, (sbom.timestamp_of(before) if told is None else "") or now)
    if text == before:
        return replace(done, findings=findings)
    is_inside = path.startswith(f"{record.dest}/") and not record.direct
    text = sbom.text(found, now)
    mode = SMALL_FILE_MODE if is_inside and record.seal is Seal.OPEN else MODE
    system.write(path, text.encode(), mode, record.dest if is_inside else "")
    report.say(f"{path}: the SBOM of {record.dest}, {len(found.distributions)} distributions and their Python")
    return replace(done, findings=findings, trees=(*done.trees, path))


def inventory(system: System, record: Record, kept: Kept) -> Tuple[Inventory, Tuple[str, ...]]:
    """Return what is in the environment, and the metadata folders there that describe nothing.

    Raises ToolFailed where its Python can't be asked, and Unsupported where its base is gone.
    """
    distributions, strange = described.read(system, record)
    asked = {
        "requires": {canonical(one.name): list(one.requires) for one in reversed(distributions)},
        "expressions": sorted({one.expression for one in distributions if one.expression}),
    }
    path = posixpath.join(kept.folder, "distributions.json")
    system.write(path, json.dumps(asked).encode(), ASKED_MODE)
    told = kept.tools.ask("sbom_target.py", {"path": path}, f"reading what is required in {record.dest}")
    found = Inventory(
        record.dest,
        __version__,
        _base(system, record),
        distributions,
        record.locks,
        {name: tuple(others) for name, others in told["depends"].items()},
        told["expressions"],
    )
    return found, strange


def _base(system: System, record: Record) -> Base:
    """Return the Python that stands there now: a package may have been upgraded since the record was written."""
    found = judged.at(system, record.base_path)
    probe, owner = found.facts.probe, found.origin.owner
    release = image.read(system).os_release
    return Base(
        found.real_path,
        system.digest(found.real_path) or "",
        probe.version_text if probe else record.base_version,
        probe.implementation if probe else record.implementation,
        found.origin,
        (release.get("ID", ""), release.get("VERSION_ID", "")),
        architecture.of(system, owner) if owner else "",
    )


def _present(system: System, path: str) -> Optional[str]:
    """Return the text of an ordinary file that is there."""
    if system.is_link(path):
        return None
    try:
        return system.read_whole(path, LIMIT).decode("utf-8", "replace")
    except OSError:
        return None


def _is_sbom(text: Optional[str]) -> bool:
    if text is None:
        return True
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("bomFormat") == "CycloneDX"


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _not_written(path: str, why: str, hint: str) -> Finding:
    return Finding("not-written", Severity.ERROR, path, f"the SBOM {path} can't be written", why, hint)
