"""A pyenv or asdf shim stands for the interpreter its version files select; nothing is started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.facts import shims

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

ROOT = "/opt/pyenv"
SHIM = f"{ROOT}/shims/python3"


@pytest.fixture
def pyenv(tree: Tree) -> Tree:
    tree.file(SHIM, "#!/usr/bin/env bash\nexec pyenv exec python3\n", 0o755)
    for version in ("3.11.7", "3.12.1"):
        tree.elf(f"{ROOT}/versions/{version}/bin/python3")
    return tree


@pytest.mark.parametrize(
    ("version_file", "environ", "version"),
    [
        ("3.12.1\n", {}, "3.12.1"),
        ("3.11.7\n3.12.1\n", {}, "3.11.7"),
        ("3.9.1 3.12.1\n", {}, "3.12.1"),
        ("3.12.1\n", {"PYENV_VERSION": "3.11.7"}, "3.11.7"),
        ("3.12.1\n", {"PYENV_VERSION": "2.7.18:3.11.7"}, "3.11.7"),
        ("3.12.1\n", {"PYENV_VERSION": ""}, "3.12.1"),
        ("system\n", {}, None),
        ("", {}, None),
        (None, {}, None),
        ("../versions/3.12.1\n", {}, None),
        ("..\n", {}, None),
    ],
)
def test_a_shim_stands_for_the_first_selected_version_that_has_it(
    pyenv: Tree, version_file: Optional[str], environ: Dict[str, str], version: Optional[str]
) -> None:
    if version_file is not None:
        pyenv.file(f"{ROOT}/version", version_file)
    wanted = version and f"{ROOT}/versions/{version}/bin/python3"
    assert shims.target(pyenv.system(**environ), SHIM) == wanted


def test_a_shim_of_asdf_leads_to_its_installs(tree: Tree) -> None:
    tree.file("/root/.asdf/shims/python3", "#!/bin/sh\n", 0o755)
    tree.file("/root/.asdf/version", "3.12.1")
    program = tree.elf("/root/.asdf/installs/python/3.12.1/bin/python3")
    assert shims.target(tree.system(), "/root/.asdf/shims/python3") == program


def test_a_program_or_a_script_elsewhere_is_no_shim(pyenv: Tree) -> None:
    pyenv.file(f"{ROOT}/version", "3.12.1")
    pyenv.elf(f"{ROOT}/shims/python3.12")
    pyenv.file(f"{ROOT}/bin/python3", "#!/bin/sh\n", 0o755)
    for name in ("shims/python3.12", "bin/python3", "shims/none"):
        assert not shims.is_shim(pyenv.system(), f"{ROOT}/{name}")
        assert shims.target(pyenv.system(), f"{ROOT}/{name}") is None


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/root/.pyenv/versions/3.12.1/bin/python3.12", "/root/.pyenv/versions/3.12.1"),
        ("/opt/pyenv/versions/3.12.1/bin/python", "/opt/pyenv/versions/3.12.1"),
        ("/root/.asdf/installs/python/3.12.1/bin/python", "/root/.asdf/installs/python/3.12.1"),
        ("/root/.asdf/installs/ruby/3.2/bin/python", ""),
        ("/opt/tool/versions/3.12.1/bin/python", ""),
        ("/usr/bin/python3.11", ""),
        ("/opt/pyenv/versions/python", ""),
    ],
)
def test_the_version_folder_of_a_path_is_told_by_its_place(path: str, folder: str) -> None:
    assert shims.version_folder(path) == folder


@given(
    st.lists(st.sampled_from(["pyenv", ".pyenv", "versions", "installs", "python", "3.12", "bin", ""]), max_size=7)
)
def test_a_version_folder_is_a_part_of_the_path_or_none(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    found = shims.version_folder(path)
    assert found == "" or f"{path}/".startswith(f"{found}/")
