"""The layer of `RUN venvboot init` holds the environment and the few files that activate and guard, nothing else."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Builder, Engine, Image, Layer, LayerFile

if TYPE_CHECKING:
    from collections.abc import Callable

VENV = "opt/venv"
# What reads them is in each of the bases: login shells, bash, PAM.
ACTIVATION = {"etc/profile.d/zz-venvboot.sh", "etc/bash.bashrc", "etc/environment"}
WRAPPERS = "usr/local/bin"
DIVERSIONS = {"var/lib/dpkg/diversions", "var/lib/dpkg/diversions-old"}
# The only ones that ship a marker of their own, which the diversion moves aside.
WITH_MARKER = ("3.11", "3.13")


@dataclass(frozen=True)
class Built:
    """The image of this case on one base by one builder, with its steps and layers above the base."""

    base: Base
    builder: Builder
    image: Image
    steps: list[Layer]
    layers: list[list[LayerFile]]

    @property
    def init(self) -> list[LayerFile]:
        """The layer of the first `venvboot init`: the second that holds anything, after COPY's."""
        _, layer = [members for members in self.layers if members]
        return layer

    @property
    def marker(self) -> str:
        return f"usr/lib/python{self.base.python}/EXTERNALLY-MANAGED"

    @property
    def sealed(self) -> str:
        return f"usr/local/lib/python{self.base.python}/dist-packages"

    def beside_venv(self) -> set[str]:
        return {
            member.path
            for member in self.init
            if member.type != "directory" and not member.path.startswith(VENV + "/")
        }


MATRIX = [(release.name, builder) for release in DEBIAN_RELEASES for builder in ("buildkit", "legacy")]


@pytest.fixture(scope="module", params=MATRIX, ids="-".join)
def built(request: pytest.FixtureRequest, docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Built:
    name, builder = request.param
    base = base_image(name)
    image = docker.build(Path(__file__).parent, base=base, builder=builder, files={"venvboot": venvboot})
    steps = [step for step in docker.layer_sizes(image) if "venvboot init" in step.created_by]
    return Built(base, builder, image, steps, docker.layers_above(image, base))


def test_layer_holds_environment_record_profile_marker_and_diversion_only(built: Built) -> None:
    distros_own = {built.marker + ".distro"} if built.base.python in WITH_MARKER else set()
    version = built.base.python
    programs = ("python", "python3", f"python{version}", "pip", "pip3", f"pip{version}", f"pip-{version}")
    wrappers = {f"{WRAPPERS}/{name}" for name in programs}
    guards = {built.marker, *distros_own, "usr/pip.conf", built.sealed, *DIVERSIONS}
    assert built.beside_venv() == {*ACTIVATION, *wrappers, *guards}

    inside = {member.path for member in built.init if member.path.startswith(VENV + "/")}
    packages = f"{VENV}/lib/python{built.base.python}/site-packages"
    entrypoint = f"{VENV}/bin/venvboot-entrypoint"
    assert {f"{VENV}/venvboot.json", f"{VENV}/pyvenv.cfg", entrypoint, f"{packages}/venvboot_pip.pth"} <= inside
    assert not any("unfinished" in path or path.endswith(".part") for path in inside)

    parents = {"tmp"}
    for path in (*built.beside_venv(), VENV):
        while path := posixpath.dirname(path):
            parents.add(path)
    directories = {member.path for member in built.init if member.type == "directory"}
    foreign = {path for path in directories if path != VENV and not path.startswith(VENV + "/")} - parents
    assert foreign == set()


def test_no_file_of_a_lower_layer_is_copied_up(built: Built) -> None:
    first = next(step for step in built.steps if "--dry-run" not in step.created_by)
    files = [member for member in built.init if member.type == "file"]
    # The legacy builder also counts the text of symbolic links.
    links = sum(member.type == "symlink" for member in built.init)
    uncounted = 0 if built.builder == "buildkit" else 32 * links
    assert 0 <= first.size - sum(member.size for member in files) <= uncounted
    beside = {member.path: member.size for member in files if not member.path.startswith(VENV + "/")}
    # Most of it is the distro's bash.bashrc, which has to be written again as a whole.
    assert sum(beside.values()) < 10240, beside
    assert [member for member in built.init if member.type in ("hardlink", "special")] == []
    assert [member.path for member in built.init if posixpath.basename(member.path).startswith(".wh.")] == []


def test_directories_of_the_environment_are_shared_from_the_start(built: Built) -> None:
    inside = [member for member in built.init if f"{member.path}/".startswith(VENV + "/")]
    directories = [member for member in inside if member.type == "directory"]
    assert VENV in [member.path for member in directories]
    assert [m for m in directories if (m.mode, m.uid, m.gid) != (0o2775, 0, 0)] == []
    files = [member for member in inside if member.type == "file"]
    assert [m for m in files if m.mode & 0o660 != 0o660 or (m.uid, m.gid) != (0, 0)] == []


def test_nothing_is_world_writable_and_only_root_writes_outside(built: Built) -> None:
    writable = [m for m in built.init if m.type != "symlink" and m.mode & 0o002 and m.path != "tmp"]
    assert writable == []
    outside = {m.path: (m.mode, m.uid, m.gid) for m in built.init if m.path in built.beside_venv()}
    programs = {path: outside.pop(path) for path in list(outside) if path.startswith(f"{WRAPPERS}/")}
    assert set(outside.values()) == {(0o644, 0, 0)}, outside
    assert set(programs.values()) == {(0o755, 0, 0)}, programs


def test_bytecode_is_the_start_up_hooks_only(built: Built) -> None:
    compiled = [member.path for member in built.init if member.path.endswith(".pyc")]
    cache = f"{VENV}/lib/python{built.base.python}/site-packages/__pycache__"
    assert compiled
    assert {posixpath.dirname(path) for path in compiled} == {cache}
    assert {posixpath.basename(path).partition(".")[0] for path in compiled} <= {"_venvboot_pip", "_virtualenv"}


def test_dry_run_before_and_second_run_after_make_empty_layers(built: Built) -> None:
    dry_run, _, second = built.steps
    assert "--dry-run" in dry_run.created_by
    assert (dry_run.size, second.size) == (0, 0)
    # The legacy builder makes no layer at all for a step that changed nothing.
    empty = [len(members) for members in built.layers if not members]
    assert empty == ([0, 0] if built.builder == "buildkit" else [])


@pytest.mark.parametrize(
    "built", [(release.name, "buildkit") for release in DEBIAN_RELEASES], indirect=True, ids="-".join
)
def test_in_a_running_container_a_second_init_and_a_dry_run_change_nothing(docker: Engine, built: Built) -> None:
    with docker.start(built.image, "sleep", "600") as container:
        before = container.diff()
        for words in (["init"], ["init", "--dry-run"], ["init", "--json"]):
            done = container.execute("venvboot", *words)
            assert done.returncode == 0, str(done)
        assert container.diff() == before


def test_before_any_init_a_dry_run_says_all_and_leaves_the_image_untouched(
    docker: Engine, venvboot: Path, base: Base
) -> None:
    with docker.start(base, "sleep", "600", options=["--volume", f"{venvboot}:/venvboot:ro"]) as container:
        before = container.diff()
        done = container.execute("/venvboot", "init", "--dry-run")
        assert done.returncode == 0, str(done)
        marker = f"/usr/lib/python{base.python}/EXTERNALLY-MANAGED"
        for path in ("/opt/venv", "/etc/profile.d/zz-venvboot.sh", marker):
            assert path in done.stdout, str(done)
        assert container.diff() == before
