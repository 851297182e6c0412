"""`fix` gives away nothing that lies outside, whatever somebody of the group has put into the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.writers.harness import FIRST, build
from tests.images.writers.places import changed, places

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base
    from tests.images.docker_engine import Container, Engine, Image

SWAP = Path(__file__).with_name("swap.py")
# A repair by path is led outside by the first of them; a name looked at once too often by one in eight.
RUNS = 8
RUNS_WITH_NAME = 30
SHARE = "/opt/venv/share"
# Something of root's that nobody else may write, and that looks as wrong as can be.
OUTSIDE = "mkdir -p -m 755 /srv/outside/inner && cd /srv/outside && touch file inner/file && chmod 600 file"


@pytest.fixture(scope="module")
def image(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    return build(docker, venvboot, base_image("debian12"))


@pytest.fixture
def container(docker: Engine, image: Image) -> Iterator[Container]:
    with docker.start(image, "sleep", "600") as started:
        prepare(started)
        yield started


def prepare(container: Container) -> None:
    """A folder in the environment that is right, with one that is not: mending that proves that `fix` was there."""
    shell(container, OUTSIDE)
    shell(container, f"mkdir {SHARE} && chmod 2775 {SHARE} && mkdir {SHARE}/wrong && chmod 00755 {SHARE}/wrong")


MENDED = {f"{SHARE}/wrong": "d 2775 0:0"}


def shell(container: Container, commands: str, user: str = "root") -> None:
    done = container.execute("sh", "-c", f"umask 022; {commands}", user=user)
    assert done.returncode == 0, str(done)


def fix(container: Container, *words: str) -> subprocess.CompletedProcess[str]:
    """`fix` by root, which has to come to an end of its own."""
    return container.execute("timeout", "60", "venvboot", "fix", *words)


def test_no_symlink_is_followed_or_touched(container: Container) -> None:
    shell(
        container,
        f"cd {SHARE} && ln -s /etc/shadow shadow && ln -s /srv/outside folder && ln -s /srv/outside/file file"
        " && ln -s wrong inside && ln -s /nothing dangling && ln -s . itself",
        FIRST,
    )
    before = places(container, "/opt", "/srv", "/etc")
    done = fix(container)
    assert done.returncode == 0, str(done)
    assert changed(before, places(container, "/opt", "/srv", "/etc")) == MENDED


def test_a_file_with_another_name_elsewhere_is_left_alone_and_told(container: Container) -> None:
    shell(
        container,
        f"cp /etc/hostname /srv/hostname && chmod 600 /srv/hostname && ln /srv/hostname {SHARE}/linked"
        f" && touch /srv/right && chmod 664 /srv/right && ln /srv/right {SHARE}/right",
    )
    before = places(container, "/opt", "/srv")
    done = fix(container)
    assert done.returncode in (0, 1), str(done)
    assert changed(before, places(container, "/opt", "/srv")) == MENDED
    assert f"{SHARE}/linked" in done.stdout + done.stderr, str(done)
    assert f"{SHARE}/right" not in done.stdout + done.stderr, str(done)


def test_pipes_sockets_and_devices_do_no_harm(container: Container) -> None:
    bind = "import socket; socket.socket(socket.AF_UNIX).bind('socket')"
    shell(container, f'cd {SHARE} && mkfifo -m 600 pipe && mknod -m 600 device c 1 3 && python -c "{bind}"')
    before = places(container, "/opt")
    done = fix(container)
    assert done.returncode == 0, str(done)
    assert changed(before, places(container, "/opt")) == MENDED


def test_names_that_are_no_text_are_mended_and_told(container: Container) -> None:
    shell(container, f'cd {SHARE} && mkdir "$(printf \'new\\nline \\377 \\033[31m\')" && touch -- "-f \'"')
    would = fix(container, "--dry-run", "--json")
    assert would.returncode == 0, str(would)
    assert json.loads(would.stdout)["status"] == "done", str(would)
    before = places(container, SHARE)
    done = fix(container)
    assert done.returncode == 0, str(done)
    assert "\033" not in done.stdout + done.stderr, str(done)
    access = sorted(changed(before, places(container, SHARE)).values())
    assert access == ["d 2775 0:0", "d 2775 0:0", "f 664 0:0"]


def test_what_is_mounted_below_is_another_ones(docker: Engine, image: Image, tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.touch(mode=0o600)
    (folder / "inner").mkdir(mode=0o755, parents=True)
    mounts = [
        "--tmpfs=/opt/venv/memory:mode=755",
        f"--volume={file}:/opt/venv/mounted-file",
        f"--volume={folder}:/opt/venv/mounted-folder",
    ]
    with docker.start(image, "sleep", "600", options=mounts) as container:
        prepare(container)
        shell(container, "mkdir /opt/venv/memory/inner && touch /opt/venv/memory/file")
        before = places(container, "/opt")
        done = fix(container)
        assert done.returncode == 0, str(done)
        assert changed(before, places(container, "/opt")) == MENDED


def test_a_mount_that_is_named_is_mended(docker: Engine, image: Image) -> None:
    with docker.start(image, "sleep", "600", options=["--tmpfs=/srv/data:mode=755"]) as container:
        shell(container, "mkdir /srv/data/inner && touch /srv/data/file")
        before = places(container, "/srv/data")
        done = fix(container, "/srv/data")
        assert done.returncode == 0, str(done)
        access = {"": "d 2775 0:0", "/inner": "d 2775 0:0", "/file": "f 664 0:0"}
        mended = changed(before, places(container, "/srv/data"))
        assert mended == {f"/srv/data{path}": what for path, what in access.items()}


# What a path-based repair does, until it was led outside.
BY_PATH = f"""
i=0
while [ $i -lt 200 ] && ! find /srv/outside -perm -020 | grep -q .; do
    find {SHARE} ! -type l ! -perm -020 -exec chmod g+w {{}} + 2>/dev/null
    i=$((i + 1))
done
find /srv/outside -perm -020 | grep -q ."""


NAMED = {
    "environment": (),
    # Here the name itself leads outside half of the time.
    "folder below": (f"{SHARE}/race/folder/inner",),
    "file below": (f"{SHARE}/race/folder/inner/file",),
}


@pytest.mark.parametrize("paths", NAMED.values(), ids=NAMED.keys())
def test_whoever_exchanges_folders_and_links_meanwhile_gains_nothing(
    docker: Engine, image: Image, paths: tuple[str, ...]
) -> None:
    with docker.start(image, "sleep", "600", options=[f"--volume={SWAP}:/swap.py:ro"]) as container:
        prepare(container)
        before = places(container, "/srv/outside")
        shell(container, f"python -B /swap.py {SHARE}/race >/tmp/swap.log 2>&1 &", FIRST)
        for _ in range(RUNS_WITH_NAME if paths else RUNS):
            done = fix(container, *paths)
            # A name that just led outside is refused.
            assert done.returncode in ((0, 1, 3) if paths else (0, 1)), str(done)
        assert changed(before, places(container, "/srv/outside")) == {}
        # The exchange still goes on, and leads others outside.
        shell(container, BY_PATH)
