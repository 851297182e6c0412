"""Root and the members of a group come upon what one another's syncs have left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.apply import real
from venvboot.apply import stage
from venvboot.errors import Refused
from venvboot.facts import stages
from venvboot.model import Record
from venvboot.render import text
from venvboot.system import System

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")

MEMBER, OTHER = 1001, 1002


@pytest.fixture
def shared(room: Path, make_record: Callable[..., Record]) -> real.Environment:
    """An environment that members can come to."""
    return real.environment(room / "venv", make_record())


def left(place: real.Environment) -> None:
    """Begin to change something, and leave it so."""
    with stage.opened(System(), place.record) as staged:
        os.close(os.open(stage.COMMITTING, os.O_CREAT, dir_fd=staged.folder))


def swept(place: real.Environment) -> str:
    stage.sweep(System(), place.record)
    stage.finish(System(), place.record)
    return "swept"


def test_a_member_brings_something_and_another_removes_it(shared: real.Environment) -> None:
    real.as_member(MEMBER, lambda: real.commit(shared, "share/x/new"))
    info = shared.site / "new-1.dist-info"
    assert [(path.stat().st_uid, path.stat().st_gid) for path in (info, shared.dest / "share/x/new")] == [
        (MEMBER, real.GROUP)
    ] * 2
    (info / "RECORD").write_text("../../../share/x/new,,\n")
    real.as_member(OTHER, lambda: real.commit(shared, "share/y", going=[info]))
    assert [path.name for path in (shared.dest / "share").iterdir()] == ["y"]


@pytest.mark.parametrize("uid", [MEMBER, 0])
def test_what_a_run_of_another_user_left_is_told(
    shared: real.Environment, golden: Callable[[str, str], None], uid: int
) -> None:
    real.as_member(uid, lambda: left(shared))
    before = shared.tree()
    assert real.as_member(OTHER, lambda: swept(shared)) == f"sync-unfinished {shared.dest}/{stages.NAME}"
    assert shared.tree() == before
    assert stages.is_unfinished(System(), str(shared.dest))

    def told() -> str:
        try:
            return swept(shared)
        except Refused as error:
            return text.finding(error.findings[0])

    if uid:
        golden("sync_of_another.txt", real.as_member(OTHER, told).replace(str(shared.dest), "/opt/venv"))


@pytest.mark.parametrize("uid", [MEMBER, 0])
def test_who_left_it_and_root_go_on(shared: real.Environment, uid: int) -> None:
    for other in {uid, 0}:
        real.as_member(uid, lambda: left(shared))
        assert real.as_member(other, lambda: swept(shared)) == "swept"
        assert not stages.is_unfinished(System(), str(shared.dest))


def test_what_a_member_may_not_remove_leaves_the_commit_unfinished(shared: real.Environment) -> None:
    """A folder of root's alone; the next run, of root, goes on."""
    gone = shared.installed("gone", "closed/x.py", "gone.py")
    shared.file(f"{real.site(shared)}/mine.py")
    (shared.site / "closed").chmod(0o755)
    told = real.as_member(MEMBER, lambda: real.commit(shared, "share/x", going=[gone]))
    assert told == f"not-written {shared.dest}"
    assert stages.is_unfinished(System(), str(shared.dest))
    assert real.as_member(MEMBER, lambda: swept(shared)) == told
    stage.sweep(System(), shared.record)
    stage.finish(System(), shared.record)
    assert list(shared.tree()) == ["bin/python", "include", f"{real.site(shared)}/mine.py"]
