"""What the metadata of an installed distribution says, as hostile input: any member of the group may have written it.

https://packaging.python.org/en/latest/specifications/core-metadata/, and for where it came from PEP 610.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from venvboot.model.sbom import Described, Source
from venvboot.redact import one_line

LONGEST = 500  # characters of a text
LONGEST_WORD = 200  # characters of a name, a version or a licence's name
MOST = 1000  # requirements

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_VCS = re.compile(r"[a-z]+\Z")
_COMMIT = re.compile(r"[0-9A-Za-z.:@_-]+\Z")
# What RFC 3986 lets stand in an address.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LICENCE = "License :: "
_NO_LICENCES = ("License", "OSI Approved")

# Label (https://packaging.python.org/en/latest/specifications/well-known-project-urls/) -> CycloneDX's type
LINKS: Mapping[str, str] = {
    "homepage": "website",
    "source": "vcs",
    "repository": "vcs",
    "sourcecode": "vcs",
    "github": "vcs",
    "documentation": "documentation",
    "docs": "documentation",
    "changelog": "release-notes",
    "changes": "release-notes",
    "releasenotes": "release-notes",
    "issues": "issue-tracker",
    "bugtracker": "issue-tracker",
    "issuetracker": "issue-tracker",
    "tracker": "issue-tracker",
}


def headers(text: str) -> Dict[str, List[str]]:
    """Return the fields above the first empty line, name in lower case -> values; lines of one are joined."""
    found: Dict[str, List[str]] = {}
    last: Optional[List[str]] = None
    for line in text.split("\n"):
        if not line.strip("\r"):
            break
        if line[0] in " \t":
            if last:
                last[-1] += "\n" + line.strip()
            continue
        name, _, value = line.partition(":")
        last = found.setdefault(name.strip().lower(), [])
        last.append(value.strip())
    return found


def described(told: Mapping[str, Sequence[str]]) -> Optional[Described]:
    """Return what the fields say, None without a name and a version that a distribution can have."""
    name, version = _first(told, "name"), _first(told, "version")
    if not (NAME.match(name) and VERSION.match(version) and max(len(name), len(version)) <= LONGEST_WORD):
        return None
    expression = _first(told, "license-expression")
    return Described(
        name,
        version,
        summary=_known(_first(told, "summary"))[:LONGEST],
        author=_known(_first(told, "author") or _first(told, "author-email").partition("<")[0]).strip('"')[
            :LONGEST_WORD
        ],
        expression=expression if len(expression) <= LONGEST else "",
        licences=_licences(told),
        links=_links(told),
        requires=tuple(map(one_line, told.get("requires-dist", ())[:MOST])),
    )


def source(text: str) -> Optional[Source]:
    """Return what a direct_url.json says, None for what is none; of an archive's digests only sha256 counts."""
    try:
        told = json.loads(text, parse_int=str, parse_float=str)
        url = address(str(told["url"]))
        if "vcs_info" in told:
            info = told["vcs_info"]
            vcs, commit = str(info["vcs"]), str(info["commit_id"])
            return Source("vcs", url, vcs, commit) if _VCS.match(vcs) and _COMMIT.match(commit) else None
        if "archive_info" in told:
            return Source("archive", url, sha256=_sha256(told["archive_info"]))
        return Source("folder", editable=told["dir_info"].get("editable") is True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def address(url: str) -> str:
    """Return an address on the network without credentials and what follows the path; empty for another.

    A query can hold a token. ``git`` is the name that every user of a host has.
    """
    try:
        parts = urlsplit(url)
        user, _, host = parts.netloc.rpartition("@")
    except ValueError:
        return ""
    if not host or parts.scheme == "file":
        return ""
    plain = f"{parts.scheme}://{'git@' if user == 'git' else ''}{host}{parts.path}"
    return plain if _is_address(plain) else ""


def _sha256(info: Mapping[str, Any]) -> str:
    hashes = info.get("hashes")
    word = str(hashes.get("sha256", "")) if isinstance(hashes, dict) else ""
    word = word or str(info.get("hash", "")).partition("sha256=")[2]
    return word if _SHA256.match(word) else ""


def _licences(told: Mapping[str, Sequence[str]]) -> Tuple[str, ...]:
    """Return what a field of one line and the classifiers call it; a whole text of a licence is no name."""
    field = told.get("license", [""])[0]
    named = "" if "\n" in field or len(field) > LONGEST_WORD else _known(one_line(field))
    classified = [one for one in told.get("classifier", ()) if one.startswith(_LICENCE) and len(one) <= LONGEST_WORD]
    names = (one_line(one).rpartition(" :: ")[2] for one in classified)
    return tuple(dict.fromkeys(name for name in (named, *names) if name and name not in _NO_LICENCES))


def _links(told: Mapping[str, Sequence[str]]) -> Tuple[Tuple[str, str], ...]:
    pairs = [("homepage", url) for url in told.get("home-page", ())]
    pairs += [(label, url) for one in told.get("project-url", ()) for label, _, url in [one.partition(",")]]
    types = [(LINKS.get(re.sub(r"[^a-z]", "", label.lower())), url.strip()) for label, url in pairs]
    plain = [(kind, address(url)) for kind, url in types if kind and url.startswith(("https://", "http://"))]
    return tuple(sorted({(kind, url) for kind, url in plain if url and len(url) <= LONGEST}))


def _is_address(text: str) -> bool:
    return bool(_ADDRESS.match(text)) and not _BAD_ESCAPE.search(text)


def _first(told: Mapping[str, Sequence[str]], name: str) -> str:
    return one_line(" ".join(told.get(name, [""])[0].split()))


def _known(text: str) -> str:
    """Return a text, empty for the word that old tools write where there is none."""
    return "" if text.upper() == "UNKNOWN" else text.strip()
