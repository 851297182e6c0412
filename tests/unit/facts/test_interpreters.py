"""Facts of real interpreters: bases, environments made from them, wrappers, and programs that do not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

import pytest

from venvboot.facts import interpreters
from venvboot.model import Candidate
from venvboot.system import Completed, System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree
    from tests.unit.facts.conftest import Transplant

STARTED: List[str] = []


class Counting(System):
    """The real system, keeping count of the processes that it starts."""

    def run(self, argv: Any, **options: Any) -> Completed:
        STARTED.append(argv[0])
        return super().run(argv, **options)


@pytest.fixture
def started() -> List[str]:
    STARTED.clear()
    return STARTED


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


def test_each_real_file_is_started_once_whatever_its_names_and_environments(
    tmp_path: Path, pythons: Dict[str, str], stdlib_venv: Path, started: List[str]
) -> None:
    real = {version: os.path.realpath(path) for version, path in pythons.items()}
    for number, path in enumerate([*real.values(), *real.values()]):
        (tmp_path / f"python3.{number}").symlink_to(path)
    environ = {"PATH": f"{tmp_path}:{stdlib_venv}/bin", "HOME": str(tmp_path)}
    found = interpreters.all_of(Counting(environ=environ))
    assert set(real.values()) <= {facts.candidate.real_path for facts in found if facts.probe}
    assert any(facts.candidate.venv for facts in found)
    assert sorted(path for path in started if os.path.realpath(path) in real.values()) == sorted(set(real.values()))


def test_a_wrapper_stands_as_a_further_name_of_what_it_starts(tmp_path: Path) -> None:
    wrapper = tmp_path / "python3"
    wrapper.write_text(f'#!/bin/sh\nflavour=usual\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    facts = interpreters.one(System(), str(wrapper))
    assert facts is not None
    assert facts.candidate.real_path == os.path.realpath(sys.executable)
    assert str(wrapper) in facts.candidate.names
    assert facts.probe is not None


@pytest.fixture
def of_a_user(transplanted: Transplant) -> Transplant:
    """An interpreter in a home folder of PATH's neighbour: a user owns the folder above it."""
    os.chown(transplanted.prefix, 1000, 1000)
    return transplanted


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, and another user's folder")
def test_root_starts_nothing_that_others_may_have_put_there(of_a_user: Transplant) -> None:
    starts = of_a_user.count_starts()
    home = of_a_user.prefix.parent / "home"
    (home / ".pyenv/versions").mkdir(parents=True)
    (home / ".pyenv/versions/mine").symlink_to(of_a_user.prefix)
    found = interpreters.all_of(System(environ={"PATH": "/nowhere", "HOME": str(home)}))
    (facts,) = [one for one in found if one.candidate.real_path == str(of_a_user.program)]
    assert starts.read_text() == ""
    assert facts.untrusted == f"{of_a_user.prefix} belongs to user 1000"
    assert facts.probe is not None
    assert (facts.probe.started, facts.probe.version[:2]) == (False, sys.version_info[:2])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, and another user's folder")
def test_root_starts_what_is_on_path_or_named(of_a_user: Transplant) -> None:
    starts = of_a_user.count_starts()
    named = interpreters.one(System(environ={"PATH": "/nowhere"}), str(of_a_user.program))
    found = interpreters.all_of(System(environ={"PATH": str(of_a_user.program.parent)}))
    on_path = next(one for one in found if one.candidate.real_path == str(of_a_user.program))
    assert [(one.untrusted, one.probe and one.probe.started) for one in (named, on_path) if one] == [("", True)] * 2
    assert starts.read_text() == "start\n" * 2


def test_nothing_stands_at_a_path_without_a_program(tmp_path: Path) -> None:
    assert interpreters.one(System(), str(tmp_path / "python3")) is None


def test_of_an_unpacked_image_the_database_tells_also_what_its_files_do_not(tree: Tree) -> None:
    tree.elf("/usr/bin/python3")
    tree.package("python3-minimal", "3.11.2-1", "/usr/bin/python3")
    tree.elf("/usr/local/bin/python3")
    tree.file("/var/lib/rpm/Packages", b"\0" * 64)
    facts, other = interpreters.all_of(tree.system(PATH="/usr/bin:/usr/local/bin"))
    assert facts.probe is None
    assert facts.failure
    assert facts.ownership is not None
    assert facts.ownership.package.package == "python3-minimal"
    assert set(facts.owned_names) == {"/usr/bin/python3"}
    assert other.ownership is None
    assert [doubt.split()[0] for doubt in other.doubts] == ["rpm"]
    assert (facts.marker, facts.marks) == ("", ())


@pytest.mark.parametrize("config", ["", "home = /usr/bin\n"])
def test_a_stray_config_makes_no_environment_of_a_packages_own_interpreter(tree: Tree, config: str) -> None:
    tree.merged_usr()
    tree.elf("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    tree.package("python3.11-minimal", "3.11.2-6", "/usr/bin/python3.11")
    tree.file("/usr/pyvenv.cfg", config)
    (facts,) = interpreters.all_of(tree.system(PATH="/usr/bin:/bin"))
    assert facts.candidate.venv is None
    assert facts.candidate.names == ("/usr/bin/python3", "/usr/bin/python3.11", "/bin/python3", "/bin/python3.11")
    assert facts.candidate.first_on_path
    assert facts.ownership is not None


def test_a_copied_environment_stays_one(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.11")
    tree.package("python3.11-minimal", "3.11.2-6", "/usr/bin/python3.11")
    tree.elf("/opt/venv/bin/python3.11")
    tree.file("/opt/venv/pyvenv.cfg", "home = /usr/bin\n")
    found = interpreters.all_of(tree.system(PATH="/usr/bin:/bin"))
    assert [one.candidate.venv is not None for one in found] == [False, True]


def test_the_marker_in_the_standard_library_is_found_even_as_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "EXTERNALLY-MANAGED").symlink_to("/nowhere")
    assert _of_answering_script(tmp_path) == (f"{tmp_path}/lib/EXTERNALLY-MANAGED", "")


def test_the_marker_is_told_with_its_text_unless_it_is_ours(tmp_path: Path) -> None:
    """Ours says what this program judged before, and would make it judge otherwise the second time."""
    (tmp_path / "lib").mkdir()
    marker = tmp_path / "lib" / "EXTERNALLY-MANAGED"
    marker.write_text("[externally-managed]\nError=managed by uv\n")
    assert _of_answering_script(tmp_path) == (str(marker), "[externally-managed]\nError=managed by uv\n")
    marker.write_text("# Written by venvboot\n[externally-managed]\n")
    assert _of_answering_script(tmp_path) == ("", "")


def _of_answering_script(folder: Path) -> Tuple[str, str]:
    """A stand-in for an interpreter: a script that answers the probe with a prefix of our own."""
    texts = ("prerelease", "implementation", "executable", "config_args", "build_prefix", "banner", "soabi")
    answer = {
        **dict.fromkeys(texts, ""),
        **dict.fromkeys(("site_packages", "schemes", "missing_modules"), ()),
        "version": (3, 11, 2),
        "standalone": False,
        "prefix": str(folder),
        "base_prefix": str(folder),
        "stdlib": f"{folder}/lib",
    }
    path = folder / "stand-in"
    path.write_text(f"#!/bin/sh\nfor cookie; do :; done\ncat <<END\n$cookie{answer!r}$cookie\nEND\n")
    path.chmod(0o755)
    candidate = Candidate(str(path), str(path), (str(path),), script=True)
    (facts,) = interpreters.gather(System(), [candidate])
    assert facts.failure == ""
    return facts.marker, facts.marker_text
