"""Programs of the distro that go by PATH, found by their first line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from venvboot.facts import env_programs

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


@pytest.mark.parametrize(
    ("first", "listed"),
    [
        ("#!/usr/bin/env python3\n", True),
        ("#! /usr/bin/env python\n", True),
        ("#!/usr/bin/env -S python3 -u\n", True),
        ("#!/bin/env python3.11\n", True),
        ("#!/usr/bin/python3\n", False),
        ("#!/usr/bin/env python3-config\n", False),
        ("#!/usr/bin/env bash\n", False),
        ("", False),
    ],
)
def test_a_program_goes_by_path_where_its_first_line_asks_env(tree: Tree, first: str, *, listed: bool) -> None:
    tree.file("/usr/bin/tool", first, 0o755)
    tree.file("/usr/bin/own", "#!/usr/bin/env python3\n", 0o755)
    tree.package("tools", "1.0", "/usr/bin/tool")
    found = {path: str(package) for path, package in env_programs.read(tree.system())}
    assert found == ({"/usr/bin/tool": "tools 1.0 (dpkg)"} if listed else {})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_file_is_read_without_a_fault(tree: Tree, content: bytes) -> None:
    tree.file("/usr/bin/tool", content)
    env_programs.read(tree.system())


def test_a_link_is_a_name_of_its_program_and_pipes_and_folders_are_passed_over(tree: Tree) -> None:
    tree.file("/usr/bin/tool", "#!/usr/bin/env python3\n", 0o755)
    tree.link("/usr/bin/name", "tool")
    os.mkfifo(tree.host("/usr/bin/pipe"))
    tree.directory("/usr/bin/folder")
    tree.package("tools", "1.0", "/usr/bin/tool", "/usr/bin/name", "/usr/bin/pipe", "/usr/bin/folder")
    tree.file("/usr/lib/python3.11/pdb.py", "#! /usr/bin/env python3\n", 0o755)
    tree.link("/usr/bin/pdb3", "../lib/python3.11/pdb.py")
    tree.package("pdb", "1.0", "/usr/lib/python3.11/pdb.py")
    tree.package("names", "1.0", "/usr/bin/pdb3")
    found = {path: package.package for path, package in env_programs.read(tree.system())}
    assert found == {"/usr/bin/name": "tools", "/usr/bin/pdb3": "pdb"}
