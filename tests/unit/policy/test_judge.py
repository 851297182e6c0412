"""Origin, strategy, refusal and warnings together, as every verb sees an interpreter."""

from __future__ import annotations

from typing import Callable

import pytest

from venvboot.model import Interpreter, InterpreterFacts, Mark, Strategy, VenvConfig, Weight
from venvboot.policy.judge import judge
from venvboot.policy.kinds import KINDS

VENV = VenvConfig("/opt/venv", "/usr/bin", system_site_packages=False)


@pytest.mark.parametrize("kind", [name for name in KINDS if name not in ("venv", "s2i", "platform-python")])
def test_the_strategy_is_that_of_its_kind(make_facts: Callable[..., InterpreterFacts], kind: str) -> None:
    """A hard mark of any kind decides alone, so it stands for every one of them here."""
    found = judge(make_facts(marks=(Mark(kind, "/x", "sign", Weight.HARD),)))
    assert found.origin.kind == kind
    assert found.strategy is KINDS[kind].strategy
    assert found.direct is KINDS[kind].direct
    assert (found.refusal is not None) is (found.strategy is Strategy.REFUSE)


def test_nothing_managed_may_be_used_directly() -> None:
    assert not [kind.name for kind in KINDS.values() if kind.managed and kind.direct]
    assert not [kind.name for kind in KINDS.values() if kind.strategy is Strategy.DIRECT and not kind.direct]


def test_a_broken_environment_is_refused(make_interpreter: Callable[..., Interpreter]) -> None:
    assert make_interpreter(venv=VENV).strategy is Strategy.AS_IS
    assert make_interpreter(venv=VENV, starts=False).strategy is Strategy.REFUSE


def test_one_that_is_refused_may_not_be_used_directly_either(
    make_facts: Callable[..., InterpreterFacts],
) -> None:
    found = judge(make_facts(starts=False, marks=(Mark("source", "/x", "sign", Weight.HARD),)))
    assert (found.strategy, found.direct) == (Strategy.REFUSE, False)
