"""Every command block of the README runs, and prints what the README shows."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine, Image

ROOT = Path(__file__).parent.parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def checkout() -> dict[str, Path]:
    """The files of this checkout that are or may be committed, as a fresh clone would have them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {f"checkout/{name}": ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def debian12(base_image: Callable[[str], Base]) -> Base:
    return base_image("debian12")


@pytest.fixture(scope="module")
def with_jinja2(docker: Engine, debian12: Base, venvboot: Path) -> Image:
    dockerfile = f"""
        FROM {debian12.tag}
        RUN apt-get update && apt-get install -y --no-install-recommends python3-jinja2
        COPY venvboot /usr/local/bin/venvboot
        RUN venvboot init
        ENV VIRTUAL_ENV=/opt/venv
        ENV PATH=/opt/venv/bin:$PATH
        ENV PYTHONNOUSERSITE=1
    """
    return docker.build(dockerfile=dockerfile, files={"venvboot": venvboot})


def test_the_command_of_a_fresh_machine_makes_an_environment(docker: Engine, debian12: Base) -> None:
    run_it, test_it, *_ = blocks("sh")
    assert test_it == "scripts/test\n"
    dockerfile = f"FROM {debian12.tag}\nCOPY checkout /checkout\nWORKDIR /checkout\nRUN {run_it}"
    image = docker.build(dockerfile=dockerfile, files=checkout())
    active = {"VIRTUAL_ENV": "/opt/venv", "PATH": "/opt/venv/bin:/usr/bin:/bin"}
    check = docker.run(image, "dist/venvboot", "check", env=active)
    assert check.returncode == 0, check.stdout + check.stderr


def test_the_bind_mount_leaves_nothing_of_the_file_behind(docker: Engine, debian12: Base, venvboot: Path) -> None:
    mounted = blocks("dockerfile")[1]
    dockerfile = mounted.replace("FROM debian:12\n", f"FROM {debian12.tag}\n", 1)
    image = docker.build(dockerfile=dockerfile, files={"venvboot": venvboot})
    there = docker.run(image, "sh", "-c", "ls /opt/venv/venvboot.json && ! test -s /usr/local/bin/venvboot")
    assert there.returncode == 0, there.stdout + there.stderr


def test_a_source_build_is_used_directly(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> None:
    lines = f"COPY venvboot /usr/local/bin/venvboot\n{blocks('dockerfile')[2]}RUN venvboot check"
    base = base_image("debian12-source")
    image = docker.build(dockerfile=f"FROM {base.tag}\n{lines}", files={"venvboot": venvboot})
    there = docker.run(image, "sh", "-c", "ls /usr/local/venvboot.json && ! test -e /opt/venv")
    assert there.returncode == 0, there.stdout + there.stderr


def test_an_old_python_gets_its_environment(
    docker: Engine, venvboot_legacy: Path, base_image: Callable[[str], Base]
) -> None:
    install = "RUN apt-get update && apt-get install -y --no-install-recommends python2.7"
    base, block = base_image("debian11"), blocks("dockerfile")[3]
    dockerfile = f"FROM {base.tag}\n{install}\n{block}"
    image = docker.build(dockerfile=dockerfile, files={"venvboot-legacy": venvboot_legacy})
    python = docker.run(image, "/opt/venv27/bin/python", "-c", "import sys; print(sys.version_info[:2])")
    assert (python.returncode, python.stdout) == (0, "(2, 7)\n"), python.stderr


def test_the_entrypoint_serves_a_user_that_nobody_knows(docker: Engine, with_jinja2: Image) -> None:
    image = docker.build(dockerfile=f"FROM {with_jinja2.tag}\n{blocks('dockerfile')[4]}")
    ask = "umask; command -v python; test -w $HOME && echo writable"
    done = docker.run(image, "sh", "-c", ask, user="1234567:0", env={"PATH": "/usr/bin:/bin", "VIRTUAL_ENV": ""})
    assert (done.returncode, done.stdout) == (0, "0002\n/opt/venv/bin/python\nwritable\n"), done.stderr


def test_an_exception_is_made_in_the_line_that_needs_it(docker: Engine, with_jinja2: Image) -> None:
    packages = "RUN apt-get update && apt-get install -y --no-install-recommends python3-chardet\n"
    exception = blocks("dockerfile")[5]
    image = docker.build(dockerfile=f"FROM {with_jinja2.tag}\n{packages}{exception}")
    check = docker.run(image, "venvboot", "check", "--only", "environment")
    assert check.returncode == 0, check.stderr
    assert "hide-command [exception-recorded]" in check.stderr
    assert "because: our scripts call the environment's" in check.stderr


def test_every_dockerfile_and_every_console_of_the_manual_is_tried() -> None:
    # The first is built by test_readme.py, that with ONBUILD by test_onbuild.py, the last by test_forms.py
    assert len(blocks("dockerfile")) == 8
    assert len(blocks("console")) == 6  # the builds of a child are done by test_onbuild.py


def test_a_dry_run_of_fix_tells_what_the_manual_shows(docker: Engine, with_jinja2: Image) -> None:
    command, *shown = blocks("console")[1].splitlines()
    folder = "/opt/venv/lib/python3.11/site-packages/app"
    wrong = f"RUN mkdir {folder} && echo hello >{folder}/data.txt"
    image = docker.build(dockerfile=f"FROM {with_jinja2.tag}\n{wrong}")
    done = docker.run(image, *command.lstrip("$ ").split())
    assert (done.returncode, done.stdout.splitlines()) == (0, shown), done.stderr


def test_the_table_of_starts_is_the_one_that_the_manual_shows(docker: Engine, with_jinja2: Image) -> None:
    command, *shown = blocks("console")[2].splitlines()
    done = docker.run(with_jinja2, *command.lstrip("$ ").split())
    assert (done.returncode, done.stdout.splitlines()) == (0, shown), done.stderr


def test_the_layers_of_the_guard_are_those_that_the_manual_shows(docker: Engine, with_jinja2: Image) -> None:
    command, *shown = blocks("console")[3].splitlines()
    done = docker.run(with_jinja2, *command.lstrip("$ ").split())
    assert done.returncode == 0, done.stderr
    assert [without_versions(line) for line in done.stdout.splitlines()] == [without_versions(line) for line in shown]


def test_the_list_of_interpreters_is_the_one_that_the_manual_shows(
    docker: Engine, debian12: Base, venvboot: Path, base_image: Callable[[str], Base]
) -> None:
    command, *shown = blocks("console")[0].splitlines()
    copy = f"COPY --from={base_image('debian12-source').tag} /usr/local /usr/local\n"
    dockerfile = f"FROM {debian12.tag}\n{copy}COPY venvboot /usr/local/bin/venvboot\n"
    image = docker.build(dockerfile=dockerfile, files={"venvboot": venvboot})
    done = docker.run(image, *command.lstrip("$ ").split())
    assert done.returncode == 0, done.stderr
    assert [without_versions(line) for line in done.stdout.splitlines()] == [without_versions(line) for line in shown]


PROJECT = """[project]
name = "project"
version = "1.0"
dependencies = ["six"]
[project.optional-dependencies]
web = ["click"]
"""


PYLOCK = """lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "six"
version = "1.17.0"
[[packages.wheels]]
name = "six-1.17.0-py2.py3-none-any.whl"
url = "https://files.example.org/six-1.17.0-py2.py3-none-any.whl"
hashes = { sha256 = "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274" }
"""


def test_the_locks_of_the_manual_are_made_in_its_order(docker: Engine, with_jinja2: Image) -> None:
    files = {
        "requirements.in": "flask\n",
        "pyproject.toml": PROJECT,
        "versions.txt": "six<2\n",
        "base.in": "six\n",
        "dev.in": "-c base.txt\nsix\n",
        "script": "set -eux\n" + blocks("sh")[2],
    }
    dockerfile = f"FROM {with_jinja2.tag}\nWORKDIR /app\nCOPY . .\nRUN sh script && ls all.txt base.txt dev.txt\n"
    docker.build(dockerfile=dockerfile, files=files)


def test_the_environment_is_filled_in_the_ways_of_the_manual(docker: Engine, with_jinja2: Image) -> None:
    lock = (ROOT / "tests/data/locks/debian12.txt").read_text(encoding="utf-8")
    files = dict.fromkeys(("base.txt", "dev.txt", "requirements.txt"), lock)
    files["script"] = "set -eux\n" + blocks("sh")[3] + "venvboot check --only environment --only sharing\n"
    docker.build(dockerfile=f"FROM {with_jinja2.tag}\nWORKDIR /app\nCOPY . .\nRUN sh script\n", files=files)


def test_the_verbs_of_the_manual_run_in_its_order(docker: Engine, with_jinja2: Image) -> None:
    lock = (ROOT / "tests/data/locks/debian12.txt").read_text(encoding="utf-8")
    script = "set -eux\n" + blocks("sh")[4]
    files = {"requirements.txt": lock, "requirements.in": "django\n", "pylock.toml": PYLOCK, "script": script}
    image = docker.build(dockerfile=f"FROM {with_jinja2.tag}\nWORKDIR /app\nCOPY . .\nRUN sh script\n", files=files)
    for line in blocks("sh")[4].splitlines():
        assert f"+ {line.split('  ')[0]}" in image.log


def test_the_refusal_is_the_one_that_the_manual_shows(docker: Engine, with_jinja2: Image) -> None:
    command, *expected = blocks("console")[5].splitlines()
    done = docker.run(with_jinja2, *command.lstrip("$ ").split())
    assert done.returncode == 3
    told = [line for line in done.stderr.splitlines() if not line.startswith("looking at")]
    assert [without_versions(line) for line in told] == [without_versions(line) for line in expected]


def without_versions(line: str) -> str:
    return re.sub(r"(?<![\w/.])\d+(?:\.\d+)+[\w.+~-]*|(?<===)[\d.]+|(?<=2-)[\d.]+(?=\.egg-info)", "N", line)


def test_the_json_of_the_manual_has_the_fields_of_the_real_one(docker: Engine, with_jinja2: Image) -> None:
    (shown,) = blocks("json")
    example = json.loads(shown)
    real = json.loads(
        docker.run(with_jinja2, "venvboot", "check", "--json", env={"PATH": "/usr/local/bin:/usr/bin:/bin"}).stdout
    )
    assert real.keys() == example.keys()
    assert real["promises"] == example["promises"]
    assert real["findings"][0].keys() == example["findings"][0].keys()
    assert real["findings"][0]["code"] == example["findings"][0]["code"]
