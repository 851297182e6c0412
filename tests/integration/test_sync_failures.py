"""A sync that fails, whatever the reason: it is told clearly, and nothing is left otherwise than it was."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import stat
import subprocess
import threading
import zipfile
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple, Union

import pytest

from tests.integration.tool import HARMLESS, Tool, Wheels, codes
from tests.integration.trees import STAGE, exact, installed
from tests.integration.wheelhouse import make_wheel

FILE = "evil-1.0-py3-none-any.whl"
INFO = "evil-1.0.dist-info"
RECORD = f"{INFO}/RECORD"
DEMO = "demo-2.0-py3-none-any.whl"
OTHER_USER = 12345
KB, MB = 1 << 10, 1 << 20

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount, and be another user")

# A wheel's members, in their order; some names are told twice, and some entries bear more than a name
Members = List[Tuple[Union[str, zipfile.ZipInfo], bytes]]


@dataclass
class Synced:
    """An environment with demo 1.0, and a lock that would change it and bring something beside that."""

    tool: Tool
    venv: Path
    house: Path
    wheels: Wheels

    @property
    def cache(self) -> Path:
        return self.tool.folder / "cache"

    @property
    def temporary(self) -> Path:
        return Path(self.tool.environ["TMPDIR"])

    def lock(self, *pins: Tuple[str, str]) -> None:
        """Write the lock: demo 2.0 and ``pins`` with their digests."""
        lines = [("demo==2.0", self.wheels.digests["demo==2.0"]), *pins]
        text = "".join(f"{pin} --hash=sha256:{digest}\n" for pin, digest in lines)
        (self.tool.folder / "requirements.txt").write_text(text)

    def __call__(self, *more: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environ = {"PIP_FIND_LINKS": f"{self.house} {self.wheels.folder}", **variables}
        return self.tool("sync", "--venv", str(self.venv), "--cache", str(self.cache), "--json", *more, **environ)

    def fails(self, code: int, *more: str, **variables: str) -> Dict[str, Any]:
        """Sync what has to fail, and prove that all is told, and nothing changed."""
        before = (exact(self.venv), exact(self.cache), set(self.temporary.iterdir()))
        done = self(*more, **variables)
        assert done.returncode == code, done.stdout + done.stderr
        after = (exact(self.venv), exact(self.cache), set(self.temporary.iterdir()))
        for was, now in zip(before, after):
            assert now == was
        return self.told(done)

    def told(self, done: subprocess.CompletedProcess[str]) -> Dict[str, Any]:
        assert "Traceback" not in done.stderr
        told: Dict[str, Any] = json.loads(done.stdout)
        errors = [finding for finding in told["findings"] if finding["severity"] == "error"]
        assert errors
        for error in errors:
            assert all(error[word] for word in ("code", "message", "evidence", "hint")), error
            assert "Error" not in error["evidence"].split(":", maxsplit=1)[0], f"a traceback's last line: {error}"
        return told


@pytest.fixture(scope="module")
def prepared(bundle: str, one_python: str, wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Synced:
    """One that the tests share; each gets it as it was."""
    folder = tmp_path_factory.mktemp("prepared")
    for name in ("tmp", "house", "cache"):
        (folder / name).mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"), "PIP_NO_INDEX": "1"}
    found = Synced(Tool(bundle, folder, environ), folder / "venv", folder / "house", wheels)
    done = found.tool("init", str(found.venv), "--python", one_python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    wheels.lock(folder / "requirements.txt", "demo==1.0")
    done = found()
    assert done.returncode == 0, done.stderr
    for path in (found.venv, found.cache):
        subprocess.run(["cp", "-a", str(path), f"{path}-as-it-was"], check=True)
    return found


@pytest.fixture
def synced(prepared: Synced) -> Synced:
    for path in (prepared.venv, prepared.cache):
        shutil.rmtree(path)
        subprocess.run(["cp", "-a", f"{path}-as-it-was", str(path)], check=True)
    shutil.rmtree(prepared.house)
    prepared.house.mkdir()
    return prepared


# -- wheels that can't be trusted ----------------------------------------------------------------------------------


def _row(name: str, content: bytes) -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"{name},sha256={digest},{len(content)}\n".encode()


def _changed(members: Members, name: str, change: Callable[[bytes], bytes]) -> Members:
    return [(member, change(content) if member == name else content) for member, content in members]


def _with(members: Members, name: str, content: bytes = b"x = 1\n", mode: int = 0) -> Members:
    """Add a file that RECORD lists as it should."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.filename = name  # a name with a backslash stays as it is
    return [*_changed(members, RECORD, lambda rows: rows + _row(name, content)), (info, content)]


def _link(members: Members) -> Members:
    return _with(members, "evil_link", b"/etc", stat.S_IFLNK | 0o777)


def _through_link(members: Members) -> Members:
    return _with(_link(members), "evil_link/passwd")


def _replaced(was: bytes, now: bytes) -> Callable[[Members], Members]:
    return lambda members: _changed(members, RECORD, lambda rows: rows.replace(was, now, 1))


def _other_row(change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    """Change the row of RECORD that tells of evil.py."""

    def changed(rows: bytes) -> bytes:
        lines = rows.splitlines(keepends=True)
        return b"".join(change(line) if line.startswith(b"evil.py,") else line for line in lines)

    return lambda members: _changed(members, RECORD, changed)


HOSTILE: Dict[str, Callable[[Members], Members]] = {
    "a path upwards": lambda members: _with(members, "../evil_up.py"),
    "a path upwards within": lambda members: _with(members, "evil/../../../../evil_up.py"),
    "a path of data upwards": lambda members: _with(members, "evil-1.0.data/data/../../../evil_up"),
    "an absolute path": lambda members: _with(members, "/evil_absolute.py"),
    "a path with a backslash": lambda members: _with(members, "..\\evil_up.py"),
    "a link": _link,
    "a file beyond a link": _through_link,
    "a name twice": lambda members: _with(_with(members, "evil_twice.py"), "evil_twice.py", b"x = 2\n"),
    "a file and a folder of one name": lambda members: _with(_with(members, "evil_both"), "evil_both/x.py"),
    "a row twice": _other_row(lambda row: row * 2),
    "a row twice, otherwise": _other_row(lambda row: row + b"evil.py,,\n"),
    "a row for a file that it hasn't got": _other_row(lambda row: row + b"../../../pyvenv.cfg,,\n"),
    "no row": _other_row(lambda _: b""),
    "another digest": _other_row(lambda _: _row("evil.py", b"VERSION = '1.1'\n")),
    "another size": _other_row(lambda row: row.rpartition(b",")[0] + b",17\n"),
    "no size that is one": _other_row(lambda row: row.rpartition(b",")[0] + b",-1\n"),
    "a digest of unknown kind": _other_row(lambda row: row.replace(b"sha256=", b"nosuch=")),
    "no table for a RECORD": lambda members: _changed(members, RECORD, lambda _: b'"' * 3 + b"\x00\xff"),
    "no RECORD": lambda members: [one for one in members if one[0] != RECORD],
    "the metadata of another": lambda members: _with(members, "pip-99.dist-info/METADATA", b"Name: pip\n"),
}

# What pip looks into as soon as it has it
PIP_TELLS = (
    "the metadata of another",
    "in the metadata",
    "at the end",
    "nothing of it is there",
    "it is no archive",
)


def _members(folder: Path) -> Members:
    make_wheel(folder, "evil", "1.0")
    with zipfile.ZipFile(folder / FILE) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _write(path: Path, members: Members) -> str:
    """Write a wheel and return its digest, which the lock has."""
    with zipfile.ZipFile(path, "w") as archive, pytest.warns() if _has_twice(members) else contextlib.nullcontext():
        for member, content in members:
            archive.writestr(member, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _has_twice(members: Members) -> bool:
    names = [member if isinstance(member, str) else member.filename for member, _ in members]
    return len(names) != len(set(names))


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_wheel_with_the_digest_of_the_lock_changes_nothing(synced: Synced, what: str) -> None:
    digest = _write(synced.house / FILE, HOSTILE[what](_members(synced.house)))
    synced.lock(("evil==1.0", digest))
    told = synced.fails(1)
    assert codes(told) == ["pip-failed" if what in PIP_TELLS else "wheel-not-valid"], told
    assert "evil" in told["findings"][0]["message"] + told["findings"][0]["evidence"]
    assert not list(synced.tool.folder.rglob("evil_up*"))
    assert not Path("/evil_absolute.py").exists()


def _flipped(path: Path, was: bytes) -> None:
    """Change one byte of an entry's content, which its CRC tells."""
    content = path.read_bytes()
    assert content.count(was) == 1
    path.write_bytes(content.replace(was, bytes([was[0] ^ 1]) + was[1:]))


DAMAGED: Dict[str, Callable[[Path], object]] = {
    "in a module": lambda path: _flipped(path, b"VERSION = '1.0'"),
    "in a data file": lambda path: _flipped(path, b"evil text"),
    "in the metadata": lambda path: _flipped(path, b"Metadata-Version: 2.1"),
    "at the end": lambda path: path.write_bytes(path.read_bytes()[:-200]),
    "nothing of it is there": lambda path: path.write_bytes(b""),
    "it is no archive": lambda path: path.write_bytes(b"<html>Sign in</html>" * 100),
}


@pytest.mark.parametrize("where", DAMAGED)
def test_a_damaged_wheel_with_the_digest_of_the_lock_changes_nothing(synced: Synced, where: str) -> None:
    path = synced.house / FILE
    _write(path, _with(_members(synced.house), "evil_text.txt", b"evil text"))
    DAMAGED[where](path)
    synced.lock(("evil==1.0", hashlib.sha256(path.read_bytes()).hexdigest()))
    told = synced.fails(1)
    assert codes(told) == ["pip-failed" if where in PIP_TELLS else "wheel-not-valid"], told


@pytest.mark.parametrize("name", ["zeros", "zeros.py"])
def test_a_wheel_that_would_fill_the_disk_changes_nothing_and_takes_no_time(synced: Synced, name: str) -> None:
    """Of a module all would be read into memory, too."""
    path = synced.house / FILE
    members = _changed(_members(synced.house), RECORD, lambda rows: rows + f"{name},,\n".encode())
    _write(path, members)
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "a") as archive, archive.open(info, "w", force_zip64=True) as file:
        for _ in range(2 * KB):
            file.write(bytes(MB))
    assert path.stat().st_size < 20 * MB
    synced.lock(("evil==1.0", hashlib.sha256(path.read_bytes()).hexdigest()))
    told = synced.fails(1)
    assert codes(told) == ["wheel-not-valid"]
    assert "when unpacked" in told["findings"][0]["evidence"]


def test_a_size_that_is_not_true_changes_nothing(synced: Synced) -> None:
    """As a bomb would say it: so little in the directory of the archive, and so much in the data."""
    path = synced.house / FILE
    zeros = bytes(10 * MB)
    members = _with(_members(synced.house), "zeros", zeros)
    info = members[-1][0]
    assert isinstance(info, zipfile.ZipInfo)
    info.compress_type = zipfile.ZIP_DEFLATED
    _write(path, members)
    content, size = path.read_bytes(), len(zeros).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    synced.lock(("evil==1.0", hashlib.sha256(path.read_bytes()).hexdigest()))
    assert codes(synced.fails(1)) == ["wheel-not-valid"]


# -- indexes ---------------------------------------------------------------------------------------------------------


class Broken(SimpleHTTPRequestHandler):
    """The wheels of a folder; those of demo are served in another way, as ``how`` says."""

    def __init__(self, *request: Any, how: str, directory: str) -> None:
        self.how = how
        super().__init__(*request, directory=directory)

    def do_GET(self) -> None:
        if {"500 for the list": "/", "500": f"/{DEMO}"}.get(self.how) == self.path:
            self.send_error(500)
        elif self.path == f"/{DEMO}" and self.how == "truncated":
            content = Path(self.directory, self.path[1:]).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif self.path == f"/{DEMO}" and self.how == "another":
            self.path = self.path.replace("2.0", "1.0")
            super().do_GET()
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("how", ["500", "500 for the list", "truncated", "another"])
def test_an_index_that_serves_nothing_of_use_changes_nothing(synced: Synced, how: str) -> None:
    handler = partial(Broken, how=how, directory=str(synced.wheels.folder))
    synced.lock()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        variables = {"PIP_FIND_LINKS": f"http://127.0.0.1:{server.server_port}/", "PIP_TRUSTED_HOST": "127.0.0.1"}
        told = synced.fails(1, PIP_RETRIES="0", **variables)
        server.shutdown()
    assert codes(told) == ["pip-failed"]


def test_an_index_that_is_not_there_changes_nothing(synced: Synced) -> None:
    synced.lock()
    told = synced.fails(1, PIP_FIND_LINKS="http://127.0.0.1:9/", PIP_RETRIES="0", PIP_TRUSTED_HOST="127.0.0.1")
    assert codes(told) == ["pip-failed"]


def test_a_wheel_with_another_digest_than_the_lock_changes_nothing(synced: Synced) -> None:
    digest = make_wheel(synced.house, "good", "1.0")
    synced.lock(("good==1.0", digest[::-1]))
    assert codes(synced.fails(1)) == ["pip-failed"]


# -- places that can't be written ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _in_memory(folder: Path, size: int) -> Iterator[Path]:
    """Mount a file system of ``size`` bytes at ``folder``."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _large(house: Path, size: int) -> Tuple[str, str]:
    """Make a wheel of ``size`` bytes, most of them in one file, and return its pin and digest."""
    text = os.urandom(size // 2).hex()
    more = {"large.txt": text, **{f"large/m{number}.py": f"VALUE = {number}\n" for number in range(100)}}
    return "large==1.0", make_wheel(house, "large", "1.0", more=more)


@as_root
@pytest.mark.parametrize("left", [0, 200 * KB, 2 * MB])
def test_a_full_disk_of_the_environment_changes_nothing(synced: Synced, left: int) -> None:
    with _in_memory(synced.venv, 64 * MB) as disk:  # its folder has to keep its name
        subprocess.run(["cp", "-a", f"{synced.venv}-as-it-was/.", str(disk)], check=True)
        synced.lock(_large(synced.house, 4 * MB))
        filler = disk / "filler"
        free = shutil.disk_usage(disk).free - left
        with filler.open("wb") as file:
            file.write(bytes(free))
        told = synced.fails(1)
        assert codes(told) == ["not-written"]
        assert "no space left on device" in told["findings"][0]["evidence"]
        filler.unlink()
        assert synced().returncode == 0
        assert installed(disk) == {"demo": "2.0", "large": "1.0"}


@as_root
@pytest.mark.parametrize("size", [64 * KB, 2 * MB, 20 * MB, 24 * MB])
def test_a_full_disk_of_temporary_files_changes_nothing(synced: Synced, tmp_path: Path, size: int) -> None:
    synced.lock(_large(synced.house, 8 * MB))
    with _in_memory(tmp_path / "full", size) as full:
        told = synced.fails(1, TMPDIR=str(full))
        assert codes(told)[0] in ("not-written", "pip-failed", "bytecode-failed")
        assert "no space left on device" in str(told["findings"]).lower()
        assert list(full.iterdir()) == []


@as_root
@pytest.mark.parametrize("size", [4 * KB, MB])
def test_a_full_disk_of_the_cache_is_no_loss_and_leaves_nothing_half_there(
    synced: Synced, tmp_path: Path, size: int
) -> None:
    synced.lock(_large(synced.house, 4 * MB))
    with _in_memory(tmp_path / "small", size) as small:
        done = synced("--cache", str(small))
        assert done.returncode == 0, done.stderr
        assert "were not kept" in done.stderr
        assert "No space left on device" in done.stderr
        assert not list(small.rglob("*.part"))
        assert installed(synced.venv) == {"demo": "2.0", "large": "1.0"}
        for path in small.rglob("*.whl"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name


@as_root
@pytest.mark.parametrize("warm", [False, True])
def test_a_read_only_cache_is_read_and_no_loss(synced: Synced, tmp_path: Path, *, warm: bool) -> None:
    synced.lock()
    with _in_memory(tmp_path / "fixed", 64 * MB) as fixed:
        if warm:
            assert synced("--cache", str(fixed)).returncode == 0
            synced.wheels.lock(synced.tool.folder / "requirements.txt", "demo==1.0")
            assert synced().returncode == 0
            synced.lock()
        subprocess.run(["mount", "-o", "remount,ro", str(fixed)], check=True)
        before = exact(fixed)
        done = synced("--cache", str(fixed), **({"PIP_FIND_LINKS": ""} if warm else {}))
        assert done.returncode == 0, done.stderr
        assert ("were not kept" in done.stderr) is not warm, done.stderr
        assert exact(fixed) == before
    assert installed(synced.venv) == {"demo": "2.0"}


@as_root
def test_a_cache_of_another_user_is_not_used_by_root(synced: Synced) -> None:
    """What lies there would be installed as it is."""
    os.chown(synced.cache, OTHER_USER, OTHER_USER)
    before = exact(synced.cache)
    synced.lock()
    done = synced()
    assert done.returncode == 0, done.stderr
    assert f"belongs to user {OTHER_USER}" in done.stderr
    assert exact(synced.cache) == before
    assert installed(synced.venv) == {"demo": "2.0"}


def test_a_cache_that_is_no_folder_is_no_loss(synced: Synced) -> None:
    place = synced.tool.folder / "file"
    place.write_text("mine")
    synced.lock()
    done = synced("--cache", str(place))
    assert done.returncode == 0, done.stderr
    assert "were not kept" in done.stderr
    assert place.read_text() == "mine"


def test_what_stands_in_the_way_changes_nothing(synced: Synced) -> None:
    (synced.venv / "share").write_text("mine")
    synced.lock(("good==1.0", make_wheel(synced.house, "good", "1.0", more={"DATA/data/share/x": "x"})))
    assert codes(synced.fails(1)) == ["in-the-way"]
    assert not (synced.venv / STAGE).exists()
