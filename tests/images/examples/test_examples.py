"""Every example, built as it stands but for its base, checks itself, serves its page, and does what it is for."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.docker_engine import BuildFailed
from tests.images.examples.stand_ins import EXAMPLES, FROM, ONBUILD, ROOT, VERSIONS, Examples, dockerfile
from tests.images.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine

README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVED = (
    "debian",
    "ubuntu",
    "ubi-appstream",
    "alpine",
    "python-venv",
    "python-direct",
    "conda",
    "multistage-slim",
    "multistage-distroless",
    "openshift",
    "onbuild-child",
)
COMPILED = ("python-venv", "python-direct", "multistage-slim")
BASE_PREFIXES = {"conda": "/opt/conda", **dict.fromkeys(COMPILED, "/usr/local")}
MOUNTED = ("ubuntu", "ubi-appstream", "alpine", "conda", *COMPILED)
OTHERS = ("onbuild-base", "read-only", "devcontainer")
# Of another test.
BAKE = "bake"
KEPT = re.compile(r"(?:^|\s|\x1b\[0m)(origin|environment|sharing|activation|guard) +kept$", re.MULTILINE)
HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")


@pytest.fixture(scope="module")
def examples(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Examples:
    return Examples(docker, venvboot, base_image)


def test_each_folder_is_tried_and_stands_in_the_manual() -> None:
    folders = {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()} - {BAKE}
    assert folders == {*SERVED, *OTHERS}
    assert set(re.findall(r"^\| \[`([\w-]+)`\]\(examples/", README, re.MULTILINE)) - {BAKE} == folders


@pytest.mark.parametrize("name", [*SERVED, *OTHERS])
def test_what_is_built_on_an_imitation_says_so_first(name: str) -> None:
    text = dockerfile(name)
    stages = re.findall(r" AS (\S+)$", text, re.MULTILINE)
    imitated = set(FROM.findall(text)) - {"debian:12-slim", *stages, *ONBUILD}
    assert bool(imitated) == (" could not be had in the tests: this is built there on " in text.splitlines()[0])


def test_each_folder_has_the_same_application_and_the_same_lock() -> None:
    for file, without in (("app.py", {"onbuild-base"}), ("requirements.txt", {"onbuild-base"})):
        found = {path.parent.name: path.read_bytes() for path in EXAMPLES.glob(f"*/{file}")}
        found.pop(BAKE, None)
        assert set(found) == {*SERVED, *OTHERS} - without
        assert len(set(found.values())) == 1


@pytest.mark.parametrize("name", SERVED)
def test_an_example_checks_itself_and_serves_its_page_to_any_user(
    docker: Engine, examples: Examples, name: str
) -> None:
    image = examples.image(name)
    assert {"origin", "environment", "sharing", "activation"} <= set(KEPT.findall(image.log)), image.log
    of_image = (65532, 65532) if name == "multistage-distroless" else (1001, 0)
    for user, ids in ((None, of_image), ("1234567:0", (1234567, 0))):
        with serving(docker, image, user) as (_, answer):
            assert (answer["uid"], answer["gid"]) == ids
            assert answer["prefix"] == ("/usr/local" if name == "python-direct" else "/opt/venv")
            assert answer["base"] == BASE_PREFIXES.get(name, "/usr")
            assert answer["python"].startswith(VERSIONS.get(name, ("", "3."))[1])


@pytest.mark.parametrize("name", MOUNTED)
def test_what_is_mounted_is_not_in_the_image(docker: Engine, examples: Examples, name: str) -> None:
    assert docker.run(examples.image(name), "test", "-s", "/usr/local/bin/venvboot").returncode == 1


def test_init_after_the_copy_into_distroless_is_told_to_be_left_out(
    docker: Engine, examples: Examples, venvboot: Path
) -> None:
    base = examples.image("multistage-distroless").tag
    program = ("-ISB", "/venvboot", "init")
    mounted = [f"--volume={venvboot}:/venvboot:ro"]
    done = docker.run(base, *program, entrypoint="/usr/bin/python3.11", user="0", options=mounted)
    assert done.returncode == 3, str(done)
    assert "/opt/venv was copied into a distroless image" in done.stderr
    assert "leave this RUN out" in done.stderr
    assert "rm -rf" not in done.stderr
    check = ("-ISB", "/venvboot", "check", "--only", "origin", "--only", "environment")
    assert docker.run(base, *check, entrypoint="/usr/bin/python3.11", options=mounted).returncode == 0


def test_openshift_s_user_has_a_name_a_home_and_a_folder_to_write_and_may_install(
    docker: Engine, examples: Examples
) -> None:
    ask = "touch data/x $HOME/x && venvboot install --quiet six && venvboot check --quiet && echo $USER && umask"
    done = docker.run(examples.image("openshift"), "sh", "-c", ask, user="1234567:0")
    assert (done.returncode, done.stdout.splitlines()[-2:]) == (0, ["user1234567", "0002"]), str(done)


def test_the_developer_s_container_fills_itself(docker: Engine, examples: Examples) -> None:
    folder = EXAMPLES / "devcontainer"
    told = json.loads((folder / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert (told["build"], told["remoteUser"]) == ({"dockerfile": "Dockerfile", "context": ".."}, "dev")
    image = examples.image("devcontainer")
    # As the tools do where the host's user has another UID: the user gets that, and the group a GID of its own.
    other = docker.build(dockerfile=f"FROM {image.tag}\nRUN usermod -u 4321 dev && groupmod -g 4321 dev\n")
    command = f"{told['postCreateCommand']} && gunicorn --check-config app:app"
    mounted = [f"--volume={folder}:/workspaces/app:ro"]
    for one in (image, other):
        done = docker.run(one, "bash", "-lc", command, user="dev", workdir="/workspaces/app", options=mounted)
        assert done.returncode == 0, str(done)


def test_the_lines_of_the_base_are_those_that_are_printed(docker: Engine, examples: Examples) -> None:
    printed = docker.run(examples.image("onbuild-base"), "venvboot", "onbuild").stdout
    assert printed.startswith("ENV VIRTUAL_ENV=")
    assert dockerfile("onbuild-base").endswith(printed)


def test_what_is_sealed_serves_from_a_read_only_root_without_rights(docker: Engine, examples: Examples) -> None:
    image = examples.image("read-only")
    with serving(docker, image, "12345:0", HARDENED) as (container, answer):
        assert (answer["uid"], answer["gid"], answer["prefix"]) == (12345, 0, "/opt/venv")
        assert container.execute("python", "-m", "pip", "--version").returncode != 0
    writable = docker.run(image, "find", "/opt/venv", "/app", "-writable", user="12345:0")
    assert writable.stdout == "", str(writable)


def test_the_legacy_builder_refuses_the_mounts_by_name(examples: Examples) -> None:
    with pytest.raises(BuildFailed, match="--mount option requires BuildKit"):
        examples.build("python-venv", builder="legacy")


def test_the_copied_file_is_not_committed() -> None:
    for name in ("debian", "devcontainer"):
        ask = ["git", "check-ignore", "--quiet", f"examples/{name}/venvboot"]
        assert subprocess.run(ask, cwd=ROOT, check=False).returncode == 0
