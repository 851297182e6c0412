"""The JSON of every verb: one object, schema ``venvboot/1``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Dict, Optional

from venvboot import record
from venvboot.actions import Action, Plan, WriteRecord
from venvboot.model import Changes, Finding, ImageConfig, Interpreter, Outcome
from venvboot.redact import without_secrets

SCHEMA = "venvboot/1"


def envelope(command: Optional[str], outcome: Outcome) -> str:
    """Return the whole object as text; ``status`` is the outcome's name, its number is the exit status."""
    return (
        json.dumps(
            {
                "schema": SCHEMA,
                "command": command,
                "status": outcome.status.name.lower(),
                "findings": [finding(found) for found in outcome.findings],
                **outcome.data,
            },
            indent=1,
        )
        + "\n"
    )


def finding(found: Finding) -> Dict[str, str]:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "subject": found.subject,
        "message": without_secrets(found.message),
        "evidence": without_secrets(found.evidence),
        "hint": without_secrets(found.hint),
    }


def interpreter(found: Interpreter) -> Dict[str, Any]:
    """Return all that is known of an interpreter; the version of one that doesn't start is null."""
    candidate, owner = found.facts.candidate, found.origin.owner
    return {
        "path": candidate.path,
        "real_path": candidate.real_path,
        "names": list(candidate.names),
        "version": found.facts.probe.version_text if found.facts.probe else None,
        "implementation": found.facts.probe.implementation if found.facts.probe else None,
        "first_on_path": candidate.first_on_path,
        "origin": {
            "kind": found.origin.kind,
            "label": found.origin.label,
            "managed": found.origin.managed,
            "owner": asdict(owner) if owner else None,
        },
        "strategy": found.strategy.value,
        "direct": found.direct,
        "base_path": found.base_path or None,
        "refusal": finding(found.refusal) if found.refusal else None,
        "warnings": [finding(one) for one in found.warnings],
        "evidence": [{"source": e.source, "fact": e.fact, "weight": e.weight.value} for e in found.evidence],
    }


def plan(made: Plan) -> Dict[str, Any]:
    return {"actions": [action(one) for one in made.actions], "image_config": image_config(made.image_config)}


def action(one: Action) -> Dict[str, Any]:
    if isinstance(one, WriteRecord):
        return {"type": one.type, "record": record.as_dict(one.record)}
    told = asdict(one)
    return {"type": told.pop("type"), **told}


def image_config(config: ImageConfig) -> Dict[str, Any]:
    return {
        "variables": dict(config.variables),
        "path_prefix": config.path_prefix,
        "library_path": config.library_path,
    }


def changes(made: Changes) -> Dict[str, Any]:
    return {
        "add": dict(made.add),
        "remove": dict(made.remove),
        "change": {name: {"from": before, "to": after} for name, (before, after) in made.change.items()},
    }
