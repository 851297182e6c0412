"""The same on a Python that rpm owns, as Fedora changes it, and on one that pacman owns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.docker_engine import Content, Engine, Image
from tests.images.plain_installers.not_prevented import lookup
from tests.images.plain_installers.rows import EVERY_PIP, EVERY_PIP_WITH_BREAK, KNOWS_BREAK, SIX, Row, version
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base

HERE = Path(__file__).parent
ORIGINS = HERE.parent / "origins"
PIPS = ("22.3.1", "23.0", "24.0", "26.3")
# Nothing of the system's is removed in the first place: only what this pip finds by itself.
UNINSTALL = "uninstall -y six"


def rows_of(manager: str) -> list[Row]:
    rows = []
    for pip in PIPS:
        ways = {**EVERY_PIP, "uninstall": UNINSTALL, "root": f"install --root / {SIX}"}
        if version(pip) >= KNOWS_BREAK:
            ways.update({**EVERY_PIP_WITH_BREAK, "break uninstall": f"{UNINSTALL} --break-system-packages"})
        start = f"PYTHONPATH=/srv/pips/{pip} python3 -m pip"
        rows += [Row(manager, name, pip, f"{start} {words}") for name, words in ways.items()]
    return rows


ROWS = [*rows_of("rpm"), *rows_of("pacman")]


@pytest.fixture(scope="module")
def images(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Image]:
    for needed in ("debian12", "debian12-flavours"):
        base_image(needed)
    wheels = {"wheels": tmp_path_factory.mktemp("wheels"), "distro": tmp_path_factory.mktemp("distro")}
    make_wheel(wheels["wheels"], "six", "99.0")
    make_wheel(wheels["distro"], "six", "1.0")
    files: dict[str, Content] = {"venvboot": venvboot, "row.py": HERE / "row.py"}
    files.update({f"{name}/{path.name}": path for name, folder in wheels.items() for path in folder.iterdir()})
    for name in ("rpmmacros", "python.spec", "install.sh", "os-release/fedora-37"):
        files[name] = ORIGINS / "rpm" / name
    for name in ("EXTERNALLY-MANAGED", "pacman.sh"):
        files[name] = ORIGINS / "others" / name
    return {
        manager: docker.build(
            HERE / "other_managers",
            base=base_image("debian13-managers"),
            files=files,
            build_args={"PIPS": " ".join(PIPS)},
            target=f"{manager}-guarded",
            cache=True,
        )
        for manager in ("rpm", "pacman")
    }


def _ask(docker: Engine, image: Image, *command: str) -> dict[str, Any]:
    done = docker.run(image, "python3", "-ISB", "/srv/row.py", *command)
    assert done.returncode == 0, f"{command}\n{done}"
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_refused_or_is_listed_and_found(docker: Engine, images: dict[str, Image], row: Row) -> None:
    told, clean = _ask(docker, images[row.release], row.command), _ask(docker, images[row.release])
    entry = lookup(row.release, row.pip_version, row.name)
    about = f"{row.command}\n{told['said']}\n{told['findings']}"
    codes = {finding["code"] for finding in told["findings"] if finding["severity"] == "error"}
    assert told["verify"] == clean["verify"], about
    if entry is None:
        assert told["status"] != 0, about
        assert (told["check"], codes) == (0, set()), about
        assert told["undo"][0] == 0, told["undo"]
        assert told["without"][0] == 0, f"refused without the guard too: {row.command}\n{told['without'][1]}"
    else:
        assert (told["status"], told["check"]) == (0, 4 if entry.found else 0), about
        assert entry.found <= codes, about


def test_rpms_two_folders_are_sealed_and_pacmans_one_folder_is_not(docker: Engine, images: dict[str, Image]) -> None:
    ask = "for lib in lib lib64; do stat -c '%n %F' /usr/local/$lib/python3.11/site-packages; done"
    done = docker.run(images["rpm"], "sh", "-c", ask)
    assert [line.split(" ", 1)[1] for line in done.stdout.splitlines()] == ["regular file"] * 2, str(done)
    done = docker.run(images["pacman"], "sh", "-c", ask)
    assert "regular file" not in done.stdout, str(done)
