"""xbps's database: property lists, one of all packages and one of each package's files, as proplib(3) writes them.

In ``.PACKAGE-files.plist`` the arrays ``files``, ``conf_files``, ``links`` and ``dirs`` have a dictionary for each
entry, with ``file`` and, of a file, ``sha256``, of a link, ``target`` (xbps-create(1)); ``pkgdb-*.plist`` has the
versions, and ``metafile-sha256`` for each package that has files.
"""

from __future__ import annotations

import re
from typing import Collection, Dict, Iterator, Mapping

from venvboot.facts.owners.paths import Sought, wanted
from venvboot.facts.owners.reading import Listed, OwnedFiles, Reader, stands, text
from venvboot.model import Owners, SystemPackage
from venvboot.system import System

NAME = "xbps"
FOLDER = "/var/db/xbps"
FILES = "-files.plist"
REFERENCES = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"))

# Not plistlib: one number or one tag of some megabytes can keep int() and older releases of expat busy for hours, and
# proplib writes each string in one way.
_WORD = re.compile(rb"<key>(file|sha256|target)</key>\s*<string>([^<]*)</string>|</dict>")
_VERSION = re.compile(rb"<key>pkgver</key>\s*<string>([^<]*)-([^<-]*)</string>")
_HAS_FILES = b"<key>metafile-sha256</key>"
_END = b"</plist>"


def present(system: System) -> bool:
    return stands(system, FOLDER)


def owners_of(system: System, paths: Collection[str]) -> Owners:
    """Return the owners of ``paths``; that packages have files and no list of them is a doubt."""
    reader = Reader(system, NAME)
    names = wanted(system, paths)
    return reader.owners(names, _listed(reader, {_escaped(name) for name in names}))


def files_in(system: System, sought: Sought, *, digests: bool = False) -> OwnedFiles:
    """Return the files that are ``sought``."""
    reader = Reader(system, NAME)
    return reader.files(sought, _listed(reader, sought.words), digests=digests)


def _listed(reader: Reader, words: Collection[bytes]) -> Iterator[Listed]:
    """Give the files of the packages of which any of ``words`` is to be read."""
    names = reader.names(FOLDER)
    lists = [name for name in names if name.startswith(".") and name.endswith(FILES)]
    versions = _versions(reader, names, lists)
    for name in lists:
        content = _plist(reader, name)
        if any(word in content for word in words):
            package = name[1 : -len(FILES)]
            yield from _files(content, SystemPackage(NAME, package, versions.get(package, "")))


def _versions(reader: Reader, names: Collection[str], lists: Collection[str]) -> Mapping[str, str]:
    versions: Dict[str, str] = {}
    for name in names:
        if name.startswith("pkgdb-") and name.endswith(".plist"):
            content = _plist(reader, name)
            versions.update({text(package): text(version) for package, version in _VERSION.findall(content)})
            missing = content.count(_HAS_FILES) - len(lists)
            if missing > 0:
                reader.doubt(FOLDER, f"no list of the files of {missing} installed packages")
    return versions


def _plist(reader: Reader, name: str) -> bytes:
    content = reader.read(f"{FOLDER}/{name}")
    if not content.rstrip().endswith(_END):
        reader.doubt(f"{FOLDER}/{name}", "no whole property list")
    return content


def _files(content: bytes, package: SystemPackage) -> Iterator[Listed]:
    entry: Dict[bytes, bytes] = {}
    for match in _WORD.finditer(content):
        if match[1]:
            entry[match[1]] = match[2]
            continue
        # A folder has neither.
        if b"file" in entry and (b"sha256" in entry or b"target" in entry):
            digest = entry.get(b"sha256")
            yield Listed(_unescaped(entry[b"file"]), package, ("sha256", text(digest)) if digest else None)
        entry.clear()


def _escaped(string: bytes) -> bytes:
    for character, reference in REFERENCES:
        string = string.replace(character, reference)
    return string


def _unescaped(string: bytes) -> bytes:
    for character, reference in reversed(REFERENCES):
        string = string.replace(reference, character)
    return string
