"""What locks of earlier syncs promise to a later one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from venvboot.model import Lock, RecordedException
from venvboot.policy import parents

BASE = Lock("/base/requirements.txt", "01" * 32, pins=(("flask", "3.0"), ("jinja2", "3.1")))
DEV = Lock("/base/dev.txt", "02" * 32, pins=(("pytest", "8.0"),))
CHILD = Lock("/app/requirements.txt", "03" * 32, pins=(("celery", "5.0"),))
PARENT = replace(BASE, parent=True)


def edited(lock: Lock) -> Lock:
    return replace(lock, sha256="ff" * 32, pins=())


def test_a_lock_from_another_place_adds_to_those_before() -> None:
    assert parents.holding([BASE, DEV], [CHILD], replaced=False) == (PARENT, replace(DEV, parent=True))


@pytest.mark.parametrize("given", [[BASE], [edited(BASE)], [DEV], [BASE, CHILD]])
def test_one_of_the_last_sync_from_its_place_replaces_all_of_that(given: list[Lock]) -> None:
    assert parents.holding([BASE, DEV], given, replaced=False) == ()


def test_what_others_were_added_to_stays_whatever_comes_from_its_place() -> None:
    assert parents.holding([PARENT, CHILD], [edited(CHILD)], replaced=False) == (PARENT,)
    assert parents.holding([PARENT], [edited(BASE)], replaced=False) == (PARENT,)


def test_a_parents_lock_given_again_takes_nothing_from_its_child_and_stays_a_parents() -> None:
    assert parents.holding([PARENT, CHILD], [BASE], replaced=False) == (CHILD,)
    assert parents.given_again([PARENT, CHILD], [BASE], as_parent=False) == (PARENT,)


def test_nothing_holds_where_all_is_to_be_replaced() -> None:
    assert parents.holding([PARENT, CHILD], [DEV], replaced=True) == ()


def test_a_base_can_say_that_its_lock_is_a_parents() -> None:
    assert parents.given_again([], [BASE, DEV], as_parent=True) == (PARENT, replace(DEV, parent=True))
    assert parents.given_again([BASE], [BASE], as_parent=False) == (BASE,)


def test_a_conflict_names_both_locks_and_both_versions() -> None:
    asked = {"flask": ("3.1", CHILD), "jinja2": ("3.1", CHILD), "celery": ("5.0", CHILD)}
    (found,) = parents.conflicts(parents.pins([PARENT]), asked, [CHILD])
    assert (found.code, found.subject) == ("parent-conflict", "flask")
    for words in ("/app/requirements.txt", "/base/requirements.txt", "3.1", "3.0"):
        assert words in found.message
    assert "--replace-parent" in found.hint
    assert "--build-arg VENVBOOT_REPLACE_PARENT=1" in found.hint


def test_what_replaces_a_parent_is_all_that_was_given() -> None:
    (found,) = parents.conflicts(parents.pins([PARENT]), {"flask": ("3.1", CHILD)}, [DEV, CHILD])
    assert "venvboot sync --replace-parent /base/dev.txt /app/requirements.txt, or" in found.hint


def test_a_path_in_a_command_is_one_word_of_it() -> None:
    forged = replace(PARENT, path="/tmp/a; reboot")
    (found,) = parents.conflicts(parents.pins([PARENT]), {"flask": ("3.1", forged)}, [forged])
    assert "venvboot sync --replace-parent '/tmp/a; reboot', or" in found.hint
    assert all("sync '/tmp/a; reboot';" in found.hint for found in parents.strayed([forged], {}))


@pytest.mark.parametrize(("changing", "conflicts"), [((), 0), (("flask",), 1)])
def test_what_comes_from_an_address_conflicts_if_it_would_change_something(
    changing: tuple[str, ...], conflicts: int
) -> None:
    found = list(parents.conflicts(parents.pins([PARENT]), {"flask": ("", CHILD)}, [CHILD], changing))
    assert len(found) == conflicts
    assert all("from an address" in one.message for one in found)


def test_what_was_changed_or_removed_is_named_with_its_lock() -> None:
    found = list(parents.strayed([PARENT, CHILD], {"flask": "3.0", "jinja2": "3.2", "pip": "26.0"}))
    assert [(one.code, one.subject) for one in found] == [("locked-changed", "celery"), ("locked-changed", "jinja2")]
    assert "is gone" in found[0].message
    assert "is now 3.2" in found[1].message
    assert "/app/requirements.txt" in found[0].hint


@pytest.mark.parametrize(
    ("locks", "there", "back"),
    [
        ([PARENT, CHILD], ["celery"], [BASE]),
        ([PARENT, CHILD], ["flask", "jinja2"], [CHILD]),
        ([PARENT, CHILD], [], [BASE, CHILD]),
        ([BASE, DEV], ["pytest"], [BASE, DEV]),
    ],
    ids=["a parent's", "a child's", "one of each", "one of two of the last sync"],
)
def test_the_way_back_syncs_all_that_is_broken_and_removes_nothing(
    locks: list[Lock], there: list[str], back: list[Lock]
) -> None:
    """Alone, each of two would be refused for the other; and one of a sync's locks replaces all of them."""
    versions = {"flask": "3.0", "jinja2": "3.1", "pytest": "8.0", "celery": "5.0"}
    found = list(parents.strayed(locks, {name: versions[name] for name in there}))
    assert {one.hint.partition(";")[0] for one in found} == {f"venvboot sync {' '.join(lock.path for lock in back)}"}


def test_the_way_back_is_one_for_what_is_not_told_as_well() -> None:
    (found,) = parents.strayed([PARENT, CHILD], {"jinja2": "3.1"}, untold=["flask"])
    assert found.hint.startswith("venvboot sync /base/requirements.txt /app/requirements.txt;")


def test_an_exception_is_for_the_version_that_it_let_in() -> None:
    let_in = RecordedException("jinja2", "3.2", "locked-changed", "a fix", "")
    assert not list(parents.strayed([PARENT], {"flask": "3.0", "jinja2": "3.2"}, [let_in]))
    assert list(parents.strayed([PARENT], {"flask": "3.0", "jinja2": "3.3"}, [let_in]))


def test_a_lock_that_is_given_again_goes_before_an_exception_from_it() -> None:
    let_in = RecordedException("jinja2", "3.2", "locked-changed", "a fix", "")
    assert parents.is_overruled([PARENT, CHILD], [BASE], [let_in])
    assert not parents.is_overruled([PARENT, CHILD], [CHILD], [let_in])
    assert not parents.is_overruled([PARENT, CHILD], [BASE], [replace(let_in, kind="hide-command")])
    assert not parents.is_overruled([PARENT, CHILD], [BASE], [replace(let_in, version="3.1")])
