"""From what stands at the places of a guard to what is to be done: put up, once, and taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List

import pytest

from tests.unit.policy.situation import MARKER, MEMBER, ROOT, SEALED, guarded, guards_of
from venvboot.actions import DivertFile, SealDirectory, UnsealDirectory, WriteFile
from venvboot.model import (
    GuardFacts,
    GuardFile,
    Interpreter,
    Remembered,
    SealPlace,
    Severity,
    Standing,
    SystemPackage,
)
from venvboot.policy import guard_seal, guarding, marker, pip_conf
from venvboot.policy.guarding import Planned, Wish

CONF = "/usr/pip.conf"
BEFORE = Remembered(0o2775, 0, 50)
PACKAGE_S = {"standing": Standing.THEIRS, "text": "[externally-managed]\n"}


@pytest.fixture
def fresh(bases: Dict[str, Interpreter]) -> GuardFacts:
    (one,) = guards_of(bases["debian"])
    return one


def types(planned: Planned) -> List[str]:
    return [f"{one.type} {one.purpose}" if isinstance(one, WriteFile) else one.type for one in planned.actions]


def codes(planned: Planned) -> List[str]:
    return [finding.code for finding in planned.findings]


def with_marker(facts: GuardFacts, **changes: Any) -> GuardFacts:
    return replace(facts, marker=replace(facts.marker, **changes))


def with_conf(facts: GuardFacts, **changes: Any) -> GuardFacts:
    return replace(facts, pip_conf=replace(GuardFile(CONF, Standing.NOTHING), **changes))


def with_seal(facts: GuardFacts, **changes: Any) -> GuardFacts:
    return replace(facts, seals=(replace(SealPlace(SEALED, Standing.EMPTY, before=BEFORE), **changes),))


def plan(*facts: GuardFacts, **wish: Any) -> Planned:
    return guarding.guard(facts, ROOT, Wish(**wish))


def undo(*facts: GuardFacts) -> Planned:
    return guarding.undo(facts, ROOT, can_divert=True)


def test_all_layers_are_put_up_once_and_a_second_time_nothing_is_done(fresh: GuardFacts) -> None:
    first = plan(fresh)
    assert types(first) == ["divert-file", "write-file marker", "write-file pip.conf", "seal-directory"]
    assert (codes(first), first.complete) == ([], True)
    assert plan(guarded(fresh, "")) == Planned(complete=True)


def test_what_several_interpreters_share_is_written_once(fresh: GuardFacts) -> None:
    debug = replace(fresh, interpreter="/usr/bin/python3.11-dbg")
    assert plan(fresh, debug).actions == plan(fresh).actions
    older = replace(debug, version=(2, 7, 18), marker=GuardFile("/usr/lib/python2.7/M", Standing.NOTHING), seals=())
    written = {one.path: one.content for one in plan(fresh, older).actions if isinstance(one, WriteFile)}
    assert set(written) == {MARKER, "/usr/lib/python2.7/M", CONF}
    assert written[CONF] == pip_conf.text(install=True)


def test_the_marker_of_another_environment_is_only_taken_over_by_an_init(fresh: GuardFacts) -> None:
    other = guarded(fresh, "/srv/other")
    assert types(plan(other)) == types(plan(other, dest="/opt/venv")) == []
    assert types(plan(other, dest="/opt/venv", take_over="/usr/lib/python2.7/M")) == []
    assert types(plan(other, dest="/opt/venv", take_over=MARKER)) == ["write-file marker"]


def test_ours_is_not_moved_where_a_diversion_is_missing_and_the_package_s_is(fresh: GuardFacts) -> None:
    def renames(facts: GuardFacts) -> bool:
        return next(one.rename for one in plan(facts).actions if isinstance(one, DivertFile))

    assert not renames(replace(guarded(fresh), diverted=False))
    assert renames(with_marker(fresh, **PACKAGE_S))
    assert not renames(replace(with_marker(fresh, **PACKAGE_S), kept_aside=True))


def test_another_manager_s_own_marker_guards(fresh: GuardFacts) -> None:
    alpine = with_marker(replace(fresh, owner=SystemPackage("apk", "python3", "3.11"), diversion=None, seals=()))
    assert types(plan(alpine)) == ["write-file marker", "write-file pip.conf"]
    assert types(plan(with_marker(alpine, **PACKAGE_S))) == ["write-file pip.conf"]


@pytest.mark.parametrize(
    ("text", "pip", "told", "complete"),
    [
        ("[global]\nindex-url = https://example.org/\n", "23.0.1", ["foreign-file"], True),
        ("[global]\nindex-url = https://example.org/\n", "20.3.4", ["foreign-file"], False),
        ("[uninstall]\nrequire-virtualenv = true\n", "23.0.1", [], True),
    ],
)
def test_another_s_pip_conf_stays(fresh: GuardFacts, text: str, pip: str, told: List[str], *, complete: bool) -> None:
    planned = plan(replace(with_conf(fresh, standing=Standing.THEIRS, text=text), pip=pip))
    assert "write-file pip.conf" not in types(planned)
    assert (codes(planned), planned.complete) == (told, complete)


def test_a_pip_conf_of_ours_follows_the_pip_that_is_there(fresh: GuardFacts) -> None:
    old = replace(guarded(fresh, ""), pip="20.3.4")
    assert types(plan(old)) == ["write-file pip.conf"]
    assert types(plan(replace(with_conf(old, standing=Standing.OURS, text=pip_conf.text(install=True))))) == []


@pytest.mark.parametrize(
    ("changes", "severity", "words"),
    [
        (
            {"standing": Standing.FULL, "entries": ("a", "b"), "count": 7},
            Severity.WARNING,
            "7 entries: a, b and 5 more",
        ),
        ({"standing": Standing.FULL, "entries": ("six.py",), "count": 1}, Severity.WARNING, "1 entry: six.py"),
        ({"obstacle": "the environment /usr/local lies there"}, Severity.NOTE, "the environment /usr/local"),
    ],
)
def test_what_is_in_use_is_not_sealed_and_told(
    fresh: GuardFacts, changes: Dict[str, Any], severity: Severity, words: str
) -> None:
    planned = plan(with_seal(fresh, **changes))
    assert "seal-directory" not in types(planned)
    (finding,) = planned.findings
    assert (finding.code, finding.severity, finding.subject) == ("not-sealed", severity, SEALED)
    assert words in finding.evidence
    assert planned.complete


def test_a_seal_remembers_what_was_there_and_a_half_done_one_what_it_knew(fresh: GuardFacts) -> None:
    def sealed(facts: GuardFacts) -> SealDirectory:
        return next(one for one in plan(facts).actions if isinstance(one, SealDirectory))

    assert sealed(fresh).content == guard_seal.text(SEALED, BEFORE)
    known = guard_seal.text(SEALED, BEFORE)
    lost = with_seal(fresh, standing=Standing.NOTHING, before=Remembered(), remains=known)
    assert sealed(lost).content == known
    torn = with_seal(fresh, standing=Standing.EMPTY, remains=known[:-4])
    assert sealed(torn).content == known
    assert sealed(fresh).trusted == guard_seal.TRUSTED


def test_an_edited_seal_is_written_anew_with_what_it_remembers(fresh: GuardFacts) -> None:
    known = guard_seal.text(SEALED, BEFORE)
    for edited in (known + "# our own word\n", known.replace("on purpose", "by accident")):
        planned = plan(with_seal(guarded(fresh), standing=Standing.OURS, text=edited, before=Remembered()))
        assert planned.actions == (SealDirectory(SEALED, guard_seal.TRUSTED, known),)
        assert planned.findings == ()
    assert plan(with_seal(guarded(fresh), standing=Standing.OURS, text=known)) == Planned(complete=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"standing": Standing.THEIRS, "text": "x\n"},
        {"standing": Standing.THEIRS, "text": guard_seal.text(SEALED, BEFORE)},
        {"standing": Standing.OURS, "text": "# Written by venvboot\n"},
        {"standing": Standing.OURS, "text": guard_seal.text(SEALED, BEFORE) * 2},
    ],
)
def test_what_can_t_be_made_a_seal_again_is_left_and_the_way_out_is_told(
    fresh: GuardFacts, changes: Dict[str, Any]
) -> None:
    for planned in (plan(with_seal(guarded(fresh), **changes)), undo(with_seal(guarded(fresh), **changes))):
        assert not {"seal-directory", "unseal-directory"} & {*types(planned)}
        (finding,) = planned.findings
        assert (finding.code, finding.subject) == ("foreign-file", SEALED)
        assert f"rm {SEALED} && venvboot guard" in finding.hint


def test_a_user_who_is_not_root_is_told_once_what_would_be_written(fresh: GuardFacts) -> None:
    planned = guarding.guard([fresh], MEMBER, Wish())
    assert {one.type for one in planned.actions} <= {"write-file"}
    assert set(codes(planned)) == {"not-done"}
    assert not planned.complete
    assert guarding.guard([guarded(fresh, "")], MEMBER, Wish()) == Planned(complete=True)


def test_without_dpkg_divert_the_other_layers_are_put_up(fresh: GuardFacts) -> None:
    planned = plan(fresh, can_divert=False)
    assert types(planned) == ["write-file pip.conf", "seal-directory"]
    assert (codes(planned), planned.complete) == (["not-done"], False)
    assert "no dpkg-divert" in planned.findings[0].evidence


def test_undo_takes_all_away_and_the_package_s_comes_back_last(fresh: GuardFacts) -> None:
    planned = undo(replace(guarded(fresh), kept_aside=True))
    assert types(planned) == ["unseal-directory", "remove-file", "remove-file", "undivert-file"]
    assert planned.actions[0] == UnsealDirectory(SEALED, guard_seal.TRUSTED, BEFORE)
    assert undo(fresh) == undo(with_marker(fresh, **PACKAGE_S)) == Planned()


@pytest.mark.parametrize(
    ("change", "actions", "told"),
    [
        (lambda one: with_marker(one, text=one.marker.text + "\n"), ["unseal-directory", "remove-file"], 1),
        (lambda one: with_marker(one, **PACKAGE_S), ["unseal-directory", "remove-file"], 1),
        (
            lambda one: with_marker(one, standing=Standing.NOTHING),
            ["unseal-directory", "remove-file", "undivert-file"],
            0,
        ),
        (
            lambda one: replace(one, diverted=False),
            ["unseal-directory", "remove-file", "divert-file", "remove-file", "undivert-file"],
            0,
        ),
        (
            lambda one: with_conf(one, standing=Standing.OURS, text="# Written by venvboot\n[install]\n"),
            ["unseal-directory", "remove-file", "undivert-file"],
            1,
        ),
        (
            lambda one: with_conf(one, standing=Standing.THEIRS, text="[global]\n"),
            ["unseal-directory", "remove-file", "undivert-file"],
            0,
        ),
        (
            lambda one: with_seal(one, standing=Standing.OURS, text="# Written by venvboot\nchanged\n"),
            ["remove-file", "remove-file", "undivert-file"],
            1,
        ),
        (
            lambda one: with_seal(one, standing=Standing.FULL, count=1, entries=("six.py",)),
            ["remove-file", "remove-file", "undivert-file"],
            0,
        ),
        (
            lambda one: with_seal(one, standing=Standing.EMPTY, remains=guard_seal.text(SEALED, BEFORE)),
            ["unseal-directory", "remove-file", "remove-file", "undivert-file"],
            0,
        ),
    ],
    ids=[
        "marker changed",
        "marker replaced",
        "marker gone",
        "diversion gone",
        "pip.conf changed",
        "pip.conf another's",
        "seal changed",
        "seal gone",
        "half undone",
    ],
)
def test_undo_leaves_what_was_changed_by_hand(
    fresh: GuardFacts, change: Callable[[GuardFacts], GuardFacts], actions: List[str], told: int
) -> None:
    planned = undo(change(replace(guarded(fresh), kept_aside=True)))
    assert types(planned) == actions
    assert codes(planned) == ["foreign-file"] * told


def test_undo_by_a_user_who_is_not_root_takes_nothing_away(fresh: GuardFacts) -> None:
    facts = with_conf(guarded(fresh), standing=Standing.OURS, text=pip_conf.text(install=False), writable=False)
    planned = guarding.undo([facts], MEMBER, can_divert=True)
    assert (types(planned), set(codes(planned))) == ([], {"not-done"})


def test_a_guard_stands_as_long_as_one_layer_of_it_does(fresh: GuardFacts) -> None:
    assert not guarding.stands([fresh, with_marker(fresh, **PACKAGE_S)])
    assert guarding.stands([with_marker(fresh, standing=Standing.OURS, text=marker.text("", None))])
    assert guarding.stands([with_seal(fresh, standing=Standing.OURS)])


def test_the_way_out_is_for_the_user_who_is_told_it(fresh: GuardFacts) -> None:
    """Root lacks the program; another user lacks root."""
    (as_root,) = plan(fresh, can_divert=False).findings
    assert "no dpkg-divert" in as_root.evidence
    assert "/usr/bin/dpkg-divert" in as_root.hint
    assert "as root" not in as_root.hint
    unwritable = with_conf(with_marker(fresh, writable=False), writable=False)
    for image, hint in ((ROOT, "make that folder writable for root"), (MEMBER, "run the same as root")):
        told = guarding.guard([unwritable], image, Wish(can_divert=False)).findings
        assert told
        assert all(one.hint.startswith(hint) for one in told if one.subject != SEALED or image is MEMBER)
        assert not any("dpkg-divert" in one.hint for one in told)
