"""What locks pin is there with its version, but for what a seal takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, List

import pytest

from venvboot.check import environment
from venvboot.model import Lock, Record, Seal

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PACKAGES = "/opt/venv/lib/python3.11/site-packages"


def strayed(tree: Tree, record: Record) -> List[str]:
    return [one.subject for one in environment.check(tree.system(), record) if one.code == "locked-changed"]


@pytest.mark.parametrize(("there", "told"), [("3.1.4", []), ("3.1.5", ["jinja2"]), ("", ["jinja2"])])
def test_what_a_lock_pins_is_compared_with_what_is_there(
    tree: Tree, make_record: Callable[..., Record], there: str, told: List[str]
) -> None:
    if there:
        tree.file(f"{PACKAGES}/jinja2-{there}.dist-info/METADATA", "Name: jinja2\n")
    assert strayed(tree, make_record()) == told


@pytest.mark.parametrize(("seal", "told"), [(Seal.OPEN, ["pip"]), (Seal.SEALED, [])])
def test_what_a_seal_takes_is_missed_only_in_an_open_environment(
    tree: Tree, make_record: Callable[..., Record], seal: Seal, told: List[str]
) -> None:
    locks = (Lock("/app/requirements.txt", "01" * 32, pins=(("pip", "26.0"),)),)
    assert strayed(tree, make_record(locks=locks, seal=seal)) == told
    tree.file(f"{PACKAGES}/pip-25.0.dist-info/METADATA", "Name: pip\n")
    assert strayed(tree, make_record(locks=locks, seal=seal)) == ["pip"]
