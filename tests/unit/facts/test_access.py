"""What is wrong in a real tree."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from venvboot.facts import access, destination
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

GROUP = os.getegid()


def test_wrong_directories_and_files_are_told_and_links_pipes_and_right_ones_are_not(tree: Tree) -> None:
    tree.directory("/v", 0o2775)
    tree.directory("/v/lib", 0o755)
    tree.file("/v/lib/right.py", mode=0o664)
    tree.file("/v/lib/wrong.py", "12345", mode=0o644)
    tree.file("/outside", mode=0o600)
    tree.link("/v/link", "/outside")
    os.mkfifo(tree.host("/v/pipe"), 0o600)
    found = access.read(tree.system(), "/v", GROUP)
    assert [(one.path, one.mode, one.size, one.directory) for one in found.wrong] == [
        ("/v/lib", 0o755, 0, True),
        ("/v/lib/wrong.py", 0o644, 5, False),
    ]
    assert (found.linked, found.mounts) == ((), ())


def test_files_with_several_names_are_told_apart(tree: Tree) -> None:
    tree.directory("/v", 0o2775)
    tree.file("/v/a", mode=0o644)
    os.link(tree.host("/v/a"), tree.host("/other"))
    found = access.read(tree.system(), "/v", GROUP)
    assert (found.wrong, [one.path for one in found.linked]) == ((), ["/v/a"])


def test_what_a_sync_prepares_is_closed_on_purpose(tree: Tree) -> None:
    tree.directory("/v", 0o2775)
    tree.directory("/v/.venvboot-sync", 0o2700)
    tree.file("/v/.venvboot-sync/committing", mode=0o600)
    tree.file("/v/.venvboot-syncs", mode=0o600)
    assert [one.path for one in access.read(tree.system(), "/v", GROUP).wrong] == ["/v/.venvboot-syncs"]
    assert destination.unshared_directories(tree.system(), "/v", GROUP) == ()


def test_of_another_group_everything_is_wrong(tree: Tree) -> None:
    tree.directory("/v", 0o2775)
    tree.file("/v/a", mode=0o664)
    assert len(access.read(tree.system(), "/v", GROUP + 1).wrong) == 2


def test_eight_thousand_files_take_a_third_of_a_second_at_most(tmp_path: Path) -> None:
    for folder in range(80):
        (tmp_path / str(folder)).mkdir()
        for file in range(100):
            (tmp_path / str(folder) / str(file)).touch()
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        found = access.read(System(), str(tmp_path), GROUP + 1)
        times.append(time.perf_counter() - begin)
    assert len(found.wrong) == 8081
    assert min(times) < 0.3
