"""Facts of real interpreters: a base, an environment made from it, and a program that does not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Tuple

import pytest

from venvboot.facts import interpreters
from venvboot.model import Candidate
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


@pytest.fixture(scope="session")
def stdlib_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stdlib") / "env"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(made)], check=True)
    return made


def test_a_real_environment_is_told_from_its_base(stdlib_venv: Path) -> None:
    facts = interpreters.one(System(), str(stdlib_venv / "bin" / "python"))
    assert facts is not None
    assert facts.failure == ""
    assert facts.candidate.venv is not None
    assert facts.candidate.venv.prefix == str(stdlib_venv)
    assert facts.candidate.real_path == os.path.realpath(sys.executable)


def test_nothing_stands_at_a_path_without_a_program(tmp_path: Path) -> None:
    assert interpreters.one(System(), str(tmp_path / "python3")) is None


def test_an_interpreter_of_an_unpacked_image_is_listed_with_owner_and_the_reason_it_does_not_start(
    tree: Tree,
) -> None:
    tree.elf("/usr/bin/python3")
    tree.package("python3-minimal", "3.11.2-1", "/usr/bin/python3")
    tree.file("/lib/apk/db/installed")
    (facts,) = interpreters.all_of(tree.system(PATH="/usr/bin"))
    assert facts.probe is None
    assert facts.failure.startswith("exit status 127")
    assert facts.ownership is not None
    assert facts.ownership.package.package == "python3-minimal"
    assert facts.foreign_databases == ("apk (/lib/apk/db/installed)",)
    assert (facts.marker, facts.marks, facts.pyenv_root) == ("", (), "")


def test_a_pyenv_version_folder_is_told_by_the_real_file(tree: Tree) -> None:
    tree.elf("/opt/pyenv/versions/3.12.1/bin/python3.12")
    tree.link("/usr/bin/python3", "/opt/pyenv/versions/3.12.1/bin/python3.12")
    (facts,) = interpreters.all_of(tree.system(PATH="/usr/bin"))
    assert facts.pyenv_root == "/opt/pyenv/versions/3.12.1"


@pytest.mark.parametrize("name", interpreters.MARKS)
def test_another_maker_s_file_in_the_prefix_is_a_mark(tmp_path: Path, name: str) -> None:
    """A stand-in for an interpreter: a script that answers the probe with a prefix of our own."""
    facts = _of_answering_script(tmp_path, tmp_path)
    assert facts == ((), "")
    (tmp_path / name).write_text("")
    assert _of_answering_script(tmp_path, tmp_path)[0] == (f"{tmp_path}/{name}",)


def test_the_marker_in_the_standard_library_is_found_even_as_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "EXTERNALLY-MANAGED").symlink_to("/nowhere")
    assert _of_answering_script(tmp_path, tmp_path)[1] == f"{tmp_path}/lib/EXTERNALLY-MANAGED"


def _of_answering_script(folder: Path, prefix: Path) -> Tuple[Tuple[str, ...], str]:
    answer = {
        **dict.fromkeys(("implementation", "executable", "config_args", "build_prefix"), ""),
        **dict.fromkeys(("site_packages", "schemes", "missing_modules"), ()),
        "version": (3, 11, 2),
        "prefix": str(prefix),
        "base_prefix": str(prefix),
        "stdlib": f"{prefix}/lib",
    }
    path = folder / "stand-in"
    path.write_text(f"#!/bin/sh\nfor cookie; do :; done\ncat <<END\n$cookie{answer!r}$cookie\nEND\n")
    path.chmod(0o755)
    (facts,) = interpreters.gather(System(), [Candidate(str(path), str(path), (str(path),))])
    assert facts.failure == ""
    return facts.marks, facts.marker
