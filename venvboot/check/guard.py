"""The base interpreter still refuses pip: marker and diversion are in place."""

from __future__ import annotations

from typing import List, Optional, Sequence

from venvboot.facts.owners import dpkg
from venvboot.model import Finding, Record, RecordedFile, Severity
from venvboot.policy import marker, pip_conf
from venvboot.policy.elsewhere import serves_another
from venvboot.policy.files import GUARDS
from venvboot.system import System


def check(system: System, record: Record) -> Optional[Sequence[Finding]]:
    """Return the faults, None where the environment was made without a guard."""
    if not record.guarded:
        return None
    findings: List[Finding] = []
    hint = f"`venvboot init {record.dest}` as root writes it again"
    for file in record.files:
        if file.purpose in GUARDS and not _still_ours(system, record, file):
            state = "is gone" if system.status(file.path) is None else "has another text"
            open_again = f"pip may install into {record.base_path} again"
            evidence = f"{file.path} {state}"
            if file.purpose == marker.PURPOSE:
                findings.append(Finding("marker-gone", Severity.ERROR, file.path, open_again, evidence, hint))
            else:
                findings.append(Finding("pip-conf-gone", Severity.ERROR, file.path, open_again, evidence, hint))
    away = dpkg.diverted(system)
    findings.extend(
        Finding(
            "diversion-gone",
            Severity.ERROR,
            diversion.path,
            f"the next upgrade of the distro's Python would overwrite {diversion.path}",
            "dpkg no longer diverts it",
            hint,
        )
        for diversion in record.diversions
        if away.get(diversion.path) != diversion.diverted_to
    )
    return findings


def _still_ours(system: System, record: Record, file: RecordedFile) -> bool:
    """A text of ours guards as well when it names another environment of the image."""
    if system.digest(file.path) == file.sha256:
        return True
    text = system.read_text(file.path, 4096) or ""
    if file.purpose == pip_conf.PURPOSE:
        return serves_another(text, pip_conf.text)
    return serves_another(text, lambda dest: marker.text(dest, record.origin.owner))
