"""Users of group 0 and root install, upgrade and remove after each other with pip, pip itself included."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Builder, Engine, Image
from tests.images.writers.harness import (
    FIRST,
    OTHER,
    PIPS,
    SECOND,
    build,
    newest_pip,
    run_state,
    started,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAIRS = [(base.name, pip) for base in DEBIAN_RELEASES for pip in PIPS[base.name]]


@pytest.fixture
def image(docker: Engine, venvboot: Path, base: Base) -> Image:
    return build(docker, venvboot, base)


@pytest.mark.parametrize(("release", "pip"), PAIRS)
def test_each_writer_upgrades_and_removes_what_the_others_installed(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], release: str, pip: str
) -> None:
    base = base_image(release)
    with started(docker, build(docker, venvboot, base), base) as writers:
        writers.step(FIRST, f"pip install --force-reinstall pip=={pip}", {"pip": pip})
        writers.step(SECOND, f"python -m pip install --force-reinstall pip=={pip}", {})
        both = {"vbns-alpha": "1.0", "vbfull": "1.0", "vbsingle": "2.0"}
        writers.step(FIRST, "pip install vbns-alpha==1.0 vbfull==1.0", both)
        writers.step(SECOND, "pip3 install vbns-beta==1.0 vbsingle==1.0", {"vbns-beta": "1.0", "vbsingle": "1.0"})
        upgraded = {"vbns-alpha": "2.0", "vbfull": "2.0", "vbsingle": "2.0"}
        writers.step(SECOND, "pip install -U vbns-alpha vbfull vbsingle", upgraded)
        assert writers.run(OTHER, "vbfull && vbfull-tool").stdout == "vbfull 2.0\ntool 2.0\n"
        assert writers.run(OTHER, "cat /opt/venv/share/vbfull/readme.txt").stdout == "2.0"
        writers.step(FIRST, "python3 -m pip install -U vbns-beta", {"vbns-beta": "2.0"})
        writers.step("root", "pip install vbfull==1.0", {"vbfull": "1.0"})
        writers.step(FIRST, "pip install -U vbfull", {"vbfull": "2.0"})
        writers.step("root", f"pip install --force-reinstall pip=={pip} vbsingle==1.0", {"vbsingle": "1.0"})
        writers.step(SECOND, "pip uninstall -y vbfull vbsingle", {"vbfull": "", "vbsingle": ""})
        writers.step(FIRST, "pip uninstall -y vbns-beta", {"vbns-beta": ""})
        writers.run(OTHER, "python -c 'import vbns.alpha.module_of_2'")
        writers.step(SECOND, f"pip install --force-reinstall pip=={pip}", {})
        writers.step(SECOND, "pip uninstall -y vbns-alpha", {"vbns-alpha": ""})


def test_pip_goes_from_version_to_version_by_one_writer_after_the_other(
    docker: Engine, image: Image, base: Base
) -> None:
    with started(docker, image, base) as writers:
        there_and_back = [*PIPS[base.name], *reversed(PIPS[base.name][:-1])]
        for user, pip in zip(itertools.cycle((FIRST, SECOND, "root")), there_and_back):
            writers.step(user, f"pip install pip=={pip}", {"pip": pip})


def test_what_a_plain_python_compiled_of_pip_does_not_stop_the_next_writer(
    docker: Engine, image: Image, base: Base
) -> None:
    """pip-compile, pip-audit and many others import pip, at umask 022 and as whoever runs them."""
    with started(docker, image, base) as writers:
        writers.run("root", "python -c 'import pip._internal.cli.main'")
        writers.step(FIRST, "pip install pip==24.3.1", {"pip": "24.3.1"})
        # Older pips need distutils, which Debian 11 keeps elsewhere: what they vendor does without.
        writers.run(SECOND, "python -c 'import pip._vendor.requests, pip._vendor.rich'")
        writers.step("root", "pip install pip==23.3.2", {"pip": "23.3.2"})


MATRIX: list[tuple[str, Builder]] = [
    ("debian11", "buildkit"),
    ("debian12", "buildkit"),
    ("debian12", "legacy"),
    ("debian13", "buildkit"),
]


@pytest.mark.parametrize(("release", "builder"), MATRIX)
def test_in_layers_of_two_users_of_root_and_of_a_derived_image(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], release: str, builder: Builder
) -> None:
    """In a layer pip can't rename a folder of a lower one: the engine makes it copy and remove instead."""
    base = base_image(release)
    steps = [
        ("54321:0", "pip install --force-reinstall pip==23.3.2", {"pip": "23.3.2"}),
        (
            "54321:0",
            "pip install vbns-alpha==1.0 vbfull==1.0 vbsingle==1.0",
            {"vbns-alpha": "1.0", "vbfull": "1.0", "vbsingle": "1.0"},
        ),
        ("65432:0", "python -m pip install pip==24.3.1", {"pip": "24.3.1"}),
        ("65432:0", "pip install vbns-beta==1.0 vbsingle==2.0", {"vbns-beta": "1.0", "vbsingle": "2.0"}),
        ("root", "pip install -U vbns-alpha vbfull", {"vbns-alpha": "2.0", "vbfull": "2.0"}),
    ]
    expected: dict[str, str] = {}
    lines = ["ARG BASE", "FROM ${BASE}"]
    for user, command, changes in steps:
        expected.update(changes)
        lines += [f"USER {user}", f"RUN umask 022 && {command}", run_state(expected)]
    image = build(docker, venvboot, base)
    written = docker.build(dockerfile="\n".join(lines), base=image, builder=builder)

    expected.update({"pip": newest_pip(base), "vbns-beta": "2.0"})
    del expected["vbns-alpha"]
    command = f"pip install pip=={newest_pip(base)} vbns-beta==2.0 && pip uninstall -y vbns-alpha"
    lines = ["ARG BASE", "FROM ${BASE}", f"RUN umask 022 && {command}", run_state(expected)]
    derived = docker.build(dockerfile="\n".join(lines), base=written, builder=builder)

    with started(docker, derived, base) as writers:
        writers.expected = expected
        writers.step(FIRST, "pip install vbfull==1.0", {"vbfull": "1.0"})
        writers.step(SECOND, "pip uninstall -y vbfull vbsingle", {"vbfull": "", "vbsingle": ""})
        writers.step(FIRST, "pip uninstall -y vbns-beta", {"vbns-beta": ""})


PACKAGES = "/opt/venv/lib/python3.11/site-packages"
# What is done to a whole environment, and the line that has to tell of it.
FAULTS = {
    "chmod g-w /opt/venv/bin": "not shared: /opt/venv/bin 2755 0:0",
    "chmod g-s /opt/venv/lib": "not shared: /opt/venv/lib 775 0:0",
    "chgrp 50 /opt/venv && chmod g+s /opt/venv": "not shared: /opt/venv 2775 0:50",
    f"mkdir -m 2775 {PACKAGES}/~bfull": f"left behind: {PACKAGES}/~bfull",
    f": >{PACKAGES}/~bsingle.py": f"left behind: {PACKAGES}/~bsingle.py",
    ": >/opt/venv/bin/old": "left behind: /opt/venv/bin/old",
    f"rm {PACKAGES}/vbfull/tables/table.txt": f"missing: {PACKAGES}/vbfull/tables/table.txt",
    f"rm -r {PACKAGES}/vbsingle-2.0.dist-info": "pip list: ",
    "true": "pip check: 1 'vbfull 2.0 requires vbsingle, which is not installed.",
}


@pytest.mark.parametrize("base", ["debian12"], indirect=True)
def test_the_question_after_each_step_finds_each_fault(docker: Engine, image: Image, base: Base) -> None:
    """Without this, a question that finds nothing would prove nothing."""
    with started(docker, image, base) as writers:
        writers.step("root", "pip install vbfull", {"vbfull": "2.0", "vbsingle": "2.0"})
        for command in FAULTS:
            writers.run("root", command)
        faults = writers.faults()
        untold = [line for line in FAULTS.values() if not any(fault.startswith(line) for fault in faults)]
        assert untold == [], "\n".join(faults)


@pytest.mark.parametrize("base", ["debian12"], indirect=True)
def test_without_the_start_up_hook_the_same_steps_go_wrong(docker: Engine, image: Image, base: Base) -> None:
    """What these tests see is the work of the product, and not of pip."""
    with started(docker, image, base) as writers:
        writers.run("root", f"rm /opt/venv/lib/python{base.python}/site-packages/venvboot_pip.pth")
        writers.run(FIRST, "pip install vbfull==1.0")
        writers.expected.update({"vbfull": "1.0", "vbsingle": "2.0"})
        assert [line for line in writers.faults() if line.startswith("not shared: ")] != []
        assert writers.attempt(SECOND, "pip uninstall -y vbfull").returncode != 0
