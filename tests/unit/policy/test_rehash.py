"""Which programs get a wrapper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import CommandFacts
from venvboot.policy import rehash

NAMES = st.lists(st.sampled_from(["python3", "pip", "flask", "activate", "ls", "x y", "../a", ""]), unique=True)


@pytest.mark.parametrize(
    ("facts", "add", "remove"),
    [
        (CommandFacts(programs=("flask", "pip", "python3")), ("flask", "pip", "python3"), ()),
        (CommandFacts(programs=("flask",), wrapped=("flask",)), (), ()),
        (CommandFacts(programs=("flask",), taken=("flask",)), (), ()),
        # The distro's own programs keep their names; Python and pip are the environment's.
        (CommandFacts(programs=("flask", "python3.11"), distro=("flask", "python3.11")), ("python3.11",), ()),
        (CommandFacts(wrapped=("flask",)), (), ("flask",)),
        (CommandFacts(programs=("flask",), stale=("flask",)), ("flask",), ()),
        (CommandFacts(stale=("gone",)), (), ("gone",)),
        (CommandFacts(programs=("activate", "activate.fish", "Activate.ps1", "activate_this.py")), (), ()),
        (CommandFacts(programs=("venvboot-entrypoint", "a b", "-x", "$(x)", "a" * 65)), (), ()),
        (CommandFacts(programs=("flask",), base_here=True, stale=("old",)), (), ("old",)),
    ],
)
def test_what_is_missing_is_added_and_what_is_left_over_removed(
    facts: CommandFacts, add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    assert rehash.decide(facts) == rehash.Rehash(add, remove)


@given(NAMES, NAMES, NAMES, NAMES)
def test_once_done_nothing_is_left_to_do(
    programs: list[str], wrapped: list[str], taken: list[str], distro: list[str]
) -> None:
    facts = CommandFacts(tuple(programs), tuple(set(wrapped) - set(taken)), taken=tuple(taken), distro=tuple(distro))
    todo = rehash.decide(facts)
    after = tuple(sorted({*facts.wrapped, *todo.add} - set(todo.remove)))
    assert not rehash.decide(CommandFacts(facts.programs, after, taken=facts.taken, distro=facts.distro))
    assert not set(todo.add) & set(taken)


def test_a_wrapper_of_another_environment_is_taken_over_by_init_alone() -> None:
    facts = CommandFacts(programs=("flask",), elsewhere=("flask",))
    assert not rehash.decide(facts)
    assert rehash.decide(facts, take_over=True).add == ("flask",)


def test_what_is_outdated_is_named_with_the_way_out() -> None:
    (finding,) = rehash.missing("/opt/venv", rehash.Rehash(("flask",), ("gone",)))
    assert "flask, gone" in finding.message
    assert "`venvboot init /opt/venv`" in finding.hint
    assert rehash.missing("/opt/venv", rehash.Rehash()) == ()
