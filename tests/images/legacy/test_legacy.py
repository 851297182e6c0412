"""Debian's own Python 2.7 gets its environment from venvboot-legacy, which the image's Python 3.9 runs."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.docker_engine import Container, Engine, Image

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

FILES = ("venvboot", "venvboot-legacy")
UNSHARED = "find /opt/venv -type d ! '(' -perm -2070 -gid 0 ')'"


@dataclass(frozen=True)
class Old:
    """One running container of the image with an environment of Python 2.7; the tests install into it."""

    image: Image
    container: Container

    def run(self, command: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        done = self.container.execute(*shlex.split(command), user=user)
        assert done.returncode == 0, str(done)
        return done


@pytest.fixture(scope="module")
def old(docker: Engine, venvboot: Path, venvboot_legacy: Path, base_image: Callable[[str], Base]) -> Iterator[Old]:
    files = {"venvboot": venvboot, "venvboot-legacy": venvboot_legacy}
    image = docker.build(Path(__file__).parent, base=base_image("debian11"), files=files)
    with docker.start(image, "sleep", "600") as container:
        yield Old(image, container)


def test_each_file_refuses_what_the_other_makes_and_names_it(old: Old) -> None:
    log = old.image.log
    assert "`venvboot-legacy init --python /usr/bin/python2.7" in log, log
    assert "[interpreter-too-old]" in log
    assert "[interpreter-too-new]" in log


def test_init_says_that_there_are_no_security_fixes(old: Old) -> None:
    assert "Python 2.7 gets no security fixes" in old.image.log, old.image.log


def test_it_is_debians_python_2_7_that_starts_without_a_word(old: Old) -> None:
    for words in ("-W error", "-W error -E -s -B"):
        done = old.run(f"python {words} -c 'import sys; print(sys.prefix); print(sys.version_info[:2])'", "1234567:0")
        assert (done.stdout, done.stderr) == ("/opt/venv\n(2, 7)\n", "")
    assert "python2.7-minimal" in old.run("cat /opt/venv/venvboot.json").stdout


def test_the_layer_holds_the_environment_and_the_guard_and_changes_nothing_of_the_distros(
    docker: Engine, old: Old
) -> None:
    layer = docker.layer_files(old.image)
    inside = [member for member in layer if f"/{member.path}/".startswith("/opt/venv/")]
    directories = {(member.mode, member.gid) for member in inside if member.type == "directory"}
    assert directories == {(0o2775, 0)}
    assert [m for m in inside if m.type == "file" and (m.mode & 0o660 != 0o660 or m.mode & 0o002 or m.gid)] == []
    outside = [member.path for member in layer if member not in inside and member.type != "directory"]
    assert [path for path in outside if path.endswith((".pyc", ".py"))] == []
    # A conffile, which the administrator may change; a block of ours stands in it.
    assert old.run("dpkg --verify").stdout.split() in ([], ["??5??????", "c", "/etc/bash.bashrc"])


def test_one_uid_installs_another_upgrades_and_removes_and_the_group_keeps_its_access(old: Old) -> None:
    old.run("pip install six==1.16.0", "1234567:0")
    assert old.run("python -c 'import six; print(six.__version__)'", "1234567:0").stdout == "1.16.0\n"
    old.run("venvboot-legacy install six==1.17.0", "7654321:0")
    old.run("pip uninstall -y six", "root")
    old.run("python -m pip install six==1.17.0", "root")
    old.run("pip2.7 install -U --force-reinstall six==1.16.0", "1234567:0")
    old.run("venvboot install six==1.17.0", "7654321:0")
    assert old.run(UNSHARED).stdout == ""


def test_setuptools_builds_what_is_no_wheel(old: Old) -> None:
    old.run("pip install --no-binary :all: six==1.16.0", "1234567:0")
    assert old.run(UNSHARED).stdout == ""


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("user", ["root", "1234567:0"])
def test_check_keeps_every_promise(old: Old, file: str, user: str) -> None:
    done = old.run(f"{file} check", user)
    assert "broken" not in done.stdout, str(done)


def test_a_second_init_writes_nothing(old: Old) -> None:
    before = old.container.diff()
    done = old.run("venvboot-legacy init")
    assert "nothing was written" in done.stderr, str(done)
    assert old.container.diff() == before
