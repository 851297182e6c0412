"""What a base interpreter that isn't the recorded one means for its environment: nothing much, or its end."""

from __future__ import annotations

from venvboot.model import Finding, Record, Seal, Severity


def is_of_another_minor(record: Record, version: str) -> bool:
    """Tell whether the environment's packages are in no folder that this ``version`` looks into."""
    return version.split(".")[:2] != record.base_version.split(".")[:2]


def moved(record: Record, evidence: str, other: str = "") -> Finding:
    """Return the finding for a base that is gone or of another minor version; ``other`` is this image's Python."""
    dest, anew = record.dest, f"rm -rf {record.dest} && venvboot init {record.dest}"
    return Finding(
        "interpreter-moved",
        Severity.ERROR,
        record.base_path,
        f"{record.base_path}, the base interpreter of {dest}, is not what the environment was made from",
        f"{evidence}; PATH leads to {other}" if other else evidence,
        f"where {dest} was copied from another stage, take the same base image for both; else build it anew: {anew}"
        if other
        else f"build the environment anew: {anew}",
    )


def of_version(record: Record, version: str) -> Finding:
    """Return the finding for a base of another minor version."""
    return moved(record, f"it was Python {record.base_version} and is Python {version}")


def replaced(record: Record, version: str) -> Finding:
    """Return the note of a base with other bytes and the same minor version."""
    return Finding(
        "interpreter-replaced",
        Severity.NOTE,
        record.base_path,
        f"{record.base_path} has been replaced since {record.dest} was made; the environment goes on working",
        f"it was Python {record.base_version} and is {version}, with other bytes",
        f"`venvboot init {record.dest}` records it"
        if record.seal is Seal.OPEN
        else "build the image anew, or leave it: nothing of what is sealed is changed",
    )
