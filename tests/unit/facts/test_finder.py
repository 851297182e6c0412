"""Interpreters are found by their files, without starting one; names of one file are one interpreter."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.facts import finder
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PATH = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
def debian(tree: Tree) -> Tree:
    tree.merged_usr()
    tree.elf("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    return tree


def paths(system: System) -> List[str]:
    return [candidate.path for candidate in finder.find(system)]


def test_all_names_of_one_file_are_one_interpreter(debian: Tree) -> None:
    (found,) = finder.find(debian.system(PATH=PATH))
    assert (found.path, found.real_path) == ("/usr/bin/python3", "/usr/bin/python3.11")
    assert found.names == ("/usr/bin/python3", "/usr/bin/python3.11", "/bin/python3", "/bin/python3.11")
    assert found.first_on_path
    assert found.venv is None


def test_hard_links_are_one_interpreter_as_well(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.11")
    os.link(tree.host("/usr/bin/python3.11"), tree.host("/usr/bin/python3"))
    (found,) = finder.find(tree.system(PATH=PATH))
    assert found.names == ("/usr/bin/python3", "/usr/bin/python3.11")


def test_the_order_is_that_of_path_and_then_the_other_folders(debian: Tree) -> None:
    debian.elf("/usr/local/bin/python3")
    debian.elf("/opt/python/cp312/bin/python3.12")
    debian.elf("/srv/bin/python3")
    debian.elf("/home/x/bin/python3")
    found = paths(debian.system(PATH=f"/srv/bin:{PATH}"))
    assert found == [
        "/srv/bin/python3",
        "/usr/local/bin/python3",
        "/usr/bin/python3",
        "/opt/python/cp312/bin/python3.12",
    ]


def test_python3_on_path_is_first_and_python_only_where_there_is_no_python3(debian: Tree) -> None:
    debian.elf("/usr/local/bin/python")
    first = [found.path for found in finder.find(debian.system(PATH=PATH)) if found.first_on_path]
    assert first == ["/usr/bin/python3"]
    debian.host("/usr/bin/python3").unlink()
    first = [found.path for found in finder.find(debian.system(PATH=PATH)) if found.first_on_path]
    assert first == ["/usr/local/bin/python"]


def test_off_path_nothing_is_first(debian: Tree) -> None:
    assert [found.first_on_path for found in finder.find(debian.system(PATH="/sbin"))] == [False]


@pytest.mark.parametrize(
    "name", ["python", "python2", "python3", "python2.7", "python3.14", "python3.13t", "pypy3", "pypy3.10", "graalpy"]
)
def test_interpreters_are_told_by_name(tree: Tree, name: str) -> None:
    tree.elf(f"/usr/bin/{name}")
    assert paths(tree.system(PATH="/usr/bin")) == [f"/usr/bin/{name}"]


@pytest.mark.parametrize(
    "name",
    ["python3-config", "python3.11-dbg", "ipython3", "python3.11.2", "pythonw", "python4", "bpython", "python3.x"],
)
def test_names_of_other_programs_are_not_taken(tree: Tree, name: str) -> None:
    tree.elf(f"/usr/bin/{name}")
    assert paths(tree.system(PATH="/usr/bin")) == []


def test_scripts_folders_broken_links_and_what_may_not_run_are_no_interpreters(tree: Tree) -> None:
    tree.file("/usr/local/bin/python3", "#!/bin/sh\nexec /opt/venv/bin/python3\n", 0o755)
    tree.directory("/usr/bin/python3")
    tree.link("/usr/bin/python3.11", "/nowhere")
    tree.link("/usr/bin/python3.10", "python3.10")
    tree.elf("/usr/bin/python3.12", mode=0o644)
    tree.file("/usr/bin/python2", "", 0o755)
    assert finder.find(tree.system(PATH=PATH)) == ()


def test_an_environment_is_an_interpreter_of_its_own_although_its_links_end_at_the_base(debian: Tree) -> None:
    debian.file("/opt/venv/pyvenv.cfg", "home = /usr/bin\n")
    debian.link("/opt/venv/bin/python", "/usr/bin/python3.11")
    debian.link("/opt/venv/bin/python3", "python")
    venv, base = finder.find(debian.system(PATH=f"/opt/venv/bin:{PATH}"))
    assert (venv.path, venv.real_path, venv.first_on_path) == ("/opt/venv/bin/python", "/usr/bin/python3.11", True)
    assert venv.venv is not None
    assert (venv.venv.prefix, base.venv, base.path) == ("/opt/venv", None, "/usr/bin/python3")


def test_two_environments_of_one_base_are_two(debian: Tree) -> None:
    for name in ("one", "two"):
        debian.file(f"/opt/{name}/pyvenv.cfg", "home = /usr/bin\n")
        debian.link(f"/opt/{name}/bin/python", "/usr/bin/python3.11")
    assert {"/opt/one/bin/python", "/opt/two/bin/python"} <= set(paths(debian.system(PATH="/usr/bin")))


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("PYENV_ROOT", "/srv/pyenv", "/srv/pyenv/versions/3.12.1/bin/python3.12"),
        ("VIRTUAL_ENV", "/srv/env", "/srv/env/bin/python"),
        ("CONDA_PREFIX", "/srv/conda", "/srv/conda/bin/python"),
        ("UV_PYTHON_INSTALL_DIR", "/srv/uv", "/srv/uv/cpython-3.12/bin/python3.12"),
        ("HOME", "/home/app", "/home/app/.pyenv/versions/3.12.1/bin/python"),
        ("APP_ROOT", "/opt/app-root/x/y", "/opt/app-root/x/y/bin/python"),
    ],
)
def test_variables_lead_to_further_folders_when_they_are_absolute(
    tree: Tree, variable: str, value: str, path: str
) -> None:
    tree.elf(path)
    assert paths(tree.system(**{variable: value})) == [path]
    assert paths(tree.system(**{variable: value[1:]})) == []
    assert paths(tree.system()) == []


def test_a_shim_on_path_is_the_interpreter_it_stands_for(tree: Tree) -> None:
    tree.file("/opt/pyenv/shims/python3", "#!/bin/sh\n", 0o755)
    tree.file("/opt/pyenv/version", "3.12.1")
    program = tree.elf("/opt/pyenv/versions/3.12.1/bin/python3")
    (found,) = finder.find(tree.system(PATH="/opt/pyenv/shims"))
    assert (found.path, found.real_path, found.first_on_path) == ("/opt/pyenv/shims/python3", program, True)
    assert found.names == ("/opt/pyenv/shims/python3", program)


def test_rhel_s_platform_python_is_found(tree: Tree) -> None:
    tree.elf("/usr/libexec/platform-python3.6")
    tree.link("/usr/libexec/platform-python", "platform-python3.6")
    (found,) = finder.find(tree.system(PATH="/usr/bin"))
    assert found.names == ("/usr/libexec/platform-python", "/usr/libexec/platform-python3.6")


def test_links_lead_nowhere_outside_the_image(tree: Tree) -> None:
    """``/opt/tool`` is an absolute link: inside an unpacked image it means a folder of that image."""
    program = tree.elf("/srv/venvboot-test/tool/bin/python3")
    tree.link("/opt/tool", "/srv/venvboot-test/tool")
    (found,) = finder.find(tree.system(PATH="/usr/bin"))
    assert (found.path, found.real_path) == ("/opt/tool/bin/python3", program)


@given(st.lists(st.sampled_from(["", ".", "bin", "/bin", "/bin/", "//bin", "/usr/../bin", "/usr/bin"]), max_size=6))
def test_the_search_path_has_absolute_folders_once_each(entries: List[str]) -> None:
    found = finder.search_path(System(environ={"PATH": ":".join(entries)}))
    assert all(folder.startswith("/") for folder in found)
    assert len(set(found)) == len(found)
    assert ("/bin" in found) is bool({"/bin", "/bin/", "/usr/../bin"} & set(entries))


@pytest.mark.parametrize(
    ("path", "names"), [("/usr/bin/python3", ("/usr/bin/python3",)), ("/bin/python3", ("/bin/python3",))]
)
def test_a_named_interpreter_keeps_the_name_it_was_given(debian: Tree, path: str, names: Tuple[str, ...]) -> None:
    found = finder.examine(debian.system(), path)
    assert found is not None
    assert (found.path, found.real_path, found.names) == (path, "/usr/bin/python3.11", names)


def test_a_named_shim_leads_to_its_interpreter(tree: Tree) -> None:
    tree.file("/opt/pyenv/shims/python3", "#!/bin/sh\n", 0o755)
    tree.file("/opt/pyenv/version", "3.12.1")
    program = tree.elf("/opt/pyenv/versions/3.12.1/bin/python3")
    found = finder.examine(tree.system(), "/opt/pyenv/shims/python3")
    assert found is not None
    assert found.real_path == program


def test_a_path_without_a_program_is_no_interpreter(debian: Tree) -> None:
    debian.file("/usr/bin/tool", "#!/bin/sh\n", 0o755)
    for path in ("/usr/bin/none", "/usr/bin", "/usr/bin/tool"):
        assert finder.examine(debian.system(), path) is None
