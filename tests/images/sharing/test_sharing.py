"""Any UID of group 0, and root, install into the environment, upgrade and remove, one after the other."""

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

DENIED = ("permission denied", "not permitted", "read-only")
UNSHARED = "find /opt/venv -type d ! '(' -perm -2070 -gid 0 ')'"
LEFTOVERS = "find /opt/venv -name '~*'"


@dataclass(frozen=True)
class Shared:
    """One running container of an image with an environment; the tests of this file change it in their order."""

    image: Image
    container: Container

    def run(self, command: str, user: str) -> subprocess.CompletedProcess[str]:
        done = self.container.execute(*shlex.split(command), user=user)
        assert done.returncode == 0, str(done)
        assert not any(word in (done.stdout + done.stderr).lower() for word in DENIED), str(done)
        return done


CASES = [("debian11", "init"), ("debian12", "sync"), ("debian13", "init")]


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def shared(
    request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base]
) -> Iterator[Shared]:
    name, target = request.param
    files = {"venvboot": venvboot}
    image = docker.build(Path(__file__).parent, base=base_image(name), files=files, target=target, cache=True)
    with docker.start(image, "sleep", "600") as container:
        yield Shared(image, container)


def test_one_uid_installs_with_plain_pip_another_upgrades_removes_and_installs_with_venvboot(shared: Shared) -> None:
    shared.run("pip install six==1.16.0 typing-extensions==4.12.2 zope.interface", "54321:0")
    shared.run("pip install -U six typing-extensions", "65432:0")
    shared.run("pip uninstall -y six zope.interface", "65432:0")
    shared.run("venvboot install six==1.16.0", "76543:0")
    shared.run("venvboot install six==1.17.0", "54321:0")
    shared.run("pip uninstall -y six", "root")
    shared.run("pip install six==1.16.0", "root")
    shared.run("pip install six==1.17.0", "65432:0")

    assert shared.run("python -c 'import six; print(six.__version__)'", "54321:0").stdout == "1.17.0\n"
    listed = shared.run("pip list --format=freeze", "54321:0").stdout
    assert "zope.interface" not in listed
    assert "typing_extensions==4.12.2" not in listed
    assert shared.run(LEFTOVERS, "root").stdout == ""
    assert shared.run(UNSHARED, "root").stdout == ""
    for user in ("root", "1234567:0"):
        check = shared.run("venvboot check", user)
        assert "broken" not in check.stdout, str(check)


def test_a_plain_python_keeps_the_umask_it_was_given(docker: Engine, shared: Shared) -> None:
    ask = "import os; print('%03o' % os.umask(0))"
    for argv in (["python", "-c", ask], ["python", "-B", "-c", ask, "pip"], ["python", "-c", ask, "-m", "pip"]):
        done = docker.run(shared.image, *argv)
        assert (done.returncode, done.stdout) == (0, "022\n"), str(done)


DERIVED = """\
ARG BASE
FROM ${BASE}
RUN umask 022 && pip install markupsafe==2.1.5 && python -m pip install attrs==24.2.0
RUN test "$(umask)" = 0022 && venvboot check
"""


def test_root_at_umask_022_in_a_derived_dockerfile_leaves_every_directory_to_the_group(
    docker: Engine, shared: Shared
) -> None:
    derived = docker.build(dockerfile=DERIVED, base=shared.image)

    layer = next(members for members in docker.layers_above(derived, shared.image) if members)
    inside = [member for member in layer if member.path.startswith("opt/venv/")]
    assert {"markupsafe", "attrs"} <= {member.path.split("/")[5] for member in inside if member.path.count("/") > 4}
    directories = [member for member in inside if member.type == "directory"]
    assert [m for m in directories if m.mode & 0o2070 != 0o2070 or m.gid != 0] == []
    assert [m for m in inside if m.type != "symlink" and m.mode & 0o002] == []
    with docker.start(derived, "sleep", "600") as container:
        removed = container.execute("pip", "uninstall", "-y", "markupsafe", "attrs", user="54321:0")
        assert removed.returncode == 0, str(removed)
        left = container.execute(*shlex.split(LEFTOVERS))
        assert (left.returncode, left.stdout) == (0, ""), str(left)
