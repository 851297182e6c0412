"""A tree is given back to the group, and nothing outside of it is touched."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from venvboot.apply.repair import repair
from venvboot.errors import NotWritten
from venvboot.facts import access
from venvboot.system import System

GROUP = os.getegid()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    root = tmp_path / "v"
    (root / "lib").mkdir(parents=True)
    root.chmod(0o755)
    (root / "lib" / "module.py").write_text("x" * 10)
    (root / "lib" / "module.py").chmod(0o644)
    (root / "lib" / "program").write_text("")
    (root / "lib" / "program").chmod(0o700)
    return root


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_what_is_wrong_is_put_right_and_counted(broken: Path) -> None:
    done = repair(str(broken), GROUP, os.getuid())
    assert (done.directories, done.files, done.size, done.not_owned) == (2, 2, 10, [])
    assert [mode(broken / name) for name in (".", "lib", "lib/module.py", "lib/program")] == [
        0o2775,
        0o2775,
        0o664,
        0o770,
    ]
    assert access.read(System(), str(broken), GROUP).wrong == ()


def test_what_is_right_is_not_touched(broken: Path) -> None:
    repair(str(broken), GROUP, os.getuid())
    before = [path.lstat().st_ctime_ns for path in sorted(broken.rglob("*"))]
    again = repair(str(broken), GROUP, os.getuid())
    assert (again.directories, again.files) == (0, 0)
    assert [path.lstat().st_ctime_ns for path in sorted(broken.rglob("*"))] == before


def test_no_link_is_followed_and_no_second_name_given_away(broken: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("")
    secret.chmod(0o600)
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    (folder / "file").write_text("")
    (folder / "file").chmod(0o600)
    shared = tmp_path / "shared"
    shared.write_text("")
    shared.chmod(0o600)
    (broken / "to-secret").symlink_to(secret)
    (broken / "to-folder").symlink_to(folder)
    os.link(shared, broken / "second-name")
    repair(str(broken), GROUP, os.getuid())
    assert [mode(path) for path in (secret, folder, folder / "file", shared)] == [0o600, 0o700, 0o600, 0o600]


def test_what_a_sync_prepares_stays_closed(broken: Path) -> None:
    stage = broken / ".venvboot-sync"
    (stage / "0000-x").mkdir(parents=True)
    stage.chmod(0o2700)
    (stage / "0000-x").chmod(0o700)
    repair(str(broken), GROUP, os.getuid())
    assert (mode(stage), mode(stage / "0000-x")) == (0o2700, 0o700)
    assert mode(broken / "lib") == 0o2775


def test_pipes_and_sockets_do_no_harm(broken: Path) -> None:
    os.mkfifo(broken / "pipe", 0o600)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(broken / "socket"))
        assert repair(str(broken), GROUP, os.getuid()).files == 2
    assert mode(broken / "pipe") == 0o600


def test_a_link_is_entered_neither_as_the_root_nor_on_the_way_to_it(broken: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(broken)
    done = repair(str(tmp_path / "link"), GROUP, os.getuid())
    assert (done.directories, done.files, mode(broken)) == (0, 0, 0o755)
    with pytest.raises(NotWritten):
        repair(str(tmp_path / "link" / "lib"), GROUP, os.getuid())
    assert mode(broken / "lib") == 0o755


def test_a_single_file_is_mended(broken: Path) -> None:
    done = repair(str(broken / "lib" / "module.py"), GROUP, os.getuid())
    assert (done.directories, done.files, mode(broken / "lib" / "module.py")) == (0, 1, 0o664)


def test_the_lock_that_uv_leaves_for_everybody_stays_as_it_is(broken: Path) -> None:
    (broken / ".lock").touch()
    (broken / ".lock").chmod(0o666)
    repair(str(broken), GROUP, os.getuid())
    assert mode(broken / ".lock") == 0o666
    assert access.read(System(), str(broken), GROUP).wrong == ()


def test_a_tree_deeper_than_python_can_recurse_is_mended(tmp_path: Path) -> None:
    depth, folder = 1200, os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    try:
        assert repair(str(tmp_path), GROUP, os.getuid()).directories == depth + 1
    finally:  # pytest's own cleaning up would recurse
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_root_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(NotWritten):
        repair(str(tmp_path / "none"), GROUP, os.getuid())


def test_what_belongs_to_another_user_is_listed(broken: Path) -> None:
    """As root everything may be changed; said of a user who isn't, the same tree is another's."""
    done = repair(str(broken), GROUP, os.getuid() + 1)
    assert (done.directories, done.files) == (0, 0)
    assert sorted(Path(path).name for path in done.not_owned) == ["lib", "module.py", "program", "v"]
    assert mode(broken) == 0o755
