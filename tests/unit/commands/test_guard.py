"""The verb ``guard`` on an unpacked image: what it would do, and what stands."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.conftest import debian_guarded, debian_python
from venvboot.commands import Context, guard
from venvboot.errors import UsageError
from venvboot.model import Outcome, Status
from venvboot.report import Reporter

if TYPE_CHECKING:
    from tests.unit.conftest import Tree


def run(tree: Tree, **options: Any) -> Outcome:
    usual = {"undo": False, "status": False, "dry_run": False, "venv": None, "quiet": False}
    given = {**usual, "allow": None, "because": None, "exceptions": None, **options}
    return guard.run(argparse.Namespace(**given), Context(tree.system(), Reporter(-1)))


@pytest.mark.parametrize("option", ["undo", "status"])
def test_an_exception_is_recorded_by_guarding_alone(tree: Tree, option: str) -> None:
    with pytest.raises(UsageError):
        run(tree, **{option: True}, allow=["six:damaged"], because=["x"])


def test_undo_and_status_exclude_each_other(tree: Tree) -> None:
    with pytest.raises(UsageError):
        run(tree, undo=True, status=True)


def test_the_status_is_broken_where_a_layer_is_missing_and_done_where_none_is(tree: Tree) -> None:
    debian_python(tree)
    fresh = run(tree, status=True)
    assert fresh.status is Status.BROKEN
    assert [one.code for one in fresh.findings] == ["marker-gone", "diversion-gone", "pip-conf-gone", "seal-gone"]


def test_a_whole_guard_is_told_layer_by_layer(tree: Tree) -> None:
    debian_guarded(tree)
    whole = run(tree, status=True)
    assert (whole.status, whole.findings) == (Status.DONE, ())
    (told,) = whole.data["guards"]
    assert told["interpreter"] == "/usr/bin/python3.11"
    layers = [told["marker"], told["diversion"], told["pip_conf"], *told["seals"]]
    assert {layer["state"] for layer in layers} == {"in place"}
    assert whole.product.count("in place") == 4


def test_a_dry_run_says_all_and_writes_nothing(tree: Tree) -> None:
    debian_guarded(tree)
    undone = run(tree, undo=True, dry_run=True)
    if undone.findings:  # for who isn't root
        assert {one.code for one in undone.findings} == {"not-done"}
    else:
        assert "# would unseal /usr/local/lib/python3.11/dist-packages\n" in undone.product
    assert run(tree, status=True).status is Status.DONE


def test_a_guard_that_stands_is_left_as_it_is(tree: Tree) -> None:
    debian_guarded(tree, "/srv/other")
    again = run(tree)
    assert (again.status, again.findings, again.data["actions"]) == (Status.DONE, (), [])


def test_where_no_system_owns_a_python_there_is_nothing_to_do(tree: Tree) -> None:
    for options in ({}, {"status": True}, {"undo": True}):
        found = run(tree, **options)
        assert (found.status, found.findings) == (Status.DONE, ())
        assert "nothing to guard" in found.product
