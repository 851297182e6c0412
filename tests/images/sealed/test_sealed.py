"""A sealed image runs read-only and as any UID, lets none of them change it, and is undone to what it was."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence

    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine, Image

RELEASES = ("debian12", "debian13")
USERS = ("12345:54321", "12345:0", "0:0")
READ_ONLY = ("--read-only",)
LOCKED_DOWN = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
MAIN = "import sys\nVERSION = '1.0'\ndef main():\n    print('app', VERSION, sys.prefix)\n"
APP = {
    "app_main.py": MAIN,
    "app/__init__.py": "",
    "app/__main__.py": "import app_main\napp_main.main()\n",
    "app/data.txt": "x" * 50_000,
    "app-1.0.dist-info/entry_points.txt": "[console_scripts]\napp = app_main:main\n",
}
SHELLS = ("/etc/profile.d/zz-venvboot.sh", "/etc/environment", "/etc/bash.bashrc")
# What is there, by type, mode, owner and target; and the bytes, but for bytecode, which has times.
TREE = (
    "find /opt/venv /etc /usr/local -printf '%M %U:%G %p %l\\n' | sort; "
    "find /opt/venv /etc /usr/local -type f ! -name '*.pyc' ! -path /etc/hosts ! -path /etc/hostname "
    "! -path /etc/resolv.conf -exec sha256sum {} + | sort -k 2"
)
# Each tries to change something in another way; none may.
WRITERS = (
    "touch /opt/venv/new",
    "touch /opt/venv/bin/new",
    "touch /opt/venv/lib/python3*/site-packages/new.pth",
    "echo >> /opt/venv/pyvenv.cfg",
    "echo >> /opt/venv/venvboot.json",
    "rm -r /opt/venv/lib",
    "mv /opt/venv/bin /opt/venv/other",
    "chmod g+w /opt/venv/pyvenv.cfg",
    "ln -sf /bin/sh /opt/venv/bin/python",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, venvboot: Path) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("wheels")
    digest = make_wheel(folder, "app", "1.0", module="app_main", more=APP)
    make_wheel(folder, "later", "1.0", module="later_main")
    lock = f"app==1.0 --hash=sha256:{digest}\n"
    return {"venvboot": venvboot, "lock.txt": lock, **{f"wheels/{path.name}": path for path in folder.glob("*.whl")}}


@pytest.fixture
def make(docker: Engine, base_image: Callable[[str], Base], files: dict[str, Any]) -> Callable[..., Image]:
    def build(release: str, seal: str = "venvboot seal") -> Image:
        given = {"SEAL": seal}
        return docker.build(
            Path(__file__).parent, base=base_image(release), files=files, build_args=given, cache=True
        )

    return build


@pytest.fixture
def child(docker: Engine) -> Callable[[Image, str], Image]:
    return lambda parent, lines: docker.build(dockerfile=f"ARG BASE\nFROM ${{BASE}}\n{lines}\n", base=parent)


def must_be(done: subprocess.CompletedProcess[str], status: int) -> str:
    assert done.returncode == status, str(done)
    return done.stdout


def told(done: subprocess.CompletedProcess[str], status: int) -> list[str]:
    """Return the codes of what is told, but that Debian's own pygettext asks env for Python."""
    found = [one["code"] for one in json.loads(must_be(done, status))["findings"]]
    return [code for code in found if code != "env-shebang"]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("user", USERS)
def test_any_user_starts_it_on_a_read_only_root_and_check_proves_it(
    docker: Engine, make: Callable[..., Image], release: str, user: str
) -> None:
    image = make(release)
    for options in (READ_ONLY, LOCKED_DOWN):
        run = docker.run(image, "python", "-m", "app", user=user, options=options)
        assert must_be(run, 0) == "app 1.0 /opt/venv\n"
        plain = docker.run(image, "/opt/venv/bin/app", user=user, options=options, entrypoint="/usr/bin/env")
        assert must_be(plain, 0) == "app 1.0 /opt/venv\n"
    for environment in ({}, {"HOME": ""}, {"HOME": "/nowhere"}):
        words = ("venvboot", "check", "--json")
        check = docker.run(image, *words, user=user, options=READ_ONLY, env=environment, entrypoint="/usr/bin/env")
        assert told(check, 0) == [], str(check)
        assert set(json.loads(check.stdout)["promises"].values()) == {"kept"}, str(check)


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_that_installs_is_left_and_nobody_can_write(
    docker: Engine, make: Callable[..., Image], release: str
) -> None:
    image = make(release)
    for word in ("pip", "ensurepip", "setuptools"):
        assert f"No module named {word}" in docker.run(image, "python", "-m", word, user="12345:0").stderr
    found = docker.run(image, "sh", "-c", "ls -d /opt/venv/bin/*pip* /usr/local/bin/*pip* /opt/venv/bin/*activate*")
    assert found.stdout == "", str(found)
    readers = docker.run(image, "grep", "-l", "venvboot", *SHELLS)
    assert readers.stdout == "", str(readers)
    writable = docker.run(image, "find", "/opt/venv", "!", "-type", "l", "-perm", "/7022")
    assert must_be(writable, 0) == ""
    script = "".join(f"({writer}) 2>/dev/null && echo '{writer}'\n" for writer in WRITERS) + "exit 0"
    assert WRITERS[0] in docker.run(make(release, "true"), "sh", "-c", script, user="12345:0").stdout
    for user in USERS[:2]:
        for options in ((), READ_ONLY):
            done = docker.run(image, "sh", "-c", script, user=user, options=options)
            assert must_be(done, 0) == "", str(done)


@pytest.mark.parametrize("release", RELEASES)
def test_its_layer_is_smaller_and_a_later_one_copies_no_more_than_was_told(
    docker: Engine, make: Callable[..., Image], child: Callable[[Image, str], Image], release: str
) -> None:
    sealed, unsealed = make(release), make(release, "true")

    def size(image: Image) -> int:
        return next(one.size for one in docker.layer_sizes(image) if "venvboot sync" in one.created_by)

    assert size(sealed) < size(unsealed)
    late = child(unsealed, "RUN venvboot seal\nRUN venvboot check")
    said = re.search(r"(\d+) bytes at most", late.log)
    assert said, late.log
    (layer,) = [one for one in docker.layers_above(late, unsealed) if one]
    copied = [one for one in layer if one.path.startswith("opt/venv/") and one.path != "opt/venv/venvboot.json"]
    assert 0 < sum(one.size for one in copied) <= int(said[1])
    assert tree(docker, late) == tree(docker, sealed)


def tree(docker: Engine, image: Image) -> Sequence[str]:
    return must_be(docker.run(image, "sh", "-c", TREE), 0).splitlines()


@pytest.mark.parametrize("release", RELEASES)
def test_undone_it_is_what_was_never_sealed_and_installs_again(
    docker: Engine, make: Callable[..., Image], child: Callable[[Image, str], Image], release: str
) -> None:
    undone = child(make(release), "RUN venvboot seal --undo\nRUN venvboot check")
    assert tree(docker, undone) == tree(docker, make(release, "true"))
    idle = child(undone, "RUN venvboot init && venvboot sync /srv/lock.txt\nUSER 12345:0\nRUN venvboot install later")
    assert "nothing was written" in idle.log, idle.log
    assert "nothing to do" in idle.log, idle.log
    assert must_be(docker.run(idle, "python", "-c", "import later_main; print(1)"), 0) == "1\n"


def test_a_child_of_a_sealed_image_is_refused_with_the_way_out(
    docker: Engine, make: Callable[..., Image], child: Callable[[Image, str], Image]
) -> None:
    image = make("debian12")
    refused = child(image, "RUN venvboot install later; test $? = 3\nRUN venvboot fix; test $? = 3")
    assert refused.log.count("venvboot seal --undo --venv /opt/venv") >= 2, refused.log
    again = child(image, "RUN venvboot init && venvboot sync /srv/lock.txt")
    assert "sealed; nothing was written" in again.log, again.log
    assert "nothing to do" in again.log, again.log
    assert not [one for one in docker.layers_above(again, image) if one], "a layer was written"


def test_an_activation_stays_where_it_is_asked_for(
    docker: Engine, make: Callable[..., Image], child: Callable[[Image, str], Image]
) -> None:
    image = make("debian12", "venvboot seal --activate profile.d")
    assert must_be(docker.run(image, "grep", "-l", "venvboot", *SHELLS), 0) == f"{SHELLS[0]}\n"
    undone = child(image, "RUN venvboot seal --undo")
    assert tree(docker, undone) == tree(docker, make("debian12", "true"))


def test_killed_again_and_again_it_is_never_called_sealed_before_it_is(
    docker: Engine, make: Callable[..., Image]
) -> None:
    images = {"seal": make("debian12"), "undo": make("debian12", "true")}
    trees = {verb: tree(docker, image) for verb, image in images.items()}
    seen = set()
    with docker.start(images["undo"], "sleep", "600") as container:
        for verb in ("seal", "undo", "seal", "undo"):
            words = ("venvboot", "seal", *(("--undo",) if verb == "undo" else ()))
            for moment in ("0.3", "0.45", "0.6", "0.9"):
                container.execute("timeout", "-s", "KILL", moment, *words)
                record = container.execute("cat", "/opt/venv/venvboot.json")
                state = json.loads(record.stdout)["seal"]["state"]
                check = container.execute("venvboot", "check", "--json")
                assert told(check, 4 if state == "unfinished" else 0) == (
                    ["seal-unfinished"] if state == "unfinished" else []
                )
                seen.add(state)
            must_be(container.execute(*words), 0)
            must_be(container.execute("venvboot", "check"), 0)
            assert must_be(container.execute("sh", "-c", TREE), 0).splitlines() == trees[verb]
    assert "unfinished" in seen
