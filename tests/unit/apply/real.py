"""Real wheels, and an environment of real folders to lay them out in."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import io
import os
import stat
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Collection, Dict, Mapping, Optional, Sequence, Tuple, Union

from venvboot.apply import filling, stage
from venvboot.apply.sharing import UMASK
from venvboot.errors import VenvbootError
from venvboot.facts import stages
from venvboot.model import PythonFacts, Record, Scheme, Wheel
from venvboot.system import System

VERSION = "{}.{}.{}".format(*sys.version_info)
MINOR = "{}.{}".format(*sys.version_info)
TAG = str(sys.implementation.cache_tag)
MAGIC = importlib.util.MAGIC_NUMBER

# Some group that isn't the one of the process, where that may be given
GROUP = 5 if os.geteuid() == 0 else os.getegid()

SCRIPT = (
    "import re\nimport sys\nfrom %(module)s import %(import_name)s\n"
    "if __name__ == '__main__':\n    sys.argv[0] = re.sub(r'x$', '', sys.argv[0])\n    sys.exit(%(func)s())\n"
)

NOTHING: Mapping[str, str] = {}


def row(path: str, content: Union[str, bytes]) -> Tuple[str, str, str]:
    """Return the row of RECORD for a file."""
    data = content.encode() if isinstance(content, str) else content
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return path, f"sha256={digest}", str(len(data))


def table(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def wheel(
    folder: Path,
    files: Mapping[str, Union[str, bytes]] = NOTHING,
    *,
    name: str = "pkg",
    version: str = "1.0",
    commands: str = "",
    programs: Collection[str] = (),
    rows: Mapping[str, Sequence[str]] = NOTHING,
    purelib: bool = True,
) -> Wheel:
    """Write a wheel of ``files``; in their paths DATA and INFO stand for its folders of data and of metadata.

    ``commands`` is the text of its entry_points.txt, ``programs`` are files with the bit that makes them some, and
    ``rows`` are rows of RECORD by the path of the file that they are told of, in place of true ones.
    """
    stem = f"{name}-{version}"

    def place(path: str) -> str:
        top, _, rest = path.partition("/")
        tops = {"DATA": f"{stem}.data", "INFO": f"{stem}.dist-info"}
        return f"{tops[top]}/{rest}" if top in tops else path

    members: Dict[str, Union[str, bytes]] = {place(path): content for path, content in files.items()}
    members[place("INFO/METADATA")] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    members[place("INFO/WHEEL")] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: {str(purelib).lower()}\n"
    if commands:
        members[place("INFO/entry_points.txt")] = commands
    told = {place(path): one for path, one in rows.items()}
    listed = [told.get(path, row(path, content)) for path, content in members.items()]
    record = place("INFO/RECORD")
    members[record] = table([*listed, (record, "", "")])
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            entry = zipfile.ZipInfo(member)
            entry.compress_type = zipfile.ZIP_DEFLATED
            is_program = member in map(place, programs)
            entry.external_attr = (stat.S_IFREG | (0o755 if is_program else 0o644)) << 16
            archive.writestr(entry, content)
    return Wheel(name, version, str(path), sha256(path), path.stat().st_size)


def record(info: Path) -> Dict[str, Tuple[str, ...]]:
    """Return digest and size by path, as the RECORD in a metadata folder has them."""
    lines = (info / "RECORD").read_text().splitlines()
    return {path: tuple(rest) for path, *rest in csv.reader(lines)}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True)
class Environment:
    """The folders of an environment of the running Python, shared with ``GROUP``; its Python has no site-packages."""

    record: Record

    @property
    def dest(self) -> Path:
        return Path(self.record.dest)

    @property
    def site(self) -> Path:
        return Path(self.record.site_packages)

    @property
    def scheme(self) -> Scheme:
        return filling.scheme(System(), self.record, self.python)

    @property
    def python(self) -> PythonFacts:
        return PythonFacts((), (), "", "tags", MAGIC.hex(), TAG, str(self.site), SCRIPT)

    def installed(self, name: str, *rows: str, version: str = "1.0") -> Path:
        """Make a distribution with ``rows``, paths from site-packages on, and return its metadata folder."""
        info = self.site / f"{name}-{version}.dist-info"
        own = [f"{info.name}/{file}" for file in ("METADATA", "RECORD")]
        info.mkdir()
        for path in rows:
            self.file(str(self.site / path), f"of {name}\n")
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
        (info / "RECORD").write_text(table([(path, "", "") for path in (*rows, *own)]))
        return info

    def file(self, path: str, content: str = "") -> Path:
        """Write a file below DEST, and the folders above it."""
        made = self.dest / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(content)
        return made

    def tree(self) -> Dict[str, Optional[str]]:
        """Return all files and links by their path, and the folders without any; links with what they lead to."""
        found: Dict[str, Optional[str]] = {}
        for path in sorted(self.dest.rglob("*")):
            name = str(path.relative_to(self.dest))
            if path.is_symlink():
                found[name] = f"-> {os.readlink(path)}"
            elif path.is_file():
                found[name] = path.read_text("latin-1")
            elif not any(path.iterdir()):
                found[name] = None
        return found


def environment(dest: Path, record: Record) -> Environment:
    """Make one at ``dest``."""
    made = Environment(replace(record, dest=str(dest), base_version=VERSION, group=GROUP))
    for folder in (dest, dest / "bin", dest / "include", dest / "lib", made.site.parent, made.site):
        folder.mkdir()
        os.chown(folder, -1, GROUP)
        folder.chmod(0o2775)
    (dest / "bin/python").symlink_to(os.path.realpath(sys.executable))
    return made


def site(place: Environment) -> str:
    """Return site-packages as a path below DEST."""
    return str(place.site.relative_to(place.dest))


def put(place: Environment, *paths: str, number: str = "0000") -> str:
    """Put files (paths below DEST) and metadata into the stage of an environment, and return their place there."""
    info = f"{stage.METADATA}/{site(place)}/new-1.dist-info/RECORD"
    for path in (*(f"{stage.FILES}/{path}" for path in paths), info):
        file = place.dest / stages.NAME / number / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("new\n")
    return number


def commit(place: Environment, *paths: str, going: Sequence[Path] = ()) -> None:
    """Bring files and metadata into an environment by way of its stage."""
    with stage.opened(System(), place.record) as staged, System().umask(UMASK):
        staged.commit([str(info) for info in going], [put(place, *paths)])


def as_member(uid: int, work: Callable[[], object]) -> str:
    """Do something as another user, who is in ``GROUP`` alone; return what it tells. Root alone can ask for it."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.setgroups([])
            os.setgid(GROUP)
            os.setuid(uid)
            told = work()
            os.write(writing, str(told).encode())
        except VenvbootError as error:
            os.write(writing, ", ".join(f"{one.code} {one.subject}" for one in error.findings).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(process, 0)
    return told
