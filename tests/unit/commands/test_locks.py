"""Locks that aren't there are told with a way out that whoever asked for them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from venvboot.commands import locks
from venvboot.errors import NoFile

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


@pytest.mark.parametrize(
    ("environ", "hint"),
    [
        ({}, "COPY it before this RUN, or name it: venvboot sync LOCK"),
        ({"VENVBOOT_LOCK": ""}, "name one file of the build context: --build-arg VENVBOOT_LOCK=FILE"),
    ],
)
def test_in_a_trigger_a_lock_is_named_by_a_build_argument(tree: Tree, environ: dict[str, str], hint: str) -> None:
    with pytest.raises(NoFile) as caught:
        locks.paths(["/usr/local/share/venvboot/"], tree.system(**environ))
    (finding,) = caught.value.findings
    assert finding.hint == hint
