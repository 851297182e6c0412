"""A stage in an environment tells that a sync is at work there, or was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import pytest

from venvboot.facts import stages

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PATH = f"/opt/venv/{stages.NAME}"


@pytest.mark.parametrize(
    ("make", "is_one"),
    [
        (lambda tree: tree.directory(PATH, 0o2700), True),
        (lambda tree: tree.file(PATH), True),
        (lambda tree: tree.link(PATH, "/none"), True),
        (lambda tree: tree.directory("/opt/venv"), False),
        (lambda tree: tree.directory(f"/opt/venv/lib/{stages.NAME}"), False),
        (lambda tree: tree.file("/opt/venv"), False),
        (lambda _: None, False),
    ],
    ids=["folder", "file", "link", "none", "elsewhere", "no folder", "nothing"],
)
def test_whatever_has_its_name_is_one(tree: Tree, make: Callable[[Tree], object], *, is_one: bool) -> None:
    make(tree)
    assert stages.is_unfinished(tree.system(), "/opt/venv") is is_one
