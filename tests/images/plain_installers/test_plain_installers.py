"""Every installer and every way of it that is known to write into the distro's Python, against the guard alone.

A row either is refused and has changed nothing, or stands in `not_prevented` with what `check` says afterwards.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Content, Engine, Image
from tests.images.plain_installers.not_prevented import NOT_PREVENTED, lookup
from tests.images.plain_installers.rows import PIPS, UV, Row, rows_of
from tests.integration.wheelhouse import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
README = HERE.parent.parent.parent / "README.md"
ROWS = [row for base in DEBIAN_RELEASES for row in rows_of(base.name, base.python or "")]

# What `setup.py install` and `uv sync` are run on.
PROJECTS = {
    "project/setup.py": "from setuptools import setup\nsetup(name='six', version='99.0', py_modules=['six'])\n",
    "project/six.py": "VERSION = '99.0'\n",
    "application/pyproject.toml": (
        "[project]\nname = 'application'\nversion = '1'\nrequires-python = '>=3.9'\n"
        "dependencies = ['six==99.0']\n[tool.uv]\npackage = false\n"
    ),
}
Answers = dict[Row, dict[str, Any]]


def build(docker: Engine, venvboot: Path, base: Base, wheels: Path, target: str) -> Image:
    make_wheel(wheels, "six", "99.0")
    files: dict[str, Content] = {"venvboot": venvboot}
    files.update({f"wheels/{wheel.name}": wheel for wheel in wheels.iterdir()})
    files.update(PROJECTS)
    arguments = {"PIPS": " ".join(PIPS[base.name]), "UV": UV}
    return docker.build(HERE, base=base, files=files, build_args=arguments, target=target, cache=True)


def ask(docker: Engine, image: Image, *command: str) -> dict[str, Any]:
    """What `row.py` tells of a command in a fresh container."""
    done = docker.run(image, "python3", "-ISB", "/srv/row.py", *command)
    assert done.returncode == 0, f"{command}\n{done}"
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def answers(
    docker: Engine,
    venvboot: Path,
    base_image: Callable[[str], Base],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Answers:
    """What each selected row did, each in a container of its own."""
    selected = {item.nodeid for item in request.session.items}
    wanted = [row for row in ROWS if any(nodeid.endswith(f"[{row}]") for nodeid in selected)]
    images = {
        base.name: build(docker, venvboot, base_image(base.name), tmp_path_factory.mktemp(base.name), "guarded")
        for base in DEBIAN_RELEASES
        if any(row.release == base.name for row in wanted)
    }

    clean = {name: ask(docker, image)["verify"] for name, image in images.items()}

    def answer(row: Row) -> dict[str, Any]:
        return {**ask(docker, images[row.release], row.command), "clean": clean[row.release]}

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(wanted, pool.map(answer, wanted)))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_refused_or_is_listed_and_found(answers: Answers, row: Row) -> None:
    told = answers[row]
    entry = lookup(row.release, row.pip_version, row.name)
    about = f"{row.command}\n{told['said']}\n{told['findings']}"
    codes = {finding["code"] for finding in told["findings"] if finding["severity"] == "error"}
    assert (told["clean"] == told["verify"]) is not (entry and entry.damages), about
    if entry is None:
        assert told["status"] != 0, about
        assert (told["check"], codes) == (0, set()), about
        assert told["undo"][0] == 0, told["undo"]
        assert told["without"][0] == 0, f"refused without the guard too: {row.command}\n{told['without'][1]}"
    else:
        assert told["status"] == 0, about
        assert told["check"] == (4 if entry.found else 0), about
        assert entry.found <= codes, about
        text = json.dumps(told["findings"])
        assert not entry.found or "six" in text or "setuptools" in text, about


def test_the_readme_lists_what_is_not_prevented() -> None:
    readme = " ".join(README.read_text().split())
    assert [entry.text for entry in NOT_PREVENTED if entry.text not in readme] == []


def test_every_entry_has_a_row() -> None:
    """An entry that no row meets says nothing."""
    met = {id(lookup(row.release, row.pip_version, row.name)) for row in ROWS}
    assert [entry.text for entry in NOT_PREVENTED if id(entry) not in met] == []


def test_every_pip_of_the_table_runs(docker: Engine, venvboot: Path, base: Base, tmp_path: Path) -> None:
    """A pip that doesn't start would count as one that is refused."""
    image = build(docker, venvboot, base, tmp_path, "ground")
    for version in PIPS[base.name]:
        start = f"PYTHONPATH=/srv/pips/{version} python3 -m pip"
        done = docker.run(image, "sh", "-c", f"{start} --version && {start} list")
        assert done.stdout.startswith(f"pip {version} from /srv/pips/"), str(done)
        assert done.returncode == 0, str(done)
