"""What a run changed, from before and after."""

from __future__ import annotations

from typing import Dict

from hypothesis import given
from hypothesis import strategies as st

from venvboot.policy.changes import difference

VERSIONS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["1", "2"]))


@given(VERSIONS, VERSIONS)
def test_the_changes_lead_from_the_one_to_the_other(before: Dict[str, str], after: Dict[str, str]) -> None:
    made = difference(before, after)
    kept = {name: version for name, version in before.items() if name not in made.remove}
    assert {**kept, **made.add, **{name: new for name, (_, new) in made.change.items()}} == after
    assert all(before[name] == old != new for name, (old, new) in made.change.items())
    assert not set(made.add) & set(before)
    assert bool(made) is (before != after)


@given(VERSIONS, VERSIONS)
def test_each_kind_is_sorted_by_name(before: Dict[str, str], after: Dict[str, str]) -> None:
    made = difference(before, after)
    assert all(list(names) == sorted(names) for names in (made.add, made.remove, made.change))
