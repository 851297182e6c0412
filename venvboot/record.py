"""The record ``<venv>/venvboot.json`` as text: written last, so an environment without one isn't whole.

Read back as hostile input: any member of the group may have written it.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any, Dict, Mapping, Optional

from venvboot.model import Lock, Origin, Record, RecordedException, RecordedFile, Seal, SystemPackage

SCHEMA = "venvboot-record/1"
NAME = "venvboot.json"

# Stands in DEST while the environment is being made; renamed to NAME at the very end.
HALF_MADE_NAME = "venvboot.json.unfinished"
SIZE_LIMIT = 1 << 20


def dump(record: Record) -> str:
    """Return the record's JSON text: sorted keys, no times, so that equal promises are equal bytes."""
    return json.dumps(as_dict(record), indent=1, sort_keys=True) + "\n"


def as_dict(record: Record) -> Dict[str, Any]:
    owner = record.origin.owner
    return {
        "schema": SCHEMA,
        "tool_version": record.tool_version,
        "dest": record.dest,
        "base": {
            "path": record.base_path,
            "sha256": record.base_sha256,
            "version": record.base_version,
            "implementation": record.implementation,
            "library_path": record.library_path,
        },
        "direct": record.direct,
        "origin": {
            "kind": record.origin.kind,
            "label": record.origin.label,
            "managed": record.origin.managed,
            "owner": owner and {"manager": owner.manager, "package": owner.package, "version": owner.version},
        },
        "group": record.group,
        "activations": list(record.activations),
        "guarded": record.guarded,
        "files": [{"path": f.path, "sha256": f.sha256, "purpose": f.purpose} for f in record.files],
        "system_site_packages": record.system_site_packages,
        "exceptions": [asdict(one) for one in record.exceptions],
        "locks": [{**asdict(lock), "pins": dict(lock.pins)} for lock in record.locks],
        "synced": record.synced,
        "seal": {"state": record.seal.value, "taken": list(record.taken)},
    }


def load(text: str) -> Optional[Record]:
    """Return the record in ``text``, None when it isn't one this version can read."""
    try:
        told = json.loads(text)
        return _record(told) if told["schema"] == SCHEMA else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _record(told: Mapping[str, Any]) -> Record:
    origin, owner = told["origin"], told["origin"]["owner"]
    return Record(
        tool_version=_text(told["tool_version"]),
        dest=_path(told["dest"]),
        base_path=_path(told["base"]["path"]),
        base_sha256=_text(told["base"]["sha256"]),
        base_version=_version(told["base"]["version"]),
        origin=Origin(
            _text(origin["kind"]),
            _text(origin["label"]),
            origin["managed"] is True,
            None if owner is None else _package(owner),
        ),
        group=_number(told["group"]),
        activations=tuple(_text(name) for name in told["activations"]),
        guarded=told["guarded"] is True,
        files=tuple(RecordedFile(_path(f["path"]), _text(f["sha256"]), _text(f["purpose"])) for f in told["files"]),
        locks=tuple(_lock(one) for one in told["locks"]),
        implementation=_implementation(told["base"]["implementation"]),
        direct=told["direct"] is True,
        system_site_packages=told["system_site_packages"] is True,
        exceptions=tuple(exception(one) for one in told["exceptions"]),
        library_path=_folders(told["base"]["library_path"]),
        synced=_text(told["synced"]),
        **_sealing(told.get("seal")),
    )


def _sealing(told: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    """Return what is said of a seal; before there were any, records said nothing."""
    if told is None:
        return {}
    return {"seal": Seal(told["state"]), "taken": tuple(_text(name) for name in told["taken"])}


def _lock(told: Mapping[str, Any]) -> Lock:
    """A record that was written before locks had paths and pins has the file's name alone."""
    digest, pins = _text(told["sha256"]), told.get("pins", {})
    if not isinstance(pins, dict):
        raise TypeError
    pinned = tuple((_text(name), _text(version)) for name, version in sorted(pins.items()))
    path = _text(told["path"] if "path" in told else told["name"])
    return Lock(path, digest, told["hashes"] is True, pinned, told.get("parent") is True)


def _package(owner: Mapping[str, Any]) -> SystemPackage:
    return SystemPackage(_text(owner["manager"]), _text(owner["package"]), _text(owner["version"]))


def exception(told: Mapping[str, Any]) -> RecordedException:
    """Return one recorded exception. Raises KeyError or TypeError for what is none."""
    return RecordedException(
        **{name: _text(told[name]) for name in ("name", "version", "kind", "reason", "evidence")}
    )


def _text(value: Any) -> str:
    """One line and nothing else: it is printed in a log, where it could forge another."""
    if not isinstance(value, str) or not value.isprintable():
        raise TypeError
    return value


def _version(value: Any) -> str:
    """Part of the path of site-packages, so numbers and nothing else."""
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", _text(value)):
        raise ValueError
    return str(value)


def _implementation(value: Any) -> str:
    """Part of that path as well."""
    if not re.fullmatch(r"[a-z]+", _text(value)):
        raise ValueError
    return str(value)


def _folders(value: Any) -> str:
    """An empty entry of LD_LIBRARY_PATH would be the working directory."""
    if value != "" and any(_path(folder) == "/" for folder in _text(value).split(":")):
        raise ValueError
    return str(value)


def _path(value: Any) -> str:
    if not _text(value).startswith("/") or "/../" in value + "/":
        raise ValueError
    return str(value)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < (1 << 32) - 1:
        raise TypeError
    return value
