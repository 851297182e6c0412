"""A software bill of materials: https://cyclonedx.org/docs/1.6/json/

Of 1.6: it has ``acknowledgement``, which tells that a licence is what the author declares and nobody has found; and
1.7 is refused by Dependency-Track and Trivy of early 2026.
"""

from __future__ import annotations

import json
import re
import shlex
import uuid
from typing import Any, Dict, Iterable, List, Mapping, Optional, Set
from urllib.parse import quote

from venvboot.model import Finding, Lock, Severity, canonical
from venvboot.model.sbom import Base, Described, Inventory
from venvboot.policy import purl

SPEC = "1.6"
SCHEMA = f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json"
ENVIRONMENT, PYTHON = "environment", "python"  # a reference to a distribution has a version in it
PREFIX = "venvboot:"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)
# As the product is known in the National Vulnerability Database; a distro's has its own fixes.
_CPE = "cpe:2.3:a:python:python:{}:*:*:*:*:*:*:*"
_FINAL = re.compile(r"[0-9.]+\Z", re.ASCII)

Json = Dict[str, Any]


def text(told: Inventory, timestamp: str) -> str:
    """Return the document; equal facts at equal times are equal bytes, and of one serial number."""
    document = _document(told, timestamp)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))
    head = {"$schema": SCHEMA, "bomFormat": "CycloneDX", "specVersion": SPEC, "serialNumber": f"urn:uuid:{serial}"}
    return json.dumps({**head, **document}, indent=1) + "\n"


def timestamp_of(document: str) -> str:
    """Return the time that a document says it was made at, empty for what is none of ours."""
    try:
        told = json.loads(document)["metadata"]["timestamp"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return told if isinstance(told, str) and _TIME.match(told) else ""


def not_described(path: str) -> Finding:
    return Finding(
        "name-not-valid",
        Severity.WARNING,
        path,
        f"{path} is not in the SBOM: it is no metadata of a distribution",
        "it has no name and version that one can have; whoever is in the environment's group can write there",
        f"remove it: rm -rf {shlex.quote(path)}",
    )


def _document(told: Inventory, timestamp: str) -> Json:
    environment = {
        "type": "application",
        "bom-ref": ENVIRONMENT,
        "name": told.dest,
        "description": "an environment of Python",
        "properties": [one for lock in told.locks for one in _lock(lock)],
    }
    return {
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "tools": {"components": [{"type": "application", "name": "venvboot", "version": told.tool}]},
            "component": environment,
        },
        "components": [_base(told.base), *(_distribution(one, told.expressions) for one in told.distributions)],
        "dependencies": _dependencies(told),
        # The libraries that the Python itself needs are the distro's, and aren't told.
        "compositions": [{"aggregate": "incomplete", "dependencies": [PYTHON]}],
    }


def _base(base: Base) -> Json:
    """Return the base's component.

    An application and no platform, though it is one: Syft, and so Grype, takes no package from a platform.
    """
    owner = base.origin.owner
    altered = base.origin.kind == "altered"
    of_package: Json = {"name": owner.package, "version": owner.version} if owner else {}
    component: Json = {
        "type": "application",
        "bom-ref": PYTHON,
        **(of_package if owner and not altered else {"name": "python", "version": base.version}),
        "description": "the Python that the environment is made from",
        # The digest is the file's: a package has one of its own.
        "components": [_without_empty({"type": "file", "name": base.path, "hashes": _hashes(base.sha256)})],
    }
    component["purl"] = purl.of_base(base)
    if not owner and base.implementation == "cpython" and _FINAL.match(base.version):
        component["cpe"] = _CPE.format(base.version)
    if altered:
        ancestor = {"type": "application", **of_package}
        component["pedigree"] = {"ancestors": [ancestor], "notes": "its bytes are not those that the package brought"}
    component["properties"] = [
        _property("origin", base.origin.kind),
        _property("python", f"{base.implementation} {base.version}"),
        *([_property("package-manager", owner.manager)] if owner else []),
    ]
    return _without_empty(component)


def _lock(lock: Lock) -> List[Json]:
    found = [_property(f"lock:{lock.name}", f"sha256:{lock.sha256}")]
    return found if lock.hashes else [*found, _property("synced-without-hashes", lock.name)]


def _distribution(one: Described, expressions: Mapping[str, str]) -> Json:
    found, source = purl.of_distribution(one), one.source
    links = [*one.links, *([("vcs" if source.kind == "vcs" else "distribution", source.url)] if source else [])]
    references: List[Json] = [{"type": kind, "url": url} for kind, url in links if url]
    references += [{"type": "bom", "url": f"file://{quote(p)}", "hashes": _hashes(digest)} for p, digest in one.sboms]
    whole = {
        "type": "library",
        "bom-ref": one.ref,
        "name": one.name,
        "version": one.version,
        "description": one.summary,
        "authors": [{"name": one.author}] if one.author else [],
        "hashes": _hashes(source.sha256) if source else [],
        "licenses": _licences(one, expressions),
        "purl": found,
        "externalReferences": references,
        "properties": _origin(one),
    }
    return _without_empty(whole)


def _without_empty(whole: Json) -> Json:
    return {key: value for key, value in whole.items() if value}


def _origin(one: Described) -> List[Json]:
    source = one.source
    if source is None:
        return []
    commit = [_property("commit", source.commit)] if source.commit else []
    return [_property("source", source.kind), *commit, *([_property("editable", "true")] if source.editable else [])]


def _licences(one: Described, expressions: Mapping[str, str]) -> List[Json]:
    """Return a valid expression of SPDX, else names: one that isn't valid is no more than that."""
    valid = expressions.get(one.expression, "")
    if valid:
        return [{"expression": valid, "acknowledgement": "declared"}]
    names = dict.fromkeys((*filter(None, (one.expression,)), *one.licences))
    return [{"license": {"name": name, "acknowledgement": "declared"}} for name in names]


def _dependencies(told: Inventory) -> List[Json]:
    """Return what each needs; the environment needs whatever nothing else in it does."""
    refs: Dict[str, List[str]] = {}
    for one in told.distributions:
        refs.setdefault(canonical(one.name), []).append(one.ref)
    needs = {name: [other for other in told.depends.get(name, ()) if other in refs] for name in refs}
    top = [ref for name in _tops(needs) for ref in refs[name]]
    found = [(ENVIRONMENT, [PYTHON, *top]), (PYTHON, [])]
    found += [(ref, [r for other in needs[name] for r in refs[other]]) for name in sorted(refs) for ref in refs[name]]
    return [{"ref": ref, **({"dependsOn": others} if others else {})} for ref, others in found]


def _tops(needs: Mapping[str, Iterable[str]]) -> List[str]:
    """Return the names from which all can be reached: what nothing needs, and one of each circle that is left."""
    needed = {other for name, others in needs.items() for other in others if other != name}
    tops: List[str] = []
    reached: Set[str] = set()
    for name in (*sorted(needs.keys() - needed), *sorted(needed)):
        if name not in reached:
            tops.append(name)
            waiting = [name]
            while waiting:
                one = waiting.pop()
                if one not in reached:
                    reached.add(one)
                    waiting.extend(needs[one])
    return sorted(tops)


def _hashes(sha256: Optional[str]) -> List[Json]:
    return [{"alg": "SHA-256", "content": sha256}] if sha256 else []


def _property(name: str, value: str) -> Json:
    return {"name": PREFIX + name, "value": value}
