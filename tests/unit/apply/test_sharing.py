"""Group access on a real tree: only what is wrong is touched, and nothing outside it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Dict, Set

import pytest

from venvboot.apply import sharing
from venvboot.errors import NotWritten

GID = os.getegid()


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Directories and files that are right (2775, 664) and wrong, with links of every kind."""
    made = tmp_path / "venv"
    (made / "right").mkdir(parents=True)
    (made / "wrong").mkdir()
    for folder, mode in ((made, 0o2775), (made / "right", 0o2775), (made / "wrong", 0o755)):
        folder.chmod(mode)
    for name, mode in (
        ("right/lib.py", 0o664),
        ("right/tool", 0o775),
        ("wrong/lib.py", 0o644),
        ("wrong/tool", 0o755),
    ):
        (made / name).write_text("")
        (made / name).chmod(mode)
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "file").write_text("")
    (outside / "file").chmod(0o644)
    (made / "link").symlink_to(outside / "file")
    (made / "folder").symlink_to(outside)
    return made


def changed_times(folder: Path) -> Dict[str, int]:
    return {str(path): path.lstat().st_ctime_ns for path in [folder, *sorted(folder.rglob("*"))]}


def touched(folder: Path, before: Dict[str, int]) -> Set[str]:
    after = changed_times(folder)
    return {path[len(str(folder)) + 1 :] for path in after if after[path] != before[path]}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_only_the_files_that_lack_group_access_are_touched(venv: Path) -> None:
    before = changed_times(venv.parent)
    assert sharing.share_files(str(venv)) == 2
    assert touched(venv.parent, before) == {"venv/wrong/lib.py", "venv/wrong/tool"}
    assert (mode(venv / "wrong/lib.py"), mode(venv / "wrong/tool")) == (0o664, 0o775)


def test_a_second_time_nothing_is_touched(venv: Path) -> None:
    sharing.share_files(str(venv))
    before = changed_times(venv)
    assert sharing.share_files(str(venv)) == 0
    assert touched(venv, before) == set()


def test_what_links_lead_to_outside_is_left_alone(venv: Path) -> None:
    sharing.share_files(str(venv))
    outside = venv.parent / "outside"
    assert (mode(outside), mode(outside / "file")) == (0o755, 0o644)


def test_no_link_on_the_way_to_a_directory_is_followed(venv: Path) -> None:
    """A member of the group may have put it there after the directories were looked at."""
    inner = venv.parent / "outside" / "inner"
    inner.mkdir(mode=0o755)
    with pytest.raises(NotWritten):
        sharing.share_directories(str(venv), [str(venv / "folder" / "inner")], GID)
    assert mode(inner) == 0o755


def test_a_file_with_a_second_name_is_left_alone(venv: Path) -> None:
    """Its other name may be in a lower layer's cache, or another user's."""
    os.link(venv / "wrong/lib.py", venv.parent / "second")
    assert sharing.share_files(str(venv)) == 1
    assert mode(venv.parent / "second") == 0o644


def test_pipes_and_sockets_are_passed_over_without_waiting(venv: Path) -> None:
    os.mkfifo(venv / "fifo", 0o600)
    sharing.share_files(str(venv))
    assert mode(venv / "fifo") == 0o600


@pytest.mark.parametrize("before", [0o600, 0o400, 0o755, 0o4755, 0o604, 0o640, 0o620])
def test_no_other_bit_is_given_or_taken(venv: Path, before: int) -> None:
    (venv / "wrong/lib.py").chmod(before)
    sharing.share_files(str(venv))
    assert mode(venv / "wrong/lib.py") == before | 0o060


@pytest.mark.parametrize("before", [0o755, 0o700, 0o2755, 0o775, 0o1755, 0o750])
def test_a_directory_gets_the_group_s_bits_and_keeps_its_others(venv: Path, before: int) -> None:
    (venv / "wrong").chmod(before)
    sharing.share_directories(str(venv), [str(venv / "wrong")], GID)
    assert mode(venv / "wrong") == before | 0o2070


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a directory to another group")
def test_a_directory_of_another_group_keeps_setgid_when_it_is_given_over(venv: Path) -> None:
    sharing.share_directories(str(venv), [str(venv / "right"), str(venv / "wrong")], 4711)
    for name in ("right", "wrong"):
        assert ((venv / name).stat().st_gid, mode(venv / name)) == (4711, 0o2775)
    assert venv.stat().st_gid == GID


def test_only_the_named_directories_are_touched(venv: Path) -> None:
    before = changed_times(venv)
    sharing.share_directories(str(venv), [str(venv / "wrong")], GID)
    assert touched(venv, before) == {"wrong"}


@pytest.mark.parametrize("name", ["folder", "link", "wrong/lib.py", "none"])
def test_a_link_or_a_file_in_place_of_a_directory_is_refused_by_name(venv: Path, name: str) -> None:
    with pytest.raises(NotWritten) as caught:
        sharing.share_directories(str(venv), [str(venv / name)], GID)
    assert caught.value.findings[0].subject == str(venv / name)
    assert mode(venv.parent / "outside") == 0o755
