"""A sync that fails, whatever the reason: it is told clearly, and nothing is left otherwise than it was."""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import shutil
import subprocess
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Iterator, Tuple

import pytest

from tests.integration.synced import Synced
from tests.integration.tool import codes, site
from tests.integration.trees import STAGE, exact, installed
from tests.integration.wheelhouse import make_wheel

DEMO = "demo-2.0-py3-none-any.whl"
OTHER_USER = 12345
KB, MB = 1 << 10, 1 << 20

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount, and be another user")


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
def _in_memory(folder: Path, size: int, more: str = "nr_inodes=0") -> Iterator[Path]:
    """Mount a file system of ``size`` bytes at ``folder``."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},{more}", "tmpfs", str(folder)], check=True)
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
def test_temporary_files_that_there_is_no_room_for_are_no_fault_of_venvboot(synced: Synced, tmp_path: Path) -> None:
    """There is room for the folder of the run, and for no other in it."""
    synced.lock()
    shutil.rmtree(synced.cache / "sync/tools")
    with _in_memory(tmp_path / "full", MB, "nr_inodes=3") as full:
        assert codes(synced.fails(1, TMPDIR=str(full))) == ["not-written"]


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


def test_what_is_installed_where_it_lies_stays_with_the_rest(synced: Synced) -> None:
    """It has no RECORD, so pip removes it."""
    place, project = site(synced.venv), synced.tool.folder / "project"
    (project / "lying.egg-info").mkdir(parents=True, exist_ok=True)
    (project / "lying.egg-info/PKG-INFO").write_text("Metadata-Version: 2.1\nName: lying\nVersion: 1.0\n")
    (place / "lying.egg-link").write_text(f"{project}\n.")
    (place / "easy-install.pth").write_text(f"{project}\n")
    synced.lock(("large==1.0", make_wheel(synced.house, "large", "1.0", more={"large/x.py": ""})))
    (place / "large").touch()
    assert codes(synced.fails(1)) == ["in-the-way"]
    (place / "large").unlink()
    done = synced()
    assert done.returncode == 0, done.stderr
    assert not (place / "lying.egg-link").exists()


@pytest.mark.parametrize("stored", [False, True])
def test_a_file_that_may_not_be_so_large_changes_nothing(synced: Synced, *, stored: bool) -> None:
    """The limit is above what venvboot itself needs; one wheel is beyond it, of another what is in it."""
    pin, digest = _large(synced.house, 16 * MB)
    if not stored:
        path = synced.house / "large-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path) as wheel:
            members = {name: wheel.read(name) for name in wheel.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, content in members.items():
                wheel.writestr(name, content)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    synced.lock((pin, digest))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (12 * MB, before[1]))
    try:
        told = synced.fails(1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert codes(told) == ["pip-failed" if stored else "not-written"]
    assert "ulimit -f unlimited" in told["findings"][0]["hint"]
    assert synced().returncode == 0
