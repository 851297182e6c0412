"""Beside a distro's real packages: what is let in, what is refused with its owner, and what an exception lets in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.base_images import Base
from tests.images.docker_engine import Container, Engine
from tests.images.docker_engine import Image as Built
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MIXED = ("--venv", "/opt/mixed")
SYSTEM = ("--python", "/usr/bin/python3")
DIST = "/usr/lib/python3/dist-packages"
# Folders whose list of names changed and changed back: what was made there is gone again.
TOUCHED: tuple[dict[str, str], ...] = ({}, {"/tmp": "C"})


@dataclass(frozen=True)
class Image:
    """A running container; what is refused must have changed nothing in it since `before`."""

    base: Base
    built: Built
    container: Container

    def json(self, *argv: str, code: int = 0, environ: Sequence[str] = ()) -> dict[str, Any]:
        done = self.container.execute("env", *environ, "venvboot", argv[0], "--json", *argv[1:])
        assert done.returncode == code, done.stdout + done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def refuse(self, *argv: str, code: int = 3) -> dict[str, dict[str, str]]:
        """Return the findings of a refused run by their codes, and prove that it wrote nothing."""
        before = self.container.diff()
        told = self.json(*argv, code=code)
        after = self.container.diff()
        assert {path: how for path, how in after.items() if path != "/tmp"} == {
            path: how for path, how in before.items() if path != "/tmp"
        }
        return {finding["code"]: finding for finding in told["findings"]}

    def verify(self) -> str:
        return self.container.execute("dpkg", "--verify").stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "lister", "1.0", more={"DATA/scripts/ls": "#!python\n"})
    make_wheel(folder, "starter", "1.0", more={"starter.pth": "import starter\n"})
    make_wheel(folder, "google-thing", "1.0", module="thing", more={"google/thing/__init__.py": ""})
    make_wheel(folder, "google-auth-fork", "1.0", module="fork", more={"google/auth/__init__.py": ""})
    make_wheel(folder, "jinja2", "9.0", more={"jinja2/__init__.py": ""})
    make_wheel(folder, "enum34", "1.0", module="enum")
    return folder


@pytest.fixture(params=["debian12", "debian13"], scope="module")
def image(
    request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base], wheels: Path
) -> Iterator[Image]:
    base = base_image(request.param)
    files = {"venvboot": venvboot, **{f"wheels/{path.name}": path for path in wheels.iterdir()}}
    built = docker.build(Path(__file__).parent, base=base, files=files, cache=True)
    with docker.start(built, "sleep", "600") as container:
        yield Image(base, built, container)


@pytest.fixture
def fresh(docker: Engine, image: Image) -> Iterator[Image]:
    """The same image in a container of its own, for what writes."""
    with docker.start(image.built, "sleep", "600") as container:
        yield Image(image.base, image.built, container)


LOCAL = ("PIP_NO_INDEX=1", "PIP_FIND_LINKS=/wheels")


def test_an_outdated_distribution_counts_as_there_only_where_it_is_seen(fresh: Image) -> None:
    mixed = fresh.json("install", *MIXED, "jinja2")
    (stale,) = mixed["findings"]
    assert (stale["code"], stale["severity"]) == ("stale-satisfied", "note")
    assert "python3-jinja2" in stale["message"]
    assert mixed["changes"]["add"] == {}

    isolated = fresh.json("install", "jinja2", environ=LOCAL)
    assert isolated["changes"]["add"] == {"jinja2": "9.0"}
    assert isolated["findings"] == []


def test_beside_seen_packages_what_would_hide_them_is_refused_with_the_owner(image: Image) -> None:
    found = image.refuse("install", *MIXED, "/wheels/jinja2-9.0-py3-none-any.whl")
    assert set(found) == {"shadow-dist"}
    assert "package python3-jinja2" in found["shadow-dist"]["message"]
    assert (
        f"/opt/mixed/lib/python{image.base.python}/site-packages comes before {DIST}/"
        in found["shadow-dist"]["evidence"]
    )

    found = image.refuse("install", *MIXED, "/wheels/google_auth_fork-1.0-py3-none-any.whl")
    assert set(found) == {"shadow-module"}
    assert "module google.auth of the package python3-google-auth" in found["shadow-module"]["message"]


def test_a_namespace_is_shared_without_a_word(fresh: Image) -> None:
    told = fresh.json("install", *MIXED, "/wheels/google_thing-1.0-py3-none-any.whl")
    assert told["findings"] == []


def test_a_program_of_an_essential_package_is_not_hidden_and_another_with_a_warning(fresh: Image) -> None:
    found = fresh.refuse("install", "/wheels/lister-1.0-py3-none-any.whl")
    assert set(found) == {"hide-command"}
    assert "coreutils" in found["hide-command"]["message"]

    told = fresh.json("install", "chardet<6")
    (warning,) = told["findings"]
    assert (warning["code"], warning["severity"]) == ("hide-command", "warning")
    assert "/usr/bin/chardetect of the package python3-chardet" in warning["message"]


def test_an_exception_lets_in_is_recorded_and_told_by_check(fresh: Image) -> None:
    allowed = ("--allow", "jinja2:shadow-dist", "--because", "we test it")
    told = fresh.json("install", *MIXED, *allowed, "/wheels/jinja2-9.0-py3-none-any.whl")
    assert [one["code"] for one in told["findings"]] == ["exception-recorded"]
    assert told["changes"]["add"] == {"jinja2": "9.0"}
    checked = fresh.json("check", *MIXED, "--only", "environment")
    codes = {one["code"]: one for one in checked["findings"]}
    assert codes["exception-recorded"]["evidence"] == "we test it"
    assert "system-site-packages" in codes


def test_a_lock_is_not_made_true_where_the_distro_s_packages_are_seen(image: Image) -> None:
    image.container.execute("sh", "-c", "echo 'jinja2==9.0 --hash=sha256:00' >/tmp/lock.txt")
    found = image.refuse("sync", *MIXED, "/tmp/lock.txt")
    assert set(found) == {"not-isolated"}


def test_what_owners_say_must_be_readable_where_it_matters(fresh: Image) -> None:
    fresh.container.execute("sh", "-c", "rm -r /var/lib/dpkg/info && mkdir /var/lib/dpkg/info")
    found = fresh.refuse("install", *MIXED, "/wheels/starter-1.0-py3-none-any.whl", code=5)
    assert set(found) == {"unknown-owner"}


def test_all_that_speaks_against_the_distro_s_python_is_told_at_once(image: Image) -> None:
    wheels = ("jinja2-9.0", "starter-1.0", "lister-1.0", "google_auth_fork-1.0", "enum34-1.0")
    told = image.json("install", *SYSTEM, *(f"/wheels/{name}-py3-none-any.whl" for name in wheels), code=3)
    assert {(one["code"], one["subject"]) for one in told["findings"]} >= {
        ("system-target", "/usr/bin/python3"),
        ("shadow-dist", "jinja2"),
        ("startup-hook", "starter"),
        ("hide-command", "lister"),
        ("shadow-module", "google-auth-fork"),
        ("shadow-stdlib", "enum34"),
    }


def test_exceptions_for_every_part_let_an_install_beside_the_distro_s_packages_be(fresh: Image) -> None:
    before = fresh.verify()
    wheel = "/wheels/google_thing-1.0-py3-none-any.whl"
    allowed = ("--allow", "google-thing:system-target", "--because", "a plugin of the distro's program")
    sealed = fresh.refuse("install", *SYSTEM, *allowed, wheel)
    assert "sealed" in sealed["system-target"]["message"]

    assert fresh.container.execute("venvboot", "guard", "--undo").returncode == 0
    told = fresh.json("install", *SYSTEM, *allowed, wheel)
    assert told["changes"]["add"] == {"google-thing": "1.0"}
    done = fresh.container.execute("/usr/bin/python3", "-c", "import google.thing as it; print(it.__file__)")
    assert done.stdout.startswith("/usr/local/lib/"), done.stderr
    (recorded,) = json.loads(fresh.container.execute("cat", "/var/lib/venvboot/exceptions.json").stdout)["exceptions"]
    assert (recorded["name"], recorded["kind"]) == ("google-thing", "system-target")
    assert fresh.verify() == before


def test_an_install_that_a_pip_conf_sends_elsewhere_is_told(fresh: Image) -> None:
    conf = "[install]\\nroot = /srv/elsewhere\\n"
    fresh.container.execute("sh", "-c", f"venvboot guard --undo && printf '{conf}' >/etc/pip.conf")
    allowed = ("--allow", "google-thing:system-target", "--because", "a plugin of the distro's program")
    told = fresh.json("install", *SYSTEM, *allowed, "/wheels/google_thing-1.0-py3-none-any.whl", code=1)
    assert [one["code"] for one in told["findings"]] == ["installed-elsewhere"]


def test_exceptions_that_are_not_obeyed_are_told_and_not_written_over(fresh: Image) -> None:
    path = "/var/lib/venvboot/exceptions.json"
    fresh.container.execute("sh", "-c", f"venvboot guard --undo && mkdir -p /var/lib/venvboot && echo x >{path}")
    assert (
        fresh.container.execute("venvboot", "check", "--only", "guard").stderr.count("[exceptions-not-obeyed]") == 1
    )
    allowed = ("--allow", "google-thing:system-target", "--because", "a plugin of the distro's program")
    found = fresh.refuse("install", *SYSTEM, *allowed, "/wheels/google_thing-1.0-py3-none-any.whl")
    assert set(found) == {"exceptions-not-obeyed"}
    done = fresh.container.execute("venvboot", "guard", "--allow", "six:damaged", "--because", "x")
    assert done.returncode == 3, str(done)
    assert fresh.container.execute("cat", path).stdout == "x\n"


def test_what_can_t_be_recorded_is_not_let_in(fresh: Image) -> None:
    fresh.container.execute("sh", "-c", "venvboot guard --undo && touch /var/lib/venvboot")
    wheel = "/wheels/google_thing-1.0-py3-none-any.whl"
    allowed = ("--allow", "google-thing:system-target", "--because", "a plugin of the distro's program")
    found = fresh.refuse("install", *SYSTEM, *allowed, wheel, code=1)
    assert set(found) == {"not-written"}
    assert found["not-written"]["subject"].startswith("/var/lib/venvboot")


def test_nothing_is_built_into_the_distro_s_python_to_be_refused(fresh: Image) -> None:
    """As root, a build could write anywhere."""
    setup = "import setuptools; open('/built', 'w'); setuptools.setup(name='project', version='1.0')"
    fresh.container.execute("sh", "-c", f'mkdir /project && echo "{setup}" >/project/setup.py')
    assert {"system-target", "needs-build"} <= set(fresh.refuse("install", *SYSTEM, "/project"))
    fresh.container.execute("venvboot", "guard", "--undo")
    allowed = ("--allow", "project:system-target", "--because", "it is ours")
    assert set(fresh.refuse("install", *SYSTEM, *allowed, "/project")) == {"needs-build"}
    assert fresh.container.execute("ls", "/built").returncode != 0
