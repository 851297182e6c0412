"""Scripts and programs that bear an interpreter's name and only start one: they are names of that one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from venvboot.facts import finder
from venvboot.model import Candidate, VenvConfig

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PATH = "/usr/local/bin:/usr/bin:/bin"


def test_a_wrapper_is_the_interpreter_it_starts(debian: Tree) -> None:
    debian.file("/usr/local/bin/python3", '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', 0o755)
    (found,) = finder.find(debian.system(PATH=PATH))
    assert (found.path, found.real_path) == ("/usr/local/bin/python3", "/usr/bin/python3.11")
    assert found.names[:3] == ("/usr/local/bin/python3", "/usr/bin/python3", "/usr/bin/python3.11")
    assert (found.script, found.first_on_path) == (False, True)


def test_a_wrapper_of_an_environment_s_python_is_that_environment_s(debian: Tree) -> None:
    debian.file("/opt/venv/pyvenv.cfg", "home = /usr/bin\n")
    debian.link("/opt/venv/bin/python3", "/usr/bin/python3.11")
    debian.file("/usr/local/bin/python3", '#!/bin/sh\nexec /opt/venv/bin/python3 "$@"\n', 0o755)
    venv, base = finder.find(debian.system(PATH=PATH))
    assert (venv.names, venv.first_on_path) == (("/usr/local/bin/python3", "/opt/venv/bin/python3"), True)
    assert (venv.venv is not None, base.path, base.venv) == (True, "/usr/bin/python3", None)


@pytest.mark.parametrize(
    "text",
    [
        '#!/bin/sh\nPYTHONPATH=/x exec /usr/bin/python3 "$@"\n',
        '#!/bin/sh\nexec /none/python3 "$@"\n',
        '#!/bin/sh\nexec /usr/local/bin/python3 "$@"\n',
        "#!/usr/bin/perl\n",
    ],
)
def test_any_other_script_is_a_candidate_that_has_to_be_started(debian: Tree, text: str) -> None:
    debian.file("/usr/local/bin/python3", text, 0o755)
    script, program = finder.find(debian.system(PATH=PATH))
    assert (script.path, script.real_path, script.script) == (
        "/usr/local/bin/python3",
        "/usr/local/bin/python3",
        True,
    )
    assert (script.first_on_path, program.script, program.first_on_path) == (True, False, False)


@pytest.fixture
def gentoo(tree: Tree) -> Tree:
    """As Gentoo lays it out: python and python3 are links to a program that starts the selected interpreter."""
    tree.elf("/usr/lib/python-exec/python-exec2c")
    for name in ("python", "python3"):
        tree.link(f"/usr/bin/{name}", "../lib/python-exec/python-exec2c")
    for version in ("3.11", "3.12"):
        tree.elf(f"/usr/bin/python{version}")
        tree.link(f"/usr/lib/python-exec/python{version}/python3", f"../../../bin/python{version}")
    return tree


def test_a_wrapper_that_was_started_is_folded_into_its_interpreter(gentoo: Tree) -> None:
    system = gentoo.system(PATH="/usr/bin")
    wrapper, older, newer = finder.find(system)
    assert finder.startable(wrapper) == "/usr/bin/python"
    told = {wrapper: "/usr/lib/python-exec/python3.12/python3", older: older.path, newer: newer.path}
    merged, rest = finder.merge(system, (wrapper, older, newer), told)
    assert rest == older
    assert (merged.path, merged.real_path) == ("/usr/bin/python", "/usr/bin/python3.12")
    assert merged.names == (
        "/usr/bin/python",
        "/usr/bin/python3",
        "/usr/lib/python-exec/python3.12/python3",
        "/usr/bin/python3.12",
    )
    assert merged.first_on_path
    assert finder.startable(merged) == "/usr/bin/python3.12"


def test_a_wrapper_found_after_its_interpreter_adds_its_names_to_it(debian: Tree) -> None:
    debian.file("/srv/bin/python3", "#!/bin/sh\n. /etc/x\nexec python3.11 $@\n", 0o755)
    system = debian.system(PATH="/usr/bin:/srv/bin")
    program, script = finder.find(system)
    (merged,) = finder.merge(system, (program, script), {script: "/usr/bin/python3.11"})
    assert merged.names == (*program.names, "/srv/bin/python3")
    assert (merged.path, merged.real_path, merged.script) == (program.path, program.real_path, False)


def test_the_only_name_of_an_interpreter_off_every_place_may_be_a_wrapper(debian: Tree) -> None:
    program = debian.elf("/srv/hidden/bin/python3.12")
    debian.file("/usr/local/bin/python3", "#!/bin/sh\nexec $PYTHON $@\n", 0o755)
    system = debian.system(PATH=PATH)
    script, _ = candidates = finder.find(system)
    merged, _ = finder.merge(system, candidates, {script: program})
    assert (merged.names, merged.real_path) == (("/usr/local/bin/python3", program), program)
    assert (merged.script, merged.first_on_path) == (False, True)


@pytest.mark.parametrize("told", ["", "python3", "/none", "/usr/bin", "/usr/local/bin/python3", "/\0"])
def test_a_script_that_names_no_program_stays_what_it_is(debian: Tree, told: str) -> None:
    debian.file("/usr/local/bin/python3", "#!/bin/sh\nexec $PYTHON $@\n", 0o755)
    system = debian.system(PATH=PATH)
    candidates = finder.find(system)
    assert candidates[0].script
    assert finder.merge(system, candidates, {candidates[0]: told}) == candidates


def test_an_environment_is_never_folded_into_its_base(debian: Tree) -> None:
    debian.file("/opt/venv/pyvenv.cfg", "home = /usr/bin\n")
    debian.link("/opt/venv/bin/python", "/usr/bin/python3.11")
    system = debian.system(PATH=f"/opt/venv/bin:{PATH}")
    candidates = finder.find(system)
    assert finder.merge(system, candidates, {candidates[0]: "/usr/bin/python3.11"}) == candidates


@pytest.mark.parametrize(
    ("candidate", "start"),
    [
        (Candidate("/bin/python3", "/usr/bin/python3.11", ("/bin/python3",)), "/usr/bin/python3.11"),
        (Candidate("/bin/python3", "/usr/bin/python-exec2c", ("/bin/python3",)), "/bin/python3"),
        (Candidate("/bin/python3", "/opt/x/python3", ("/bin/python3",), script=True), "/bin/python3"),
        (
            Candidate(
                "/v/bin/python", "/usr/bin/python3.11", ("/v/bin/python",), venv=VenvConfig("/v", "/usr/bin", False)
            ),
            "/usr/bin/python3.11",
        ),
        (
            Candidate(
                "/bin/python3",
                "/v/bin/python3",
                ("/bin/python3", "/v/bin/python"),
                venv=VenvConfig("/v", "/usr/bin", False),
            ),
            "/v/bin/python",
        ),
    ],
    ids=["a link", "a wrapper", "a script", "a linked environment", "a copied environment"],
)
def test_the_real_file_is_started_unless_the_name_or_the_place_matters(candidate: Candidate, start: str) -> None:
    assert finder.startable(candidate) == start
