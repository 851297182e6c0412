"""The members of a wheel, read within bounds and only if they can be unpacked as they say.

Form as in "Binary distribution format" and "Recording installed projects" of the Python Packaging User Guide.
"""

from __future__ import annotations

import csv
import os
import posixpath
import re
import stat
import struct
import zipfile
from typing import Dict, Iterable, List, NoReturn, Set, Tuple

from venvboot.errors import WheelNotValid
from venvboot.facts.entry_points import broken_line, commands, made
from venvboot.model import canonical

MOST_ENTRIES = 200_000  # the largest wheels have some 20,000
MEMBER_LIMIT = 8 << 20  # bytes
RECORD_LIMIT = 64 << 20  # bytes
LONGEST_NAME = 255  # bytes: of one file or folder (Linux, NAME_MAX)
DEEPEST = 100  # folders in one another
LONGEST_PATH = 3072  # bytes: with the folder that it is unpacked to, less than PATH_MAX
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of the others zipfile can't bound what a few bytes become

# Of a thousand wheels the one that grows most grows tenfold. A bomb of zeros grows by a thousand.
MOST_GROWTH = 100
HARMLESS = 256 << 20  # bytes

INFO = ".dist-info"
EXTRA_HEAD = struct.Struct("<HH")
CLAIMS = (".egg-info", ".egg-link", ".egg")
UNICODE_PATH = 0x7075  # of the extra field of an entry (APPNOTE.TXT 4.6.9)
REQUIRED = ("METADATA", "WHEEL", "RECORD")
SCRIPTS = "scripts"
INSTALLERS_OWN = (SCRIPTS, "INSTALLER", "REQUESTED", "RECORD", "direct_url.json")
NOT_RECORDED = ("RECORD", "RECORD.jws", "RECORD.p7s")

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,254}[A-Za-z0-9])?\Z")
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
LINE_ENDS = {ord("\r"): None, ord("\n"): None}
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,254}\Z")


class WheelArchive:
    """The members of one archive, once their names are such that they can be unpacked. Raises WheelNotValid.

    ``size`` is how many bytes they say they are then.
    """

    def __init__(self, path: str, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self.size = sum(member.file_size for member in archive.infolist())
        self._members = self._checked(archive.infolist())
        self._info = self._metadata_folder()

    def refuse(self, why: str) -> NoReturn:
        raise WheelNotValid(self._path, why)

    def identity(self) -> Tuple[str, str]:
        """Return canonical name and version, those of METADATA, which the names of wheel and folder have to bear."""
        headers = re.split(r"(?:\A|\n)\r?\n", self._text("METADATA", MEMBER_LIMIT), maxsplit=1)[0]
        name, version = (self._header(headers, word, form) for word, form in (("Name", _NAME), ("Version", _VERSION)))
        file = posixpath.basename(self._path)
        if not canonical(file).startswith(f"{canonical(name)}-"):
            self.refuse(f"its METADATA says {name}, and {file} doesn't")
        # By this folder, and not by METADATA, everybody tells later what is installed.
        if canonical(self._info[: -len(INFO)]) != canonical(f"{name}-{version}"):
            self.refuse(f"its METADATA says {name} {version}, and {self._info} doesn't")
        form = re.search(r"^Wheel-Version:\s*([0-9]+)", self._text("WHEEL", MEMBER_LIMIT), re.MULTILINE)
        if form is None or form[1] != "1":
            self.refuse(f"its WHEEL says Wheel-Version {form[1] if form else '(none)'}, and installers know 1")
        return canonical(name), version

    def recorded(self) -> Tuple[str, ...]:
        """Return the names of all files; each has to stand in RECORD, but for that itself and its signatures.

        And nothing else may: an uninstall removes what stands there.
        """
        text = self._text("RECORD", RECORD_LIMIT, "strict")
        if _CONTROL.search(text.translate(LINE_ENDS)):
            self.refuse("its RECORD has characters that some readers take for the end of a line")
        listed: Set[str] = set()
        try:
            for number, row in enumerate(csv.reader(text.splitlines()), 1):
                if not row or number > MOST_ENTRIES:
                    self.refuse(f"its RECORD has an empty row or more than {MOST_ENTRIES}: row {number}")
                if row[0] in listed:
                    self.refuse(f"its RECORD lists a file twice: {_shown(row[0])}")
                listed.add(row[0])
        except csv.Error as error:
            self.refuse(f"its RECORD is no table: {error}")
        missing = sorted(self._members.keys() - listed - {f"{self._info}/{name}" for name in NOT_RECORDED})
        if missing:
            self.refuse(f"{len(missing)} files of it are not in its RECORD, the first {missing[0]}")
        others = sorted(listed - self._members.keys())
        if others:
            self.refuse(f"its RECORD lists {len(others)} files that it doesn't bring, the first {_shown(others[0])}")
        return tuple(self._members)

    def is_purelib(self) -> bool:
        """Tell whether what isn't among its data goes to purelib, and not to platlib."""
        found = re.search(r"^Root-Is-Purelib:\s*(\S+)", self._text("WHEEL", MEMBER_LIMIT), re.MULTILINE)
        return found is not None and found[1] == "true"

    def entry_points(self) -> Tuple[str, ...]:
        if f"{self._info}/entry_points.txt" not in self._members:
            return ()
        text = self._text("entry_points.txt", MEMBER_LIMIT, "strict")
        broken = broken_line(text)
        if broken:
            self.refuse(f"a line of its entry_points.txt is no entry: {_shown(broken)}")
        entries = commands(text)
        for name, called in entries:
            if "/" in name or "\\" in name or name in ("", ".", ".."):
                self.refuse(f"the name of a command is a path: {name}")
            if not _is_writable(name):
                self.refuse(f"the name of a command can't be that of a file: {_shown(name)}")
            if made(name, called) is None:
                self.refuse(f"installers make no command of an entry, or another one: {_shown(f'{name} = {called}')}")
        return tuple(name for name, _ in entries)

    def _checked(self, members: List[zipfile.ZipInfo]) -> Dict[str, zipfile.ZipInfo]:
        self._refuse_too_large(members)
        seen: Set[str] = set()
        files: Dict[str, zipfile.ZipInfo] = {}
        for member in members:
            name = member.orig_filename  # filename ends where that has a NUL
            # Another reader, as Python's own from 3.12 on, would unpack it under that name.
            if member.filename != name.partition("\0")[0] or UNICODE_PATH in _extra_fields(member.extra):
                self.refuse(f"an entry has two names: {_shown(name)}")
            folder = name.endswith("/")
            name = name[:-1] if folder else name
            parts = name.split("/")
            if "\\" in name or "\0" in name or not {"", ".", ".."}.isdisjoint(parts):
                self.refuse(f"the path of an entry leads elsewhere: {name}")
            if not all(map(_is_writable, parts)) or len(name.encode()) > LONGEST_PATH or len(parts) > DEEPEST:
                self.refuse(f"the path of an entry can't be that of a file: {_shown(name)}")
            if stat.S_ISLNK(member.external_attr >> 16):
                self.refuse(f"an entry is a link: {name}")
            if name in seen:
                self.refuse(f"two entries have one name: {name}")
            seen.add(name)
            if not folder:
                files[name] = member
        both = sorted(_folders(files) & files.keys())
        if both:
            self.refuse(f"one path is a file and a folder: {both[0]}")
        return files

    def _refuse_too_large(self, members: List[zipfile.ZipInfo]) -> None:
        if len(members) > MOST_ENTRIES:
            self.refuse(f"it has {len(members)} entries, more than {MOST_ENTRIES}")
        size = os.path.getsize(self._path)
        if self.size > max(HARMLESS, MOST_GROWTH * size):
            self.refuse(f"its {size} bytes would be {self.size} when unpacked: more than {MOST_GROWTH} times as many")

    def _metadata_folder(self) -> str:
        tops = {name.partition("/")[0] for name in self._members}
        claims = sorted(top for top in tops if top.endswith(CLAIMS))
        if claims:
            self.refuse(f"it has metadata of an old form, which would count as a distribution: {claims[0]}")
        folders = sorted(top for top in tops if top.endswith(INFO))
        if len(folders) > 1:
            self.refuse(f"it has metadata of more than one distribution: {folders[0]} and {folders[1]}")
        missing = [name for name in REQUIRED if not folders or f"{folders[0]}/{name}" not in self._members]
        if missing:
            self.refuse(f"it has no {missing[0]}")
        # Installers write their own files there, and pip takes the names in scripts for commands to remove.
        inside = tuple(f"{folders[0]}/{name}" for name in INSTALLERS_OWN)
        taken = sorted(name for name in self._members if name.startswith(tuple(f"{path}/" for path in inside)))
        if taken or f"{folders[0]}/{SCRIPTS}" in self._members:
            self.refuse(f"it has a file where installers have their own: {(taken or [SCRIPTS])[0]}")
        return folders[0]

    def _header(self, headers: str, word: str, form: re.Pattern[str]) -> str:
        found = re.search(rf"^{word}:(.*)$", headers, re.MULTILINE | re.IGNORECASE)
        value = found[1].strip() if found else ""
        if not form.match(value):
            self.refuse(f"its METADATA has no valid {word}")
        return value

    def _text(self, name: str, limit: int, errors: str = "replace") -> str:
        member = self._members[f"{self._info}/{name}"]
        if member.compress_type not in COMPRESSIONS:
            self.refuse(f"its {name} is compressed in another way than wheels are")
        with self._archive.open(member) as file:  # what it says of its size may not be true
            content = file.read(limit + 1)
        if len(content) > limit:
            self.refuse(f"its {name} is over {limit} bytes")
        return content.decode("utf-8", errors)


def _extra_fields(extra: bytes) -> Set[int]:
    """Return the numbers of an entry's extra fields, as far as they can be read."""
    found: Set[int] = set()
    while len(extra) >= EXTRA_HEAD.size:
        number, length = EXTRA_HEAD.unpack_from(extra)
        found.add(number)
        extra = extra[EXTRA_HEAD.size + length :]
    return found


def _is_writable(part: str) -> bool:
    """Tell whether a file can have that name, and a line of RECORD and of a log can hold it."""
    return not _CONTROL.search(part) and len(part.encode("utf-8", "surrogatepass")) <= LONGEST_NAME


def _folders(files: Iterable[str]) -> Set[str]:
    """Return every folder above the files."""
    found: Set[str] = set()
    for name in files:
        folder = posixpath.dirname(name)
        while folder and folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return found


def _shown(text: str) -> str:
    return ascii(text[:80])
