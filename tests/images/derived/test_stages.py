"""An environment that another stage made, on an image that isn't that one's: told before anything fails to start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Dict

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine, Image

HERE = Path(__file__).parent
TOOL = "/usr/local/bin/venvboot"
ENV = "ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH PYTHONNOUSERSITE=1\n"


@pytest.fixture(scope="module")
def made(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    return docker.build(HERE, base=base_image("debian12"), files={"venvboot": venvboot}, cache=True)


def errors(docker: Engine, image: Image, *words: str) -> Dict[str, Dict[str, str]]:
    done = docker.run(image, TOOL, *words, "--json")
    told = json.loads(done.stdout)["findings"]
    return {one["code"]: one for one in told if one["severity"] == "error"}


def copied(docker: Engine, made: Image, final: str, place: str, lines: str = ENV) -> Image:
    return docker.build(
        dockerfile=f"FROM {final}\nCOPY --from={made.tag} /opt/venv {place}\nCOPY --from={made.tag} {TOOL} {TOOL}\n"
        f"{lines}RUN touch /requirements.txt /source.in\n"
    )


def test_an_image_whose_python_is_elsewhere_is_told_by_every_verb_that_writes(
    docker: Engine, made: Image, base_image: Callable[[str], Base]
) -> None:
    image = copied(docker, made, base_image("debian13").tag, "/opt/venv")
    verbs = (("check",), ("sync", "/requirements.txt"), ("install", "x"), ("compile", "/source.in"), ("init",))
    for words in verbs:
        every = errors(docker, image, *words)
        assert next(iter(every)) == "interpreter-moved", words
        found = every["interpreter-moved"]
        assert found["subject"] == "/usr/bin/python3.11", words
        assert "rm -rf /opt/venv && venvboot init /opt/venv" in found["hint"], words
    told = errors(docker, image, "check")["interpreter-moved"]
    assert "PATH leads to /usr/bin/python3.13" in told["evidence"]
    assert "take the same base image for both" in told["hint"]


def test_a_stage_with_the_same_python_needs_only_what_a_copy_leaves_behind(
    docker: Engine, made: Image, base_image: Callable[[str], Base]
) -> None:
    image = copied(docker, made, base_image("debian12").tag, "/opt/venv", "")
    lost = errors(docker, image, "check")
    assert {"path-lost", "virtual-env-lost"} <= set(lost)
    assert lost["virtual-env-lost"]["hint"] == "ENV VIRTUAL_ENV=/opt/venv"
    whole = docker.build(dockerfile=f"FROM {image.tag}\n{ENV}RUN {TOOL} init && {TOOL} check\n")
    assert docker.run(whole, "python", "-c", "").returncode == 0


def test_another_path_is_told_by_every_verb(docker: Engine, made: Image, base_image: Callable[[str], Base]) -> None:
    image = copied(docker, made, base_image("debian12").tag, "/srv/app")
    expected = {
        ("check",): "record-missing",
        ("sync", "/requirements.txt"): "no-environment",
        ("install", "x"): "no-environment",
        ("init", "/srv/app"): "environment-damaged",
    }
    for words, code in expected.items():
        place = () if words[0] == "init" else ("--venv", "/srv/app")
        found = errors(docker, image, *words, *place)[code]
        assert "copy of /opt/venv" in found["evidence"] or "says /opt/venv" in found["evidence"], words
        assert "venvboot init /srv/app" in found["hint"], words


def test_an_upgrade_of_the_base_with_the_same_minor_version_is_noted_and_recorded_by_init(
    docker: Engine, made: Image
) -> None:
    """Debian's archive has one 3.11 only; another build of it is, to all that looks, one with other bytes."""
    upgraded = docker.build(
        dockerfile=f"FROM {made.tag}\nRUN printf x >>/usr/bin/python3.11 && venvboot check --only origin\n"
    )
    assert "[interpreter-replaced]" in upgraded.log
    after = docker.build(dockerfile=f"FROM {upgraded.tag}\nRUN venvboot init && venvboot check --only origin\n")
    assert "[interpreter-replaced]" not in after.log
    assert errors(docker, upgraded, "sync", "/nothing.txt").keys() == {"no-lock"}
