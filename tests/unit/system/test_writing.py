"""Writing: whole or not at all, with exactly the mode asked for, and never through a link."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.nesting import nest
from venvboot.descriptors import share
from venvboot.errors import NotWritten
from venvboot.system import System

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder: Path) -> List[str]:
    return sorted(os.listdir(folder))


@given(st.sampled_from([0o644, 0o664, 0o755, 0o600, 0o444, 0o777]), st.integers(0, 0o777))
@pytest.mark.usefixtures("known_umask")
def test_the_mode_is_exact_whatever_the_umask(tmp_path: Path, wanted: int, mask: int) -> None:
    os.umask(mask)
    System().write(str(tmp_path / "file"), b"x", wanted)
    assert mode(tmp_path / "file") == wanted


def test_a_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("of somebody else")
    (tmp_path / "link").symlink_to(target)
    System().write(str(tmp_path / "link"), b"ours", 0o644)
    assert (target.read_text(), (tmp_path / "link").read_text()) == ("of somebody else", "ours")
    assert not (tmp_path / "link").is_symlink()


def test_a_folder_in_the_place_of_what_is_not_whole_yet_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".file.venvboot.part" / "x").mkdir(parents=True)
    System().write(str(tmp_path / "file"), b"ours", 0o644)
    assert names(tmp_path) == ["file"]


def test_other_names_of_the_file_keep_the_old_content(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("old")
    os.link(tmp_path / "one", tmp_path / "two")
    System().write(str(tmp_path / "one"), b"new", 0o644)
    assert ((tmp_path / "one").read_text(), (tmp_path / "two").read_text()) == ("new", "old")


def test_a_reader_sees_the_old_or_the_new_content_and_nothing_between(tmp_path: Path) -> None:
    path, contents = tmp_path / "file", [bytes([letter]) * 300_000 for letter in b"ab"]
    path.write_bytes(contents[0])
    seen, done = set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(60):
        System().write(str(path), contents[turn % 2], 0o644)
    done.set()
    reader.join()
    assert seen <= set(contents)


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    """A folder of that name can't be replaced by a file: the failure comes last, at the renaming."""
    (tmp_path / "file" / "inside").mkdir(parents=True)
    with pytest.raises(NotWritten) as caught:
        System().write(str(tmp_path / "file"), b"x", 0o644)
    assert caught.value.findings[0].subject == str(tmp_path / "file")
    assert names(tmp_path) == ["file"]


def test_what_could_not_be_written_to_the_end_leaves_nothing_behind(tmp_path: Path, repository: Path) -> None:
    """The limit on the size of files stands for a full disk."""
    (tmp_path / "file").write_text("old")
    program = (
        "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
        "from venvboot.errors import NotWritten\n"
        "from venvboot.system import System\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try: System().write(sys.argv[2] + '/file', b'x' * 200, 0o644)\n"
        "except NotWritten as error: print(error.findings[0].evidence)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program, str(repository), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("file too large\n", "")
    assert (names(tmp_path), (tmp_path / "file").read_text()) == (["file"], "old")


def test_what_a_killed_run_left_does_not_stop_the_next_and_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / ".file.venvboot.part").write_text("left behind")
    System().write(str(tmp_path / "file"), b"x", 0o644)
    assert (names(tmp_path), (tmp_path / "file").read_text()) == (["file"], "x")


def test_a_planted_link_in_the_place_of_the_unfinished_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / ".file.venvboot.part").symlink_to(target)
    System().write(str(tmp_path / "file"), b"x", 0o644)
    assert not target.exists()
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("kind", ["missing folder", "file in place of the folder"])
def test_where_nothing_can_be_written_the_path_is_named(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("")
    path = str(tmp_path / ("none/x" if kind == "missing folder" else "file/x"))
    with pytest.raises(NotWritten) as caught:
        System().write(path, b"", 0o644)
    assert caught.value.findings[0].subject == path
    with pytest.raises(NotWritten, match="y cannot be written"):
        System().rename(path, path + "y")
    with pytest.raises(NotWritten):
        System().remove_file(path)


@pytest.mark.usefixtures("known_umask")
def test_a_directory_is_made_with_mode_and_group_whatever_the_umask(tmp_path: Path) -> None:
    os.umask(0o077)
    assert System().make_directory(str(tmp_path / "a" / "b"), 0o2775, os.getegid())
    assert mode(tmp_path / "a" / "b") == 0o2775
    assert (tmp_path / "a" / "b").stat().st_gid == os.getegid()


def test_a_directory_that_is_there_gets_the_mode_and_keeps_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True, mode=0o700)
    assert System().make_directory(str(tmp_path / "a"), 0o2775, os.getegid())
    assert (mode(tmp_path / "a"), names(tmp_path / "a")) == (0o2775, ["b"])


@pytest.mark.parametrize("kind", ["a file", "a link to a folder", "below a file"])
def test_what_is_no_directory_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "a link to a folder":
        (tmp_path / "target").mkdir(mode=0o700)
        path.symlink_to(tmp_path / "target")
    else:
        path.write_text("")
    with pytest.raises(NotWritten):
        System().make_directory(str(path / "y" if kind == "below a file" else path), 0o2775, os.getegid())
    assert kind != "a link to a folder" or mode(tmp_path / "target") == 0o700


@as_root
def test_the_setgid_bit_survives_a_change_of_the_group(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert share(descriptor, 0o2775, 4711)
        assert (mode(tmp_path), tmp_path.stat().st_gid) == (0o2775, 4711)
    finally:
        os.close(descriptor)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A temporary folder that other users may reach."""
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    return tmp_path


def as_user(program: str, *words: str, repository: Path, gid: int = 12345) -> subprocess.CompletedProcess[str]:
    """Run a program as user 12345 of group ``gid``; it changes over itself, so its Python may be one of root's."""
    become = (
        "import os, sys; sys.path.insert(0, sys.argv.pop(1)); import venvboot.system\n"
        f"os.setgroups([]); os.setgid({gid}); os.setuid(12345)\n"
    )
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c", become + program, str(repository), *words],
        capture_output=True,
        text=True,
        check=False,
    )


@as_root
def test_a_group_one_is_no_member_of_is_not_given_and_the_mode_is_set_all_the_same(
    open_folder: Path, repository: Path
) -> None:
    own = open_folder / "own"
    own.mkdir(mode=0o700)
    os.chown(own, 12345, 12345)
    program = "print(venvboot.system.System().make_directory(sys.argv[1], 0o2775, 0))"
    done = as_user(program, str(own), repository=repository)
    assert (done.stdout.strip(), done.stderr) == ("False", "")
    assert (mode(own), own.stat().st_gid) == (0o2775, 12345)


@as_root
def test_a_directory_of_another_user_that_is_right_already_is_used_as_it_is(
    open_folder: Path, repository: Path
) -> None:
    """A mounted volume: root's, of group 0 with g+rwxs, and empty. Only its owner may chmod it, and need not."""
    volume = open_folder / "volume"
    volume.mkdir()
    volume.chmod(0o2775)
    program = "print(venvboot.system.System().make_directory(sys.argv[1], 0o2775, 0))"
    done = as_user(program, str(volume), repository=repository, gid=0)
    assert (done.stdout.strip(), done.stderr) == ("True", "")


@as_root
def test_a_directory_that_only_its_owner_could_share_is_told_by_name(open_folder: Path, repository: Path) -> None:
    volume = open_folder / "volume"
    volume.mkdir()
    volume.chmod(0o777)
    program = (
        "try: venvboot.system.System().make_directory(sys.argv[1], 0o2775, 0)\n"
        "except venvboot.system.NotWritten as error: print(error.findings[0].subject)"
    )
    done = as_user(program, str(volume), repository=repository)
    assert (done.stdout.strip(), done.stderr) == (str(volume), "")


def test_emptying_follows_no_link_out_of_the_tree(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_text("")
    (inside / "a" / "b").mkdir(parents=True)
    (inside / "a" / "file").write_text("")
    (inside / "a" / "folder").symlink_to(outside / "folder")
    (inside / "a" / "up").symlink_to("../..")
    (inside / "gone").symlink_to("/nowhere")
    os.mkfifo(inside / "fifo")
    System().empty_directory(str(inside))
    assert (names(inside), names(outside)) == ([], ["file", "folder"])


def test_emptying_a_link_to_a_folder_removes_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder" / "x").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    with pytest.raises(NotWritten):
        System().empty_directory(str(tmp_path / "link"))
    assert names(tmp_path / "folder") == ["x"]


def test_a_temporary_folder_is_removed_however_deep_something_made_it() -> None:
    with System().temporary_directory() as folder:
        nest(folder, 3000)
    assert not Path(folder).exists()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.usefixtures("known_umask")
def test_a_temporary_folder_is_private_and_goes_also_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    os.umask(0)
    with pytest.raises(error), System().temporary_directory() as folder:  # noqa: PT012  # all of it is the subject
        assert mode(Path(folder)) == 0o700
        (Path(folder) / "inside").mkdir()
        raise error
    assert names(tmp_path) == []


def test_without_a_place_for_temporary_folders_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(NotWritten), System().temporary_directory():
        pass


@pytest.mark.usefixtures("known_umask")
def test_the_umask_is_put_back_after_a_failure() -> None:
    with pytest.raises(RuntimeError), System().umask(0o002):  # noqa: PT012  # all of it is the subject
        assert os.umask(0o002) == 0o002
        raise RuntimeError
    assert os.umask(0o022) == 0o022


def test_a_temporary_folder_that_is_still_written_into_is_removed_all_the_same() -> None:
    """As the threads of an interrupted virtualenv do: the folder isn't empty at the moment it is to go."""
    with System().temporary_directory() as folder:
        deep = Path(folder, "deep")
        deep.mkdir()
        stop = time.monotonic() + 0.5

        def write() -> None:
            while time.monotonic() < stop:
                with contextlib.suppress(OSError):
                    (deep / str(time.monotonic_ns())).touch()

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.1)
    writer.join()
    assert not Path(folder).exists()


LEFT = """
import os, signal
from venvboot.system import System

with System().temporary_directory() as folder:
    os.makedirs(f"{folder}/deep/er")
    open(f"{folder}/deep/er/file", "w").close()
    os.symlink("/etc", f"{folder}/link")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_removed_by_the_next_and_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine = tmp_path / "venvboot-mine_123"
    mine.mkdir()
    (mine / "file").touch()
    (tmp_path / "venvboot-link_123").symlink_to(mine)
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", LEFT], env=environ, cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = set(names(tmp_path)) - {"venvboot-mine_123", "venvboot-link_123"}
    with System().temporary_directory() as used:
        assert not (tmp_path / left).exists()
        assert Path("/etc").exists()
        with System().temporary_directory() as other:
            assert Path(used).exists()
            assert Path(other).exists()
    assert names(tmp_path) == ["venvboot-link_123", "venvboot-mine_123"]
    assert (mine / "file").exists()


def test_folders_above_a_new_one_can_be_read_whatever_the_umask(tmp_path: Path) -> None:
    system = System()
    with system.umask(0o077):
        system.make_directory(str(tmp_path / "above" / "it"), 0o755, os.getgid())
    assert (tmp_path / "above").stat().st_mode & 0o777 == 0o755
