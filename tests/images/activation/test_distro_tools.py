"""The distro's own tools keep the distro's Python while the environment is first on PATH."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.images.activation.conftest import BuildWired
    from tests.images.base_images import Base
    from tests.images.docker_engine import Container, Engine

# Their maintainer scripts run Python, and so do the programs that they bring.
PACKAGES = ("python3-yaml", "lsb-release", "apt-listchanges", "python3-debian")
# Debian 13 has neither this package nor another with a program that asks env for Python.
NOT_IN_13 = ("software-properties-common", "unattended-upgrades")
TOOLS = {
    "lsb_release -a": (),
    "supervisorctl --help": (),
    "apt-listchanges --help": (),
    "add-apt-repository --help": ("debian13",),
    "unattended-upgrade --help": ("debian13",),
}

# Path, real path and package of each program of a package that asks env for Python.
ASK_ENV = r"""
for file in /usr/bin/* /usr/sbin/*; do
    read -r first 2>/dev/null <"$file" || continue
    case $first in
    '#!'*env\ python*)
        real=$(realpath "$file")
        owner=$(dpkg -S "$real" 2>/dev/null) && echo "$file $real ${owner%%:*}"
        ;;
    esac
done
"""


def packages(base: Base) -> tuple[str, ...]:
    return PACKAGES if base.name == "debian13" else (*PACKAGES, *NOT_IN_13)


@pytest.fixture(scope="module")
def container(docker: Engine, build_wired: BuildWired, base: Base) -> Iterator[Container]:
    """The build itself proves that the packages' maintainer scripts succeed."""
    image = build_wired("distro", build_args={"PACKAGES": " ".join(packages(base))})
    with docker.start(image, "sleep", "600") as started:
        yield started


def test_every_package_is_configured(container: Container, base: Base) -> None:
    done = container.execute("dpkg-query", "-W", "-f=${db:Status-Abbrev}\n")
    assert set(done.stdout.splitlines()) == {"ii "}, str(done)
    for package in packages(base):
        assert container.execute("dpkg", "--verify", package).stdout == ""


@pytest.mark.parametrize("command", TOOLS)
def test_a_tool_works(container: Container, base: Base, command: str) -> None:
    program, *arguments = command.split()
    done = container.execute(program, *arguments)
    if base.name in TOOLS[command]:
        assert done.returncode in {126, 127}, str(done)
        return
    assert done.returncode == 0, str(done)
    assert "Traceback" not in done.stdout + done.stderr, str(done)


@pytest.mark.parametrize("module", ["yaml", "debian"])
def test_the_distros_python_has_the_distros_modules_and_the_environment_has_not(
    container: Container, module: str
) -> None:
    ask = f"import {module}; print({module}.__file__)"
    assert container.execute("/usr/bin/python3", "-c", ask).stdout.startswith("/usr/lib/python3/dist-packages/")
    missed = container.execute("python3", "-c", ask)
    assert (missed.returncode, "ModuleNotFoundError" in missed.stderr) == (1, True), str(missed)


def test_check_names_each_program_that_path_hands_to_the_environment_with_its_owner(
    container: Container, base: Base
) -> None:
    present = [line.split() for line in container.execute("sh", "-c", ASK_ENV).stdout.splitlines()]
    names = {real: {file for file, other, _ in present if other == real} for _, real, _ in present}
    owners = {real: owner for _, real, owner in present}
    # Debian 11 and 12 have some; otherwise this would prove nothing.
    assert names or base.name == "debian13"

    done = container.execute("venvboot", "check", "--only", "activation", "--json")
    findings = [one for one in json.loads(done.stdout)["findings"] if one["code"] == "env-shebang"]
    assert len(findings) == bool(names)
    for one in findings:
        assert (one["severity"], bool(one["hint"])) == ("note", True), one
        listed = re.findall(r"(/\S+) \(([^)]+)\)", one["message"])
        assert len(listed) == len(names), (listed, names)
        assert {(real, owners[real]) for real in names} == {
            (real, owner) for path, owner in listed for real, files in names.items() if path in (real, *files)
        }
