"""The gate's side of the talk with pip: what is asked, what is answered, and that doubt is a no."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.apply.gate import Gate
from venvboot.errors import Refused, VenvbootError
from venvboot.model import Arrival, Finding, Severity, Staged

ONE = {
    "name": "Six",
    "path": "/tmp/six-1.0-py3-none-any.whl",
    "requested": True,
    "built": False,
    "editable": False,
    "needed_by": "",
}
QUESTION: Dict[str, Any] = {
    "staged": [ONE],
    "stdlib": ["enum"],
    "builtin": ["sys"],
    "stdlib_folder": "/usr/lib/python3.11",
    "site_packages": "/opt/venv/lib/python3.11/site-packages",
}


class Seen:
    """A judge that remembers."""

    def __init__(self, *, go: bool = True) -> None:
        self.arrivals: List[Arrival] = []
        self._go = go

    def __call__(self, arrival: Arrival) -> bool:
        self.arrivals.append(arrival)
        return self._go


def ask(gate: Gate, **changes: Any) -> Dict[str, Any]:
    told: Dict[str, Any] = json.loads(gate.answer(json.dumps({**QUESTION, **changes})))
    return told


def test_what_arrives_is_handed_to_the_judge() -> None:
    seen = Seen()
    gate = Gate(seen, lambda: "")
    assert ask(gate) == {"go": True}
    (arrival,) = seen.arrivals
    assert arrival.staged == (Staged("Six", "/tmp/six-1.0-py3-none-any.whl", requested=True),)
    assert arrival.stdlib == frozenset({"enum", "sys"})
    assert gate.let_in


def test_a_python_that_does_not_know_its_library_says_so() -> None:
    seen = Seen()
    ask(Gate(seen, lambda: ""), stdlib=None)
    assert (seen.arrivals[0].stdlib, seen.arrivals[0].builtin) == (None, frozenset({"sys"}))


def test_what_is_no_wheel_has_no_path() -> None:
    seen = Seen()
    ask(Gate(seen, lambda: ""), staged=[{**ONE, "path": "/tmp/six-1.0.tar.gz", "built": True}])
    assert (seen.arrivals[0].staged[0].path, seen.arrivals[0].staged[0].built) == ("", True)


def test_a_no_is_a_no() -> None:
    gate = Gate(Seen(go=False), lambda: "")
    assert ask(gate) == {"go": False}
    assert not gate.let_in
    gate.raise_error()


def test_a_judge_that_raises_lets_nothing_in_and_is_heard_afterwards() -> None:
    def refuse(_: Arrival) -> bool:
        raise Refused(Finding("x", Severity.ERROR, "", "no"))

    gate = Gate(refuse, lambda: "")
    assert ask(gate)["go"] is False
    with pytest.raises(Refused):
        gate.raise_error()


def test_a_pip_is_lent_where_there_is_none() -> None:
    gate = Gate(Seen(), lambda: "/tmp/pip.whl")
    assert json.loads(gate.answer('{"lacks": "pip"}')) == {"wheel": "/tmp/pip.whl"}
    assert not gate.let_in


@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_what_can_not_be_understood_is_not_let_in(question: str) -> None:
    gate = Gate(Seen(), lambda: "")
    assert json.loads(gate.answer(question))["go"] is False
    with pytest.raises(VenvbootError):
        gate.raise_error()


@given(st.sampled_from(sorted(QUESTION)), st.none() | st.integers() | st.text() | st.lists(st.integers(), min_size=1))
def test_a_question_with_a_wrong_part_is_answered_whatever_it_is(name: str, value: Any) -> None:
    assert isinstance(ask(Gate(Seen(), lambda: ""), **{name: value})["go"], bool)
