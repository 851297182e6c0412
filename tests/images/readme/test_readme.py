"""The README's Dockerfile, built as it stands (only FROM differs) with a real lock, does what the README says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.base_images import DEBIAN_RELEASES
from tests.images.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Builder, Engine, Image

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
LOCKS = ROOT / "tests" / "data" / "locks"
MOUNT = re.compile(r"--mount=\S+ ")


def readme_dockerfile(builder: Builder) -> str:
    """The first Dockerfile of the README; for the legacy builder without its mount, as the README says."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```dockerfile\n", 1)[1].split("```", 1)[0]
    assert block.startswith("FROM debian:12\n")
    assert MOUNT.search(block)
    block = block.replace("FROM debian:12\n", "ARG BASE\nFROM ${BASE}\n", 1)
    return block if builder == "buildkit" else MOUNT.sub("", block)


@pytest.fixture(scope="module", params=[base.name for base in DEBIAN_RELEASES])
def base(request: pytest.FixtureRequest, base_image: Callable[[str], Base]) -> Base:
    return base_image(request.param)


@pytest.fixture(scope="module", params=["buildkit", "legacy"])
def builder(request: pytest.FixtureRequest) -> Builder:
    chosen: Builder = request.param
    return chosen


@pytest.fixture(scope="module")
def image(docker: Engine, venvboot: Path, base: Base, builder: Builder) -> Image:
    lock = LOCKS / f"{base.name}.txt"
    files = {"venvboot": venvboot, "requirements.txt": lock, "app.py": HERE / "app.py"}
    return docker.build(dockerfile=readme_dockerfile(builder), base=base, builder=builder, files=files)


def locked_version(base: Base, name: str) -> str:
    found = re.search(rf"^{name}==(\S+)", (LOCKS / f"{base.name}.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found.group(1)


@pytest.mark.parametrize(("user", "uid"), [(None, 1001), ("1234567:0", 1234567)])
def test_gunicorn_serves_a_page_as_any_user(
    docker: Engine, image: Image, base: Base, user: str | None, uid: int
) -> None:
    with serving(docker, image, user) as (_, told):
        assert (told["uid"], told["gid"], told["prefix"]) == (uid, 0, "/opt/venv")
        assert told["versions"] == {name: locked_version(base, name) for name in told["versions"]}


def test_one_user_installs_and_another_upgrades_and_removes(docker: Engine, image: Image) -> None:
    with serving(docker, image, None) as (container, _):

        def pip(user: str, *words: str) -> str:
            done = container.execute("pip", "--no-cache-dir", *words, user=user)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "Permission denied" not in done.stderr
            return done.stdout

        pip("54321:0", "install", "attrs==25.1.0")
        assert "attrs-25.3.0" in pip("65432:0", "install", "attrs==25.3.0")
        assert "Successfully uninstalled attrs-25.3.0" in pip("65432:0", "uninstall", "--yes", "attrs")
        left = container.execute("sh", "-c", "ls /opt/venv/lib/python3*/site-packages | grep -i -e attr -e '^~'")
        assert left.stdout == ""
        check = container.execute("venvboot", "check")
        assert check.returncode == 0, check.stdout + check.stderr


def test_check_passes_in_the_build_and_a_lost_path_fails_a_child(docker: Engine, image: Image) -> None:
    assert (
        len(re.findall(r"(?m)(?:^|\s|\x1b\[0m)(?:origin|environment|sharing|activation|guard) +kept$", image.log))
        == 5
    )
    child = docker.build(dockerfile=f"FROM {image.tag}\nENV PATH=/usr/bin:/bin\n", builder=image.builder)
    done = docker.run(child, "/usr/local/bin/venvboot", "check")
    assert done.returncode == 4
    assert "[path-lost]" in done.stderr
    assert "PATH=/usr/bin:/bin" in done.stderr
    assert "hint: ENV PATH=/opt/venv/bin:$PATH" in done.stderr
    assert "activation   broken" in done.stdout
