"""A source build that nobody else manages, prepared for the group's installs in place of an environment."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.docker_engine import Container, Engine, Image

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

SITE_PACKAGES = "usr/local/lib/python3.11/site-packages"
LOCK = Path(__file__).parents[2] / "data" / "locks" / "debian12.txt"


@pytest.fixture(scope="module")
def image(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    return _build(docker, venvboot, base_image("debian12-source"), "direct")


def _build(docker: Engine, venvboot: Path, base: Base, target: str) -> Image:
    files = {"venvboot": venvboot, "requirements.txt": LOCK}
    return docker.build(Path(__file__).parent, base=base, files=files, target=target, cache=True)


@pytest.fixture(scope="module")
def container(docker: Engine, image: Image) -> Iterator[Container]:
    """One running container; the tests of this file change it in their order."""
    with docker.start(image, "sleep", "600") as started:
        yield started


def _run(container: Container, command: str, user: str) -> subprocess.CompletedProcess[str]:
    done = container.execute(*shlex.split(command), user=user)
    assert done.returncode == 0, str(done)
    return done


def test_the_layer_holds_the_hook_the_record_and_directories_only(docker: Engine, image: Image) -> None:
    layer = docker.layer_files(image)
    written = {member.path for member in layer if member.type != "directory"}
    assert {path for path in written if "__pycache__" not in path} == {
        "usr/local/venvboot.json",
        f"{SITE_PACKAGES}/venvboot_pip.pth",
        f"{SITE_PACKAGES}/_venvboot_pip.py",
    }
    # What every start imports is compiled here, lest whoever starts it first makes the folder for itself alone.
    compiled = {path for path in written if "__pycache__" in path}
    assert compiled == {
        f"{SITE_PACKAGES}/__pycache__/_venvboot_pip.cpython-311.pyc",
        f"{SITE_PACKAGES}/_distutils_hack/__pycache__/__init__.cpython-311.pyc",
    }
    shared = {member.path for member in layer if member.type == "directory" and member.mode & 0o2070 == 0o2070}
    assert {"usr/local/bin", "usr/local/share", SITE_PACKAGES, f"{SITE_PACKAGES}/pip"} <= shared
    assert not any(member.mode & 0o002 for member in layer if member.type != "symlink")
    library = {path for path in shared if path.startswith("usr/local/lib/python3.11/")}
    assert all(path.startswith(SITE_PACKAGES) for path in library)


def test_users_of_the_group_install_upgrade_and_remove_one_after_the_other(container: Container) -> None:
    _run(container, "pip3 install six==1.16.0 pygments==2.17.2", "54321:0")
    _run(container, "pip3 install -U six pygments", "65432:0")
    _run(container, "pip3 uninstall -y six", "76543:0")
    _run(container, "venvboot install six==1.16.0", "65432:0")
    _run(container, "pip3 install -U pip", "54321:0")
    where = _run(container, "python3 -c 'import six; print(six.__file__)'", "1234567:0").stdout
    assert where == f"/{SITE_PACKAGES}/six.py\n"
    _run(container, "venvboot check", "54321:0")


def test_another_group_may_not(container: Container) -> None:
    done = container.execute("pip3", "install", "--no-deps", "idna", user="54321:54321")
    assert "defaulting to user installation" in (done.stdout + done.stderr).lower() or done.returncode != 0, str(done)


def test_a_second_run_writes_nothing(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> None:
    again = _build(docker, venvboot, base_image("debian12-source"), "twice")
    assert [layer.size for layer in docker.layer_sizes(again)][-1] == 0


def test_a_lock_is_synced_and_every_promise_is_kept(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base]
) -> None:
    locked = _build(docker, venvboot, base_image("debian12-source"), "locked")
    done = docker.run(locked, "venvboot", "check", "--json")
    assert done.returncode == 0, str(done)
    promises = json.loads(done.stdout)["promises"]
    assert promises.pop("guard") == "not checked"
    assert set(promises.values()) == {"kept"}, promises


def test_the_env_lines_name_no_environment(docker: Engine, image: Image) -> None:
    done = docker.run(image, "venvboot", "env")
    assert done.stdout == "ENV PATH=/usr/local/bin:$PATH\nENV PYTHONNOUSERSITE=1\n", str(done)


@pytest.mark.parametrize("base", ["debian12"], indirect=False)
def test_a_python_of_the_distro_is_refused(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], base: str
) -> None:
    options = [f"--volume={venvboot}:/usr/local/bin/venvboot:ro"]
    with docker.start(base_image(base), "sleep", "60", options=options) as container:
        done = container.execute("venvboot", "init", "--direct")
        assert done.returncode == 3, str(done)
        assert "[not-direct]" in done.stderr, str(done)
        assert "python3.11-minimal" in done.stderr, str(done)
        # The place that the file is mounted at is Docker's own doing.
        assert {path for path, kind in container.diff().items() if kind == "A"} <= {"/usr/local/bin/venvboot"}
        assert not [path for path in container.diff() if not "/usr/local/bin/venvboot".startswith(path)]
