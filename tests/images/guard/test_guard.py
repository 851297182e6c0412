"""The distro's own Python takes no install that would hide what dpkg owns, by whichever pip it is tried."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Container, Engine, Image

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

SYSTEM = "/usr/bin/python3"
# What dpkg --verify says of a block of ours: a conffile, which the administrator may change.
BASHRC = "??5?????? c /etc/bash.bashrc\n"

# Folders whose list of names changed and changed back: what was made there is gone again.
TOUCHED: tuple[dict[str, str], ...] = ({}, {"/tmp": "C"})


@dataclass(frozen=True)
class Guarded:
    """A running container of this case's image; `unchanged` holds before and after every test that refuses."""

    base: Base
    image: Image
    container: Container

    @property
    def marker(self) -> str:
        return f"/usr/lib/python{self.base.python}/EXTERNALLY-MANAGED"

    @property
    def removable(self) -> tuple[str, ...]:
        """Those that the distro has as an egg-info, which pip uninstalls: a dist-info without RECORD it can't."""
        return ("markupsafe",) if self.base.name == "debian13" else ("jinja2", "markupsafe")

    @property
    def shipped(self) -> bool:
        """Whether this Debian has a marker of its own, and a pip that heeds one: both came with release 12."""
        return self.base.name != "debian11"

    def refuse(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run `venvboot` and prove that it refused and wrote nothing."""
        done = self.container.execute("venvboot", *argv)
        assert done.returncode == 3, str(done)
        assert self.container.diff() in TOUCHED, str(done)
        return done


@pytest.fixture(scope="module", params=[release.name for release in DEBIAN_RELEASES])
def guarded(
    request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base]
) -> Iterator[Guarded]:
    base = base_image(request.param)
    image = docker.build(Path(__file__).parent, base=base, files={"venvboot": venvboot}, cache=True)
    with docker.start(image, "sleep", "600") as container:
        yield Guarded(base, image, container)


def _findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    """The findings by code; a code that comes twice is a fault here."""
    told = json.loads(done.stdout)
    assert (told["schema"], told["status"]) == ("venvboot/1", "refused"), str(done)
    by_code = {finding["code"]: finding for finding in told["findings"]}
    assert len(by_code) == len(told["findings"]), str(done)
    return by_code


def test_install_into_the_distros_python_is_refused_naming_the_package_and_the_way_out(guarded: Guarded) -> None:
    done = guarded.refuse("install", "--python", SYSTEM, "jinja2")

    assert done.stdout == ""
    assert "python3-jinja2" in done.stderr, str(done)
    assert "[system-target]" in done.stderr, str(done)
    assert "[shadow-dist]" in done.stderr, str(done)
    assert "RUN venvboot init /opt/venv && venvboot install --venv /opt/venv jinja2" in done.stderr, str(done)


def test_install_into_the_distros_python_is_refused_in_json_with_stable_codes(guarded: Guarded) -> None:
    done = guarded.refuse("install", "--python", SYSTEM, "--json", "jinja2")

    # jinja2 brings markupsafe, which is python3-markupsafe's: two distributions are hidden.
    told = json.loads(done.stdout)
    assert (told["command"], told["status"]) == ("install", "refused"), str(done)
    codes = [(finding["code"], finding["subject"]) for finding in told["findings"]]
    removed = [("remove-owned", name) for name in guarded.removable]
    assert sorted(codes) == [
        *removed,
        ("shadow-dist", "jinja2"),
        ("shadow-dist", "markupsafe"),
        ("stale-satisfied", "jinja2"),
        ("system-target", SYSTEM),
    ]
    hidden = next(finding for finding in told["findings"] if finding["code"] == "shadow-dist")
    assert "python3-jinja2" in hidden["message"], str(done)
    assert hidden["hint"], str(done)
    weak = {finding["code"] for finding in told["findings"] if finding["severity"] != "error"}
    assert weak == {"stale-satisfied"}, str(done)


def test_a_module_that_another_distribution_name_brings_is_refused_naming_its_package(guarded: Guarded) -> None:
    done = guarded.refuse("install", "--python", SYSTEM, "--json", "docopt-ng==0.9.0")

    found = _findings(done)
    assert set(found) == {"system-target", "shadow-module"}, str(done)
    assert found["shadow-module"]["subject"] == "docopt-ng"
    assert "module docopt of the package python3-docopt" in found["shadow-module"]["message"], str(done)
    assert "/usr/lib/python3/dist-packages/docopt" in found["shadow-module"]["evidence"], str(done)


def test_sync_into_the_distros_python_is_refused_like_install(guarded: Guarded) -> None:
    done = guarded.refuse("sync", "--python", SYSTEM, "--json", "requirements.txt")

    assert set(_findings(done)) == {"system-target", "shadow-module"}, str(done)


def test_a_refused_name_that_pip_cannot_resolve_is_still_judged(guarded: Guarded) -> None:
    done = guarded.refuse("install", "--python", SYSTEM, "--json", "jinja2==0.0.0.dev999")

    removed = {"remove-owned"} if "jinja2" in guarded.removable else set()
    assert set(_findings(done)) == {"system-target", "shadow-dist", "not-resolved", *removed}, str(done)


def test_into_the_environment_the_same_names_install_beside_the_distros(docker: Engine, guarded: Guarded) -> None:
    both = "venvboot install jinja2 docopt-ng==0.9.0 && venvboot check"
    done = docker.run(guarded.image, "sh", "-c", both)
    assert done.returncode == 0, str(done)


@pytest.mark.parametrize("guarded", ["debian12", "debian13"], indirect=True)
def test_plain_pip_of_the_distro_is_refused_with_our_text_on_debian_12_and_13(guarded: Guarded) -> None:
    for words in (["jinja2"], ["--user", "jinja2"], ["docopt-ng==0.9.0"]):
        done = guarded.container.execute(SYSTEM, "-m", "pip", "install", *words)
        assert done.returncode == 1, str(done)
        assert "This Python belongs to the package python3" in done.stderr, str(done)
        assert "/opt/venv/bin/pip install NAME" in done.stderr, str(done)
        assert "ENV PATH=/opt/venv/bin:$PATH" in done.stderr, str(done)
        assert guarded.container.diff() in TOUCHED, str(done)


@pytest.mark.parametrize("guarded", ["debian11"], indirect=True)
@pytest.mark.parametrize(
    "verb", [("install", "jinja2==3.1.4"), ("uninstall", "-y", "jinja2")], ids=["install", "uninstall"]
)
def test_debian_11s_pip_which_knows_no_marker_is_refused_by_the_prefixs_pip_conf(
    docker: Engine, guarded: Guarded, verb: tuple[str, ...]
) -> None:
    # Debian 11 takes VIRTUAL_ENV for a sign that its own Python runs in an environment (its site.py and
    # distutils): unguarded, this pip would replace files of python3-jinja2.
    with docker.start(guarded.image, "sleep", "600") as container:
        before = container.diff()
        done = container.execute(SYSTEM, "-m", "pip", *verb)
        assert done.returncode == 3, str(done)
        assert "Could not find an activated virtualenv (required)" in done.stderr
        assert container.execute("dpkg", "--verify").stdout == BASHRC
        assert container.diff() == before
        placed = container.execute("grep", "-c", "/opt/venv", guarded.marker)
        assert placed.returncode == 0, str(placed)


@pytest.mark.parametrize("guarded", ["debian11"], indirect=True)
def test_the_prefixs_pip_conf_leaves_the_environments_pip_alone(docker: Engine, guarded: Guarded) -> None:
    done = docker.run(guarded.image, "/opt/venv/bin/pip", "--no-cache-dir", "install", "jinja2==3.1.4")
    assert done.returncode == 0, str(done)


REINSTALL = "apt-get install -y --reinstall --no-download lib$(readlink /usr/bin/python3)-stdlib"


def test_the_marker_outlives_a_reinstallation_of_its_package_and_dpkg_finds_nothing_changed(
    docker: Engine, guarded: Guarded
) -> None:
    with docker.start(guarded.image, "sleep", "600") as container:
        before = container.execute("cat", guarded.marker)
        assert "/opt/venv" in before.stdout, str(before)

        again = container.execute("sh", "-c", REINSTALL)
        assert again.returncode == 0, str(again)

        assert container.execute("cat", guarded.marker).stdout == before.stdout
        distros = container.execute("cat", guarded.marker + ".distro")
        assert (distros.returncode == 0) is guarded.shipped, str(distros)
        assert "/opt/venv" not in distros.stdout
        package = f"libpython{guarded.base.python}-stdlib"
        for words, changed in ((["--verify", package], ""), (["--verify"], BASHRC)):
            verified = container.execute("dpkg", *words)
            assert (verified.returncode, verified.stdout) == (0, changed), str(verified)
        check = container.execute("venvboot", "check")
        assert check.returncode == 0, str(check)
