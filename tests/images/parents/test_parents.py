"""An image FROM one with an environment adds to it: what the parent's lock pins holds, and none of it is copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Dict, List

import pytest

from tests.images.docker_engine import Builder, BuildFailed, Engine, Image
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Content

HERE = Path(__file__).parent
VERSIONS = ("here 1.0", "here 2.0", "extra 1.0", "grand 1.0", "there 1.0")
ADD = "WORKDIR /app\nCOPY requirements.txt .\nRUN venvboot sync requirements.txt\n"
CHILD = ("here 1.0", "extra 1.0")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Content]:
    folder = tmp_path_factory.mktemp("wheels")
    files: Dict[str, Content] = {}
    for one in VERSIONS:
        name, version = one.split()
        digest = make_wheel(folder, name, version, module=f"{name}_main")
        files[one] = f"{name}=={version} --hash=sha256:{digest}\n"
    return {**files, **{f"wheels/{path.name}": path for path in folder.glob("*.whl")}}


def lock(wheels: Dict[str, Content], *names: str) -> str:
    return "".join(str(wheels[name]) for name in names)


@pytest.fixture(scope="module")
def parent(docker: Engine, venvboot: Path, base_image: Callable[[str], Base], wheels: Dict[str, Content]) -> Image:
    files = {name: content for name, content in wheels.items() if name.startswith("wheels/")}
    files.update({"venvboot": venvboot, "parent.txt": lock(wheels, "here 1.0", "there 1.0")})
    return docker.build(HERE, base=base_image("debian12"), files=files, cache=True)


def derive(docker: Engine, below: Image, text: str, lines: str = ADD, builder: Builder = "buildkit") -> Image:
    return docker.build(dockerfile=f"FROM {below.tag}\n{lines}", files={"requirements.txt": text}, builder=builder)


def present(docker: Engine, image: Image) -> List[str]:
    done = docker.run(image, "pip", "list", "--format=freeze")
    assert done.returncode == 0, str(done)
    return sorted(line.replace("==", " ") for line in done.stdout.split() if not line.startswith("pip="))


def findings(docker: Engine, image: Image, *words: str) -> Dict[str, Dict[str, str]]:
    done = docker.run(image, "venvboot", *words, "--json")
    told = json.loads(done.stdout)["findings"]
    return {one["subject"]: one for one in told if one["severity"] == "error"}


@pytest.mark.parametrize("builder", ["buildkit", "legacy"])
def test_a_child_adds_and_its_layer_has_nothing_of_the_parents(
    docker: Engine, parent: Image, wheels: Dict[str, Content], builder: Builder
) -> None:
    child = derive(docker, parent, lock(wheels, *CHILD), ADD + "RUN venvboot check\n", builder)
    assert present(docker, child) == ["extra 1.0", "here 1.0", "there 1.0"]
    layers = docker.layers_above(child, parent)
    files = [file.path for layer in layers for file in layer if file.type == "file"]
    brought = [path for path in files if "extra" in path]
    others = {path for path in files if "extra" not in path}
    assert len(brought) > 5
    assert others == {"opt/venv/venvboot.json", "app/requirements.txt"}
    sealed = derive(docker, child, "", "RUN venvboot seal\nRUN venvboot check\n", builder)
    assert docker.run(sealed, "python", "-m", "pip", "--version", user="12345:0").returncode != 0


def test_a_grandchild_adds_to_both(docker: Engine, parent: Image, wheels: Dict[str, Content]) -> None:
    child = derive(docker, parent, lock(wheels, *CHILD))
    lines = ADD.replace("/app", "/last") + "RUN venvboot check\n"
    last = derive(docker, child, lock(wheels, "grand 1.0"), lines)
    assert present(docker, last) == ["extra 1.0", "grand 1.0", "here 1.0", "there 1.0"]
    with pytest.raises(BuildFailed) as failed:
        derive(docker, last, lock(wheels, "here 2.0"), ADD.replace("/app", "/next"))
    assert "[parent-conflict]" in failed.value.log


def test_a_conflict_names_both_locks_and_changes_nothing_unless_the_parent_is_replaced(
    docker: Engine, parent: Image, wheels: Dict[str, Content]
) -> None:
    other = lock(wheels, "here 2.0", "extra 1.0")
    with pytest.raises(BuildFailed) as failed:
        derive(docker, parent, other)
    log = failed.value.log
    for words in ("[parent-conflict]", "/app/requirements.txt", "/parent/requirements.txt", "2.0", "1.0"):
        assert words in log
    assert "venvboot sync --replace-parent /app/requirements.txt" in log
    lines = ADD.replace("venvboot sync", "venvboot sync --replace-parent") + "RUN venvboot check\n"
    assert present(docker, derive(docker, parent, other, lines)) == ["extra 1.0", "here 2.0"]


def test_a_base_says_that_its_lock_holds_whatever_comes_from_the_same_place(
    docker: Engine, parent: Image, wheels: Dict[str, Content]
) -> None:
    base = derive(docker, parent, lock(wheels, "extra 1.0"), ADD.replace("sync", "sync --as-parent"))
    child = derive(docker, base, lock(wheels, "grand 1.0"), ADD + "RUN venvboot check\n")
    assert present(docker, child) == ["extra 1.0", "grand 1.0", "here 1.0", "there 1.0"]
    unsaid = derive(docker, derive(docker, parent, lock(wheels, "extra 1.0")), lock(wheels, "grand 1.0"))
    assert present(docker, unsaid) == ["grand 1.0", "here 1.0", "there 1.0"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [("RUN pip uninstall --yes there\n", "is gone"), ("RUN pip install here==2.0\n", "is now 2.0")],
)
def test_what_a_child_changed_of_the_parents_is_told_and_put_back(
    docker: Engine, parent: Image, wheels: Dict[str, Content], lines: str, words: str
) -> None:
    child = derive(docker, parent, lock(wheels, "extra 1.0"), lines + "COPY requirements.txt /app/\n")
    for told in (findings(docker, child, "check"), findings(docker, child, "sync", "/app/requirements.txt")):
        ((subject, found),) = told.items()
        assert subject in lines
        assert (found["code"], words in found["message"]) == ("locked-changed", True)
        assert "venvboot sync /parent/requirements.txt" in found["hint"]
    again = derive(docker, child, "", "RUN venvboot sync /parent/requirements.txt && venvboot check\n")
    assert present(docker, again) == ["here 1.0", "there 1.0"]


def test_an_install_that_would_change_the_parents_is_refused_or_an_exception(docker: Engine, parent: Image) -> None:
    found = findings(docker, parent, "install", "here==2.0")["here"]
    assert (found["code"], "here 1.0" in found["message"]) == ("locked-changed", True)
    allowed = "RUN venvboot install --allow here:locked-changed --because 'their fix' here==2.0 && venvboot check\n"
    child = derive(docker, parent, "", allowed)
    assert present(docker, child) == ["here 2.0", "there 1.0"]
    assert "their fix" in child.log
