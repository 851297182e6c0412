"""The stage of an environment: nobody else's, held against other runs, and nothing is written through a link."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

import pytest

from tests.unit.apply import real
from tests.unit.nesting import nest
from venvboot.apply import stage
from venvboot.errors import NotWritten, Refused
from venvboot.facts import stages
from venvboot.model import Finding
from venvboot.render import text
from venvboot.system import System

HOLD = (
    "import fcntl, os, sys\n"
    "folder = os.open(sys.argv[1], os.O_RDONLY)\n"
    "fcntl.flock(folder, fcntl.LOCK_EX)\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Let another process hold a stage."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "held\n"
        yield
        holder.stdin.close()


# -- whose it is ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("known_umask")
def test_it_is_closed_to_the_group_whose_it_is(place: real.Environment) -> None:
    with stage.opened(System(), place.record) as staged:
        info = (place.dest / stages.NAME).lstat()
        assert oct(stat.S_IMODE(info.st_mode)) == oct(0o2700)
        assert info.st_gid == real.GROUP
        assert os.path.samestat(os.fstat(staged.folder), info)
        assert staged.path == f"{place.dest}/{stages.NAME}"
        with System().umask(0o002):
            stage.make_folders("a/b/c", staged.folder)
            stage.make_folders("a/b", staged.folder)
        for path in ("a", "a/b", "a/b/c"):
            info = (place.dest / stages.NAME / path).lstat()
            assert (oct(stat.S_IMODE(info.st_mode)), info.st_gid) == (oct(0o2775), real.GROUP)


@pytest.mark.usefixtures("known_umask")
def test_it_is_so_whatever_the_environment_is(place: real.Environment) -> None:
    os.chown(place.dest, -1, os.getegid())
    place.dest.chmod(0o755)
    with stage.opened(System(), place.record):
        info = (place.dest / stages.NAME).lstat()
        assert (oct(stat.S_IMODE(info.st_mode)), info.st_gid) == (oct(0o2700), real.GROUP)


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_it_is_removed_whatever_happens(place: real.Environment, error: type[BaseException] | None) -> None:
    before, open_ones = place.tree(), len(os.listdir("/proc/self/fd"))
    try:
        with stage.opened(System(), place.record):
            real.put(place, "lib/x.py")
            if error:
                raise error
    except (ValueError, KeyboardInterrupt):
        pass
    assert place.tree() == before
    assert len(os.listdir("/proc/self/fd")) == open_ones


@pytest.mark.parametrize(("name", "told"), [(None, ""), ("0000/files/x", ""), ("/other/x", "/other/x")])
def test_no_room_is_told_of_a_place_that_is_one(place: real.Environment, name: str | None, told: str) -> None:
    before = place.tree()
    with pytest.raises(NotWritten) as caught, stage.opened(System(), place.record):
        raise OSError(28, "No space left on device", name)
    (finding,) = caught.value.findings
    assert (finding.subject, finding.evidence) == (told or str(place.dest), "no space left on device")
    assert place.tree() == before


def test_without_an_environment_there_is_none(place: real.Environment, tmp_path: Path) -> None:
    place.dest.rename(tmp_path / "moved")
    with pytest.raises(NotWritten) as caught, stage.opened(System(), place.record):
        pytest.fail("there is no folder")
    assert caught.value.findings[0].subject == str(place.dest)


# -- other runs ----------------------------------------------------------------------------------------------


def test_another_run_is_told(place: real.Environment, golden: Callable[[str, str], None]) -> None:
    path = place.dest / stages.NAME
    with stage.opened(System(), place.record) as staged:
        for begin in (lambda: stage.opened(System(), place.record).__enter__(), lambda: sweep(place)):
            with pytest.raises(Refused) as caught:
                begin()
        real.put(place, "lib/x.py")
        assert path.exists()
        staged.commit([], ["0000"])
    (finding,) = caught.value.findings
    assert finding.code == "sync-running"
    golden("sync_running.txt", shown(place, finding))


def test_what_another_process_holds_is_let_be(place: real.Environment) -> None:
    path = place.dest / stages.NAME
    path.mkdir()
    (path / stage.COMMITTING).touch()
    with held(path):
        for _ in range(2):
            with pytest.raises(Refused) as caught:
                sweep(place)
            assert [one.code for one in caught.value.findings] == ["sync-running"]
        assert (path / stage.COMMITTING).exists()
    sweep(place)
    assert not path.exists()


def test_a_run_whose_processes_live_on_is_at_work_yet(place: real.Environment) -> None:
    """What is forked holds the stage as well."""
    path = place.dest / stages.NAME
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        with stage.opened(System(), place.record):
            if os.fork():
                os._exit(0)  # killed, and what it has begun goes on
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
    os.waitpid(process, 0)
    os.close(reading)
    with pytest.raises(Refused):
        sweep(place)
    os.close(writing)
    _swept_soon(place)
    assert not path.exists()


def _swept_soon(place: real.Environment) -> None:
    end = time.monotonic() + 5
    while time.monotonic() < end and stages.is_unfinished(System(), str(place.dest)):
        with contextlib.suppress(Refused):
            sweep(place)
        time.sleep(0.01)


def sweep(place: real.Environment) -> None:
    stage.sweep(System(), place.record)
    stage.finish(System(), place.record)


def shown(place: real.Environment, finding: Finding) -> str:
    return text.finding(finding).replace(str(place.dest), "/opt/venv").replace(real.MINOR, "3.11")


def test_what_had_not_begun_to_change_anything_is_just_removed(place: real.Environment) -> None:
    """Whatever is in the stage: not even what has its RECORD there is touched outside."""
    place.installed("mine", "mine.py")
    before = place.tree()
    (place.dest / stages.NAME).mkdir()
    real.put(place, "lib/x.py")
    record = place.dest / stages.NAME / "0000" / stage.METADATA / real.site(place) / "mine-1.0.dist-info/RECORD"
    record.parent.mkdir(parents=True)
    record.write_text("mine.py,,\n")
    sweep(place)
    assert place.tree() == before


def test_what_was_half_there_is_removed(place: real.Environment) -> None:
    place.installed("kept", "same.py", "kept.py")
    before = place.tree()
    (place.dest / stages.NAME).mkdir()
    (place.dest / stages.NAME / stage.COMMITTING).touch()
    record = place.dest / stages.NAME / "0000" / stage.METADATA / real.site(place) / "half-1.0.dist-info/RECORD"
    record.parent.mkdir(parents=True)
    record.write_text("half.py,,\nsame.py,,\nmissing.py,,\n../../../share/half/x,,\n")
    place.file(f"{real.site(place)}/half.py")
    place.file(f"{real.site(place)}/__pycache__/half.{real.TAG}.pyc")
    place.file("share/half/x")
    sweep(place)
    assert place.tree() == before


@pytest.mark.parametrize("kind", ["pipe", "folder", "file", "links", "deep"])
def test_whatever_a_member_makes_a_stage_of_is_not_gone_through(
    place: real.Environment, tmp_path: Path, kind: str
) -> None:
    outside = tmp_path / "outside"
    info = outside / real.site(place) / "theirs-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text("theirs.py,,\n")
    place.file(f"{real.site(place)}/theirs.py")
    before = place.tree()
    path = place.dest / stages.NAME
    path.mkdir()
    (path / stage.COMMITTING).touch()
    record = path / "0000" / stage.METADATA / real.site(place) / "theirs-1.0.dist-info/RECORD"
    record.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(record)
    elif kind == "deep":
        nest(str(record.parent), 3000)
    elif kind == "folder":
        record.mkdir()
    elif kind == "file":
        (path / "0001").touch()
    else:
        (path / stage.REMOVED).symlink_to(outside)
        (path / "0001").mkdir()
        (path / "0001" / stage.METADATA).symlink_to(outside)
    sweep(place)
    assert place.tree() == before
    assert (info / "RECORD").exists()


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_bears_the_names_of_a_sync_and_is_none_of_it_is_removed(
    place: real.Environment, tmp_path: Path, kind: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "theirs").touch()
    before = place.tree()
    for name in (stages.NAME, stages.SWEPT):
        path = place.dest / name
        if kind == "file":
            path.write_text("x")
        elif kind == "link":
            path.symlink_to(outside)
        else:
            (path / stage.COMMITTING).mkdir(parents=True)
    sweep(place)
    assert place.tree() == before
    assert (outside / "theirs").exists()
