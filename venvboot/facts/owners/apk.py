"""apk's database: a text file with a stanza for each package, its fields one letter and a colon (apk-package(5)).

Of a package's files ``F:`` opens a folder, ``R:`` is a name in it and ``Z:`` its checksum, as apk-tools writes them.
Virtual packages, such as ``.python-rundeps``, have none.
"""

from __future__ import annotations

import base64
import re
from typing import Collection, Iterator, Optional, Tuple

from venvboot.facts.owners.paths import Sought, wanted
from venvboot.facts.owners.reading import Listed, OwnedFiles, Reader, stanzas, text
from venvboot.model import Owners, SystemPackage
from venvboot.system import System

NAME = "apk"
PLACES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
SHORT = 20

_NO_FIELD = re.compile(rb"^(?!.:|$)", re.MULTILINE)
_HEAD = re.compile(rb"^([PVf]):(.*)$", re.MULTILINE)
_FILE = re.compile(
    rb"^(?:F:(?P<folder>.*)|R:(?P<name>.*)(?:\na:(?P<access>.*))?(?:\nZ:(?P<checksum>.*))?)$", re.MULTILINE
)
# apk writes this mode for links.
_LINK = re.compile(rb"[0-9]+:[0-9]+:0?777(?![0-9])")


def present(system: System) -> bool:
    return not all(map(system.is_absent, PLACES))


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owners of ``paths``; of a link it is not told whether it is altered."""
    reader = Reader(system, NAME)
    names = wanted(system, paths)
    # A link's checksum is that of the name it leads to.
    links = {name for name, meant in names.items() if any(map(system.is_link, meant))}
    listed = _listed(reader, {b"R:" + name.rpartition(b"/")[2] for name in names}, of_links=True)
    return reader.owners(names, (entry._replace(digest=None) if entry.path in links else entry for entry in listed))


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that are ``sought``; a link has no digest."""
    reader = Reader(system, NAME)
    words = {word.rstrip(b"/") for word in sought.words}  # folders have no slash at their end
    return reader.files(sought, _listed(reader, words, of_links=False), digests=digests)


def _listed(reader: Reader, words: Collection[bytes], *, of_links: bool) -> Iterator[Listed]:
    """Give the files of the packages of which any of ``words`` is to be read; the digests ``of_links`` if asked."""
    # Of merged-/usr both places are one file.
    for place in {reader.system.realpath(place): place for place in PLACES}.values():
        content = reader.whole_lines(place)
        if _NO_FIELD.search(content):
            reader.doubt(place, "a line that is no field")
        for stanza in stanzas(content):
            if any(word in stanza for word in words):
                yield from _files(stanza, of_links=of_links)


def _files(stanza: bytes, *, of_links: bool) -> Iterator[Listed]:
    head = dict(_HEAD.findall(stanza))
    package = SystemPackage(NAME, text(head.get(b"P", b"")), text(head.get(b"V", b"")))
    algorithm = "sha256" if b"S" in head.get(b"f", b"") else "sha1"
    folder = b""
    for match in _FILE.finditer(stanza):
        if match["name"] is None:
            folder = b"/" + match["folder"] if match["folder"] else b""
        else:
            has_none = not of_links and _LINK.match(match["access"] or b"")
            digest = None if has_none else _digest(match["checksum"], algorithm)
            yield Listed(folder + b"/" + match["name"], package, digest)


def _digest(checksum: Optional[bytes], algorithm: str) -> Optional[Tuple[str, str]]:
    """Return the digest of ``Q1`` and 20 bytes in base64: SHA-1 or, in a package with flag S, SHA-256 cut short."""
    if not checksum or not checksum.startswith(b"Q1"):
        return None
    try:
        digest = base64.b64decode(checksum[2:], validate=True)
    except ValueError:
        return None
    return (algorithm, digest.hex()) if len(digest) == SHORT else None
