"""What goes wrong in images without the guard, each seen to go wrong, and what becomes of it with the guard."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.images import top_projects
from tests.images.docker_engine import Container, Engine

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.images.base_images import Base

HERE = Path(__file__).parent
PIP = "/usr/bin/python3 -m pip"
BREAK = f"{PIP} install --break-system-packages --upgrade"
FLASK = "/usr/bin/flask --version"
SHADOW = f"{BREAK} werkzeug"
HIDE = f"{BREAK} --user --ignore-installed werkzeug"
# A pip without Debian's changes comes first, and then it removes what it replaces.
TWO_STEPS = (f"{BREAK} pip", f"{BREAK} pyyaml requests")
ONE_STEP = f"{BREAK} setuptools"


class Box:
    """A running container and what is asked of it."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return self._container.execute("sh", "-c", command)

    def done(self, command: str) -> str:
        done = self.run(command)
        assert done.returncode == 0, f"{command}\n{done}"
        return done.stdout

    def refused(self, command: str) -> None:
        """The command fails, and the distro's files are as they were."""
        before = self.damage()
        done = self.run(command)
        assert done.returncode != 0, f"{command}\n{done}"
        assert self.damage() == before, f"{command}\n{done}"

    def damage(self) -> list[str]:
        """Python's files that dpkg misses or finds changed."""
        lines = self.run("dpkg --verify").stdout.splitlines()
        return [line for line in lines if "/lib/python3" in line]

    def findings(self, command: str, status: int) -> list[dict[str, Any]]:
        done = self.run(command)
        assert done.returncode == status, f"{command}\n{done}"
        told: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
        return told


class Start(Protocol):
    """`start("debian12", "guarded")` is a new container of that image."""

    def __call__(self, release: str, target: str) -> contextlib.AbstractContextManager[Box]: ...


@pytest.fixture(scope="module")
def start(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Start:
    """Images are built when they are first asked for."""
    wheels = top_projects.fetched()

    @contextlib.contextmanager
    def started(release: str, target: str) -> Iterator[Box]:
        base = base_image(release)
        image = docker.build(HERE, base=base, files={"venvboot": venvboot}, target=target, cache=True)
        with docker.start(image, "sleep", "600", options=[f"--volume={wheels}:/srv/wheels:ro"]) as container:
            yield Box(container)

    return started


def test_an_outdated_jinja2_is_already_satisfied_only_where_the_systems_packages_are_seen(start: Start) -> None:
    newest = top_projects.versions()["jinja2"]
    version = "-c 'import jinja2; print(jinja2.__version__)'"
    with start("debian12", "guarded") as box:
        box.done("env -u VIRTUAL_ENV /usr/bin/python3 -m venv --system-site-packages /srv/seeing")
        said = box.done("/srv/seeing/bin/python -m pip install jinja2")
        assert "Requirement already satisfied: jinja2 in /usr/lib/python3/dist-packages" in said
        outdated = box.done(f"/srv/seeing/bin/python {version}").strip()
        assert outdated != newest

        box.done("venvboot install jinja2")
        assert box.done(f"python {version}").strip() == newest
        assert box.done(f"/usr/bin/python3 {version}").strip() == outdated


def test_an_upgrade_of_werkzeug_kills_the_distros_flask_unless_guarded(start: Start) -> None:
    with start("debian12", "unguarded") as box:
        box.done(FLASK)
        box.done(SHADOW)
        broken = box.run(FLASK)
        assert broken.returncode != 0, str(broken)
        assert "ImportError: cannot import name 'url_quote'" in broken.stderr, str(broken)
        assert box.damage() == []
        box.done(f"{PIP} uninstall -y --break-system-packages werkzeug")
        box.done(FLASK)
    with start("debian12", "guarded") as box:
        box.refused(SHADOW)
        box.done(FLASK)
        box.done("venvboot check")


def test_pips_of_pip_destroy_the_distros_files_on_debian_12_unless_guarded(start: Start) -> None:
    with start("debian12", "unguarded") as box:
        assert box.damage() == []
        box.done(TWO_STEPS[0])
        assert box.damage() == []
        box.done(TWO_STEPS[1])
        damage = box.damage()
        assert len(damage) > 40, damage
        assert all(line.startswith("missing") for line in damage), damage
    with start("debian12", "guarded") as box:
        for command in TWO_STEPS:
            box.refused(command)
        assert box.damage() == []
        box.done("/usr/bin/python3 -c 'import requests, yaml' && venvboot check")


def test_an_upgrade_of_setuptools_destroys_the_distros_files_on_debian_13_unless_guarded(start: Start) -> None:
    with start("debian13", "unguarded") as box:
        assert box.damage() == []
        box.done(ONE_STEP)
        assert len(box.damage()) > 400, box.damage()
    with start("debian13", "guarded") as box:
        box.refused(ONE_STEP)
        assert box.damage() == []
        box.done("/usr/bin/python3 -c 'import setuptools' && venvboot check")


@pytest.mark.parametrize(("release", "command"), [("debian12", TWO_STEPS), ("debian13", (ONE_STEP,))])
def test_what_was_destroyed_is_found_by_check(start: Start, release: str, command: tuple[str, ...]) -> None:
    """Where the guard came too late."""
    with start(release, "unguarded") as box:
        for step in command:
            box.done(step)
        box.run("venvboot guard")
        damaged = [
            finding
            for finding in box.findings("venvboot check --only guard --json", 4)
            if finding["code"] == "damaged"
        ]
        told = json.dumps(damaged)
        wanted = {re.sub(r"^missing +", "", line) for line in box.damage()}
        packages = {box.done(f"dpkg -S {path}").split(":")[0] for path in sorted(wanted)[:3]}
        assert all(package in told for package in packages), told


def test_a_users_site_hides_werkzeug_from_flask_unless_python_is_told_not_to_look(start: Start) -> None:
    with start("debian12", "unguarded") as box:
        box.done(HIDE)
        broken = box.run(FLASK)
        assert broken.returncode != 0, str(broken)
        assert "ImportError: cannot import name 'url_quote'" in broken.stderr, str(broken)
        box.done(f"PYTHONNOUSERSITE=1 {FLASK}")
    with start("debian12", "guarded") as box:
        # Not prevented, but without effect through ENV, and named.
        box.done(HIDE)
        box.done(FLASK)
        (found,) = [
            finding
            for finding in box.findings("venvboot check --only guard --json", 4)
            if finding["code"] == "shadow-dist" and "werkzeug" in finding["message"].lower()
        ]
        assert "python3-werkzeug" in json.dumps(found), found
        assert "/root/.local/" in json.dumps(found), found


def test_plain_user_installs_are_refused(start: Start) -> None:
    with start("debian12", "guarded") as box:
        box.refused(f"{PIP} install --user --ignore-installed werkzeug")
        box.done("venvboot check")


def test_wsgiref_in_requirements_is_named_as_pythons_own(start: Start) -> None:
    """Its only release is a source distribution in Python 2, which pip tries to build first."""
    with start("debian12", "guarded") as box:
        box.done("printf 'itsdangerous\\nwsgiref==0.1.2\\n' >/srv/requirements.in")
        built = box.run("PIP_NO_INDEX=0 pip install -r /srv/requirements.in")
        assert built.returncode == 1, str(built)
        assert "SyntaxError" in built.stdout + built.stderr, str(built)
        assert "standard library" not in built.stdout + built.stderr, str(built)

        found = box.findings("venvboot install --json -r /srv/requirements.in", 3)
        (stdlib,) = [finding for finding in found if finding["code"] == "shadow-stdlib"]
        assert stdlib["subject"] == "wsgiref", stdlib
        assert "standard library" in stdlib["message"], stdlib
        assert box.run("python -c 'import itsdangerous'").returncode == 1
