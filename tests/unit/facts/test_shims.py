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
        ("3.11\n", {}, "3.11.7"),
        ("3\n", {}, "3.12.1"),
        ("3.1\n", {}, None),
        ("3.12.1", {"PYENV_VERSION": "3.13"}, None),
        ("\u00ff 3.12.1", {}, "3.12.1"),
    ],
)
def test_a_shim_stands_for_the_first_selected_version_that_has_it(
    pyenv: Tree, version_file: Optional[str], environ: Dict[str, str], version: Optional[str]
) -> None:
    if version_file is not None:
        pyenv.file(f"{ROOT}/version", version_file)
    wanted = version and f"{ROOT}/versions/{version}/bin/python3"
    assert shims.target(pyenv.system(**environ), SHIM) == wanted


def test_the_newest_version_is_told_by_number_and_not_by_letter(pyenv: Tree) -> None:
    newest = pyenv.elf(f"{ROOT}/versions/3.11.10/bin/python3")
    pyenv.file(f"{ROOT}/version", "3.11")
    assert shims.target(pyenv.system(), SHIM) == newest


@pytest.mark.parametrize(
    ("file", "content", "environ"),
    [
        ("/root/.asdf/version", "3.12.1", {}),
        ("/root/.tool-versions", "ruby 3.3.0\npython 3.12.1 system\n", {"HOME": "/root"}),
        ("/root/.tool-versions", "python 3.12.1\n", {"HOME": "/home/app"}),
        ("/.tool-versions", "python\t3.12.1\n", {}),
        ("/none", "", {"ASDF_PYTHON_VERSION": "3.12.1"}),
    ],
)
def test_a_shim_of_asdf_leads_to_its_installs(tree: Tree, file: str, content: str, environ: Dict[str, str]) -> None:
    tree.file("/root/.asdf/shims/python3", "#!/bin/sh\n", 0o755)
    tree.file(file, content)
    program = tree.elf("/root/.asdf/installs/python/3.12.1/bin/python3")
    assert shims.target(tree.system(**environ), "/root/.asdf/shims/python3") == program


@pytest.mark.parametrize(
    ("content", "version"),
    [
        ('[tools]\nnode = "22"\npython = "3.12.1"\n', "3.12.1"),
        ('[tools]\npython = ["3.12", "3.11"]\n', "3.12.1"),
        ('[tools]\npython = "latest"\n', None),
        ("", None),
    ],
)
def test_a_shim_of_mise_is_a_link_to_mise_and_leads_to_its_installs(
    tree: Tree, content: str, version: Optional[str]
) -> None:
    mise = "/root/.local/share/mise"
    tree.elf("/usr/bin/mise")
    tree.link(f"{mise}/shims/python", "/usr/bin/mise")
    tree.elf(f"{mise}/installs/python/3.12.1/bin/python")
    tree.file("/root/.config/mise/config.toml", content)
    wanted = version and f"{mise}/installs/python/{version}/bin/python"
    assert shims.is_shim(tree.system(), f"{mise}/shims/python")
    assert shims.target(tree.system(), f"{mise}/shims/python") == wanted


def test_a_program_or_a_script_elsewhere_is_no_shim(pyenv: Tree) -> None:
    pyenv.file(f"{ROOT}/version", "3.12.1")
    pyenv.elf(f"{ROOT}/shims/python3.12")
    pyenv.file(f"{ROOT}/bin/python3", "#!/bin/sh\n", 0o755)
    for name in ("shims/python3.12", "bin/python3", "shims/none"):
        assert not shims.is_shim(pyenv.system(), f"{ROOT}/{name}")
        assert shims.target(pyenv.system(), f"{ROOT}/{name}") is None


@given(st.binary() | st.text('python 3.12./:\n\t=[]"').map(str.encode))
def test_a_version_file_may_hold_anything(tree: Tree, content: bytes) -> None:
    tree.file(SHIM, "#!/bin/sh\n", 0o755)
    program = tree.elf(f"{ROOT}/versions/3.12.1/bin/python3")
    for file in (f"{ROOT}/version", "/.tool-versions", "/root/.config/mise/config.toml"):
        tree.file(file, content)
    assert shims.target(tree.system(), SHIM) in (None, program)
