"""What detect lists: of the running system, of an unpacked image, and of what was named."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List

import pytest

from venvboot.commands import Context, detect
from venvboot.errors import Unsupported, UsageError
from venvboot.model import Outcome, Status
from venvboot.report import Reporter
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PACKAGE = ("python3.11-minimal", "3.11.2-6")


@pytest.fixture
def image(tree: Tree) -> Tree:
    """An unpacked image with a Debian Python, a source build, and nothing that could be started."""
    tree.elf("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    tree.file("/usr/lib/python3.11/os.py")
    tree.package(*PACKAGE, "/usr/bin/python3.11", "/usr/lib/python3.11/os.py")
    tree.elf("/usr/local/bin/python3.13")
    tree.file("/usr/local/lib/python3.13/os.py")
    tree.file("/etc/os-release", "ID=debian\n")
    return tree


def run(root: str, *pythons: str, **environ: str) -> Outcome:
    arguments = argparse.Namespace(root=root, pythons=list(pythons), verbose=False)
    return detect.run(arguments, Context(System(environ=environ), Reporter(0)))


def listed(outcome: Outcome) -> List[Dict[str, Any]]:
    interpreters: List[Dict[str, Any]] = outcome.data["interpreters"]
    return interpreters


def paths(outcome: Outcome) -> List[str]:
    return [one["path"] for one in listed(outcome)]


def test_an_unpacked_image_is_read_with_the_path_of_a_container(image: Tree) -> None:
    outcome = run(str(image.root), PATH="/nothing", PYENV_ROOT="/root/.pyenv")
    assert outcome.status is Status.DONE
    assert outcome.findings == ()
    assert sorted(paths(outcome)) == ["/usr/bin/python3", "/usr/local/bin/python3.13"]
    first = next(one for one in listed(outcome) if one["first_on_path"])
    assert first["path"] == "/usr/bin/python3"
    assert first["version"].startswith("3.11.")
    assert first["origin"]["owner"] == {"manager": "dpkg", "package": PACKAGE[0], "version": PACKAGE[1]}
    assert [line[:18] for line in outcome.product.splitlines() if line[0] == "*"] == ["* /usr/bin/python3"]


def test_a_relative_folder_and_a_link_to_one_are_fine(image: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(image.root.parent)
    (image.root.parent / "link").symlink_to("image")
    assert paths(run("image")) == paths(run("link/")) == paths(run(str(image.root)))


@pytest.mark.parametrize("word", ["/usr/bin/python3.11", "usr/bin/python3.11", "../../usr/bin/python3.11"])
def test_paths_are_those_inside_the_image(image: Tree, word: str) -> None:
    assert paths(run(str(image.root), word)) == ["/usr/bin/python3.11"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["3.11"], ["/usr/bin/python3"]),
        (["3"], ["/usr/local/bin/python3.13", "/usr/bin/python3"]),
        (["<3.13", ">=3.10"], ["/usr/bin/python3", "/usr/local/bin/python3.13"]),
        (["/usr/local/bin/python3.13", "3.13"], ["/usr/local/bin/python3.13"]),
    ],
)
def test_versions_list_what_fits_and_nothing_twice(image: Tree, words: List[str], found: List[str]) -> None:
    assert paths(run(str(image.root), *words)) == found


def test_all_that_is_not_there_is_told_at_once(image: Tree) -> None:
    with pytest.raises(Unsupported) as caught:
        run(str(image.root), "3.11", "pypy", "/srv/python3")
    told = [(finding.code, finding.message, finding.evidence) for finding in caught.value.findings]
    seen = "/usr/local/bin/python3.13 (3.13.0), /usr/bin/python3 (3.11.0)"
    assert told == [
        ("no-interpreter", "there is no Python that fits pypy", f"interpreters looked at: {seen}"),
        ("no-interpreter", "there is no interpreter at /srv/python3", "nothing stands there"),
    ]


def test_an_image_without_python_is_told_with_the_way_out(tree: Tree) -> None:
    tree.file("/etc/os-release", "ID=alpine\n")
    outcome = run(str(tree.root))
    assert (outcome.status, outcome.product, listed(outcome)) == (Status.UNSUPPORTED, "", [])
    assert [finding.hint for finding in outcome.findings] == ["RUN apk add --no-cache python3"]


def test_the_root_of_this_system_is_this_system() -> None:
    name = os.path.realpath(sys.executable)
    for root in ("/", "//", "/usr/.."):
        assert paths(run(root, name)) == [name]


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ("", "--root '' is no folder"),
        ("{}/gone", "--root '{}/gone' isn't there"),
        ("{}/file", "--root '{}/file' is no folder"),
    ],
)
def test_what_is_no_folder_is_a_usage_error(tmp_path: Path, root: str, message: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        run(root.format(tmp_path))
    (finding,) = caught.value.findings
    assert finding.message == message.format(tmp_path)
    assert finding.hint
