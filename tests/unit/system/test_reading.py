"""Reading: links stay inside the root, and nothing that is read can make the program wait."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, List

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/usr/bin/python3", "/usr/bin/python3.11"),
        ("/bin/python3", "/usr/bin/python3.11"),
        ("/absolute", "/usr/bin/python3.11"),
        ("/climbing", "/usr/bin/python3.11"),
        ("/chain", "/usr/bin/python3.11"),
        ("/usr/bin/../bin/./python3", "/usr/bin/python3.11"),
        ("/../../usr", "/usr"),
        ("/none/../usr", "/usr"),
        ("/gone", "/nowhere/file"),
        ("/", "/"),
        ("//usr//bin/", "/usr/bin"),
    ],
)
def test_links_are_followed_inside_the_root(tree: Tree, path: str, real: str) -> None:
    tree.file("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    tree.link("/bin", "usr/bin")
    tree.link("/absolute", "/usr/bin/python3")
    tree.link("/climbing", "../../../../bin/python3")
    tree.link("/chain", "/absolute")
    tree.link("/gone", "/nowhere/file")
    assert tree.system().realpath(path) == real


def test_a_link_to_a_host_file_leads_into_the_image_and_not_to_the_host(tree: Tree) -> None:
    tree.link("/etc/hostname", "/etc/passwd")
    assert tree.system().read_text("/etc/hostname") is None
    tree.file("/etc/passwd", "of the image")
    assert tree.system().read_text("/etc/hostname") == "of the image"


def loops(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


@pytest.mark.parametrize("target", ["loop", "/loop", "../loop", "loop/x"])
def test_a_loop_ends_and_is_nothing(tree: Tree, target: str) -> None:
    tree.link("/loop", target)
    system = tree.system()
    assert system.realpath("/loop").startswith("/")
    assert (system.exists("/loop"), system.is_link("/loop"), system.read_text("/loop")) == (False, True, None)
    assert system.list_directory("/loop") == ()


@given(
    st.lists(st.sampled_from(["a", "b", "..", "."]), max_size=6),
    st.lists(st.sampled_from(["a", "b", "..", ""]), max_size=4),
)
@example(["b", "a"], ["a", "..", "..", "b"])
def test_resolving_agrees_with_the_system_s_own_at_the_root(tree: Tree, path: List[str], target: List[str]) -> None:
    """Relative links that do not climb above the root mean the same in both."""
    tree.host("/b").unlink(missing_ok=True)
    tree.directory("/a/b/a")
    tree.host("/b").symlink_to("/".join(["a", *target]))
    assume(not loops(tree.host("/b")))  # has a test of its own
    # So is this one, where a missing folder ends it before it begins again
    assume(os.path.normpath("/".join(["/a", *target])).split("/")[1] != "b")
    asked = "/" + "/".join(path)
    expected = os.path.realpath(f"{tree.root}{asked}")
    if f"{expected}/".startswith(f"{tree.root}/"):
        assert tree.system().realpath(asked) == (expected[len(str(tree.root)) :] or "/")


def test_a_pattern_matches_inside_the_image_in_order(tree: Tree) -> None:
    for name in ("b", "a", "c"):
        tree.directory(f"/opt/{name}/bin")
    tree.file("/opt/file")
    assert tree.system().glob("/opt/*/bin") == ("/opt/a/bin", "/opt/b/bin", "/opt/c/bin")


def test_a_pattern_follows_links_inside_the_image_only(tree: Tree) -> None:
    tree.link("/opt/host", "/usr")
    tree.link("/opt/tool", "/srv/venvboot-test")
    tree.directory("/srv/venvboot-test/bin")
    assert tree.system().glob("/opt/*/bin") == ("/opt/tool/bin",)


def test_a_root_whose_name_has_pattern_letters_is_taken_literally(tmp_path: Path) -> None:
    (tmp_path / "image[1]" / "opt" / "a" / "bin").mkdir(parents=True)
    assert System(root=str(tmp_path / "image[1]")).glob("/opt/*/bin") == ("/opt/a/bin",)


@pytest.mark.parametrize("kind", ["fifo", "socket", "directory", "device", "nothing"])
def test_only_ordinary_files_are_read_and_nothing_is_waited_for(tmp_path: Path, kind: str) -> None:
    place = str(tmp_path / "x")
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "directory":
        os.mkdir(place)
    elif kind == "device":
        place = "/dev/zero"
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "socket":
            here = os.getcwd()
            os.chdir(tmp_path)
            listening.bind("x")
            os.chdir(here)
        with pytest.raises(OSError, match=r"\w"):
            System().read(place)
        assert System().read_text(place) is None
        assert System().digest(place) is None


def test_reading_what_is_no_file_leaves_no_descriptor_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    before = len(os.listdir("/proc/self/fd"))
    for name in ("fifo", "none", "."):
        System().read_text(str(tmp_path / name))
    assert len(os.listdir("/proc/self/fd")) == before


def test_no_more_than_the_limit_is_read(tree: Tree) -> None:
    tree.file("/x", "0123456789")
    assert tree.system().read("/x", 4) == b"0123"


def test_text_that_is_no_utf_8_is_read_with_replacements(tree: Tree) -> None:
    tree.file("/x", b"a\xffb")
    assert tree.system().read_text("/x") == "a\ufffdb"


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_digest_is_that_of_the_whole_content(tree: Tree, algorithm: str) -> None:
    content = bytes(range(256)) * 9000
    tree.file("/x", content)
    assert tree.system().digest("/x", algorithm) == hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def test_status_is_the_link_s_own_and_exists_is_its_target_s(tree: Tree) -> None:
    tree.link("/x", "/nowhere")
    info = tree.system().status("/x")
    assert info is not None
    assert stat.S_ISLNK(info.st_mode)
    assert not tree.system().exists("/x")
    assert tree.system().status("/none") is None
    tree.file("/y")
    assert (tree.system().is_file("/y"), tree.system().is_directory("/y")) == (True, False)


def test_a_missing_file_may_be_written_where_its_nearest_parent_may(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)
    assert System().may_write(str(tmp_path / "a" / "b"))
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:  # who may write everywhere
            os.setuid(12345)
        os._exit(int(System().may_write(str(tmp_path / "closed" / "a" / "b"))))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_directories_are_walked_from_the_top_without_following_links(tree: Tree) -> None:
    tree.directory("/v/b/c")
    tree.directory("/v/a")
    tree.directory("/elsewhere/d")
    tree.link("/v/link", "/elsewhere")
    tree.file("/v/file")
    walked = ["/v", "/v/a", "/v/b", "/v/b/c", "/v/file", "/v/link"]
    assert [path for path, _ in tree.system().walk("/v")] == walked
    assert [path for path, _ in tree.system().walk("/v/link")] == ["/v/link"]
    assert list(tree.system().walk("/none")) == []


def test_a_tree_deeper_than_python_can_recurse_is_walked(tmp_path: Path) -> None:
    depth, folder = 1500, os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    try:
        assert sum(1 for _ in System().walk(str(tmp_path))) == depth + 1
    finally:  # pytest's own cleaning up would recurse
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_group_is_known_by_number_and_by_name() -> None:
    assert System().group_id("4711") == 4711
    assert System().group_id("root") == 0
    assert System().group_id("no-such-group") is None


def test_a_file_is_read_whole_or_refused(tree: Tree) -> None:
    tree.file("/file", "12345")
    assert tree.system().read_whole("/file", 5) == b"12345"
    with pytest.raises(OSError, match="over 4 bytes") as caught:
        tree.system().read_whole("/file", 4)
    assert caught.value.errno == errno.EFBIG
    with pytest.raises(FileNotFoundError):
        tree.system().read_whole("/none")


def test_a_huge_file_is_refused_without_being_read(tree: Tree) -> None:
    tree.file("/huge")
    os.truncate(tree.host("/huge"), 1 << 40)
    with pytest.raises(OSError, match="over 1000 bytes"):
        tree.system().read_whole("/huge", 1000)
    assert tree.system().read("/huge", 1000) == bytes(1000)


def test_of_a_directory_without_end_some_names_are_listed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a lower limit than the real one."""
    monkeypatch.setattr("venvboot.system.NAMES_LIMIT", 10)
    for number in range(30):
        tree.file(f"/many/{number}/x")
    assert len(tree.system().list_directory("/many")) == 10
    assert len(tree.system().glob("/many/*/*")) == 10


@pytest.mark.parametrize("name", ["/a\0b", "/usr/\0", "/\ud800"])
@pytest.mark.parametrize("unpacked", [False, True])
def test_a_name_that_no_file_can_have_is_nowhere(tree: Tree, name: str, *, unpacked: bool) -> None:
    system = tree.system() if unpacked else System()
    assert not any((system.exists(name), system.is_file(name), system.is_directory(name), system.is_link(name)))
    assert (system.status(name), system.list_directory(name), system.read_text(name)) == (None, (), None)
    assert (system.digest(name), system.glob(name)) == (None, ())
    assert system.realpath(name) == name
    with pytest.raises(OSError, match=r"."):
        system.read(name)


def test_an_open_file_of_this_process_is_told_by_its_own_path(tmp_path: Path) -> None:
    file, link = tmp_path / "lock.txt", tmp_path / "link.txt"
    file.touch()
    link.symlink_to(file)
    with file.open() as opened:
        for name in (f"/dev/fd/{opened.fileno()}", f"/proc/self/fd/{opened.fileno()}"):
            assert System().lasting(name) == str(file)
    for name in (str(file), str(link), "none", "/dev/null", "/"):
        assert System().lasting(name) == name
    reading, writing = os.pipe()
    assert not System().is_file(System().lasting(f"/dev/fd/{reading}"))
    os.close(reading)
    os.close(writing)


def test_free_bytes_are_those_of_the_file_system(tmp_path: Path) -> None:
    before = shutil.disk_usage(tmp_path).free
    for path in (tmp_path, tmp_path / "none/of/these"):
        assert abs(System().free(str(path)) - before) < before // 10
