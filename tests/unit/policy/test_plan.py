"""From facts to actions: a table of situations, each with what is still to be done and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Dict, List, Optional, Tuple

import pytest

from tests.unit.policy.situation import (
    CREATE,
    DEST,
    DIVERT,
    GUARD,
    MARKER,
    MEMBER,
    PROFILE,
    RECORD,
    SEAL,
    STRANGER,
    WRITE_MARKER,
    WRITE_PIP_CONF,
    WRITE_PROFILE,
    Situation,
    codes,
    guards_of,
    record_of,
    types,
)
from venvboot.actions import (
    Action,
    CreateEnvironment,
    DivertFile,
    ShareDirectories,
    WriteFile,
    WriteRecord,
)
from venvboot.model import (
    Entry,
    GuardFile,
    Interpreter,
    Occupant,
    Record,
    Severity,
    Standing,
)

ALL = [CREATE, WRITE_PROFILE, *GUARD, RECORD]
THEIRS = {"standing": Standing.THEIRS, "text": "[externally-managed]\n"}
DENIED = {"writable": False}
Change = Callable[[Situation], Situation]

FRESH: List[Tuple[str, str, Change, List[str], List[str]]] = [
    ("fresh", "debian", lambda s: s, ALL, []),
    ("an empty folder", "debian", lambda s: s.changed_destination(occupant=Occupant.EMPTY), ALL, []),
    ("a half-made one", "debian", lambda s: s.changed_destination(occupant=Occupant.HALF_MADE), ALL, []),
    ("--no-guard", "debian", lambda s: replace(s, guard=False), [CREATE, WRITE_PROFILE, RECORD], []),
    ("--no-activate all", "debian", lambda s: replace(s, activations=()), [CREATE, *GUARD, RECORD], []),
    ("unmanaged base", "source", lambda s: s, [CREATE, WRITE_PROFILE, RECORD], []),
    ("managed, no dpkg", "unknown", lambda s: s, [CREATE, WRITE_PROFILE, WRITE_MARKER, RECORD], []),
    (
        "another manager's own marker",
        "unknown",
        lambda s: s.changed_guard(THEIRS),
        [CREATE, WRITE_PROFILE, RECORD],
        [],
    ),
    (
        "the package's marker, not diverted",
        "debian",
        lambda s: s.changed_guard(THEIRS),
        ALL,
        [],
    ),
    (
        "already diverted, no marker",
        "debian",
        lambda s: s.changed_guard(diverted=True),
        [CREATE, WRITE_PROFILE, WRITE_MARKER, WRITE_PIP_CONF, SEAL, RECORD],
        [],
    ),
    (
        "no dpkg-divert",
        "debian",
        lambda s: replace(s, can_divert=False),
        [CREATE, WRITE_PROFILE, WRITE_PIP_CONF, SEAL, RECORD],
        ["not-done"],
    ),
    (
        "no /etc/profile.d",
        "debian",
        lambda s: s.changed_state(PROFILE, reader_present=False),
        [CREATE, *GUARD, RECORD],
        [],
    ),
    (
        "no /etc/profile.d, and asked for by name",
        "debian",
        lambda s: replace(s, named=("profile.d",)).changed_state(PROFILE, reader_present=False),
        [CREATE, *GUARD, RECORD],
        ["no-reader"],
    ),
    (
        "a foreign file in profile.d",
        "debian",
        lambda s: s.changed_state(PROFILE, exists=True, sha256="22" * 32),
        [CREATE, *GUARD, RECORD],
        ["foreign-file"],
    ),
    (
        "our own file of an older version",
        "debian",
        lambda s: s.changed_state(PROFILE, exists=True, sha256="22" * 32, ours=True),
        ALL,
        [],
    ),
    (
        "not root, member of the group",
        "debian",
        lambda s: replace(s, image=MEMBER, states={PROFILE: DENIED}).changed_guard(
            DENIED, pip_conf=GuardFile("/usr/pip.conf", Standing.NOTHING, writable=False)
        ),
        [CREATE, RECORD],
        ["not-done", "not-done"],
    ),
    (
        "not root, not of the group",
        "source",
        lambda s: replace(s, image=STRANGER, states={PROFILE: {"writable": False}}),
        [CREATE, RECORD],
        ["not-done", "not-done"],
    ),
]

SECOND: List[Tuple[str, str, Change, List[str], List[str]]] = [
    ("healthy", "debian", lambda s: s, [], []),
    ("healthy, unmanaged base", "source", lambda s: s, [], []),
    (
        "healthy, as a user who may write nothing outside",
        "debian",
        lambda s: (
            replace(s, image=MEMBER, can_divert=False).changed_state(PROFILE, writable=False).changed_guard(DENIED)
        ),
        [],
        [],
    ),
    ("healthy, as a user outside the group", "debian", lambda s: replace(s, image=STRANGER), [], []),
    ("lost hook", "debian", lambda s: s.changed_destination(hook_intact=False), ["install-hook"], []),
    (
        "unshared directories",
        "debian",
        lambda s: s.changed_destination(unshared=(Entry(f"{DEST}/lib", 0, 0, 0o755),)),
        ["share-directories"],
        [],
    ),
    (
        "profile.d file gone",
        "debian",
        lambda s: s.changed_state(PROFILE, exists=False, sha256=None),
        [WRITE_PROFILE],
        [],
    ),
    (
        "marker of an older text",
        "debian",
        lambda s: s.changed_guard({"text": "# Written by venvboot\n[externally-managed]\n"}),
        [WRITE_MARKER],
        [],
    ),
    ("diversion removed", "debian", lambda s: s.changed_guard(diverted=False), [DIVERT], []),
    ("base replaced by an upgrade", "debian", lambda s: replace(s, base_sha256="cd" * 32), [RECORD], []),
]


@pytest.mark.parametrize(
    ("base", "change", "actions", "findings"), [row[1:] for row in FRESH], ids=[row[0] for row in FRESH]
)
def test_a_first_run(
    bases: Dict[str, Interpreter], base: str, change: Change, actions: List[str], findings: List[str]
) -> None:
    plan = change(Situation(bases[base])).plan()
    assert (types(plan), codes(plan)) == (actions, findings)


@pytest.mark.parametrize(
    ("base", "change", "actions", "findings"), [row[1:] for row in SECOND], ids=[row[0] for row in SECOND]
)
def test_a_second_run(
    bases: Dict[str, Interpreter], base: str, change: Change, actions: List[str], findings: List[str]
) -> None:
    plan = change(Situation(bases[base]).carried_out()).plan()
    assert (types(plan), codes(plan)) == (actions, findings)


def test_only_a_half_made_environment_is_replaced(debian: Situation) -> None:
    def replaces(occupant: Occupant) -> bool:
        (action, *_) = debian.changed_destination(occupant=occupant).plan().actions
        assert isinstance(action, CreateEnvironment)
        assert (action.dest, action.base_path, action.group) == (DEST, "/usr/bin/python3.11", 0)
        return action.replaces_half_made

    assert [replaces(one) for one in (Occupant.NOTHING, Occupant.EMPTY, Occupant.HALF_MADE)] == [False, False, True]


def test_the_record_promises_what_was_written_and_nothing_that_was_not(debian: Situation) -> None:
    whole = record_of(debian.plan())
    assert [file.path for file in whole.files] == [PROFILE]
    assert (whole.activations, whole.guarded) == (("profile.d",), True)
    bare = record_of(replace(debian, can_divert=False).changed_state(PROFILE, reader_present=False).plan())
    assert (bare.files, bare.activations, bare.guarded) == ((), (), False)


def test_a_promised_guard_stays_promised_until_it_was_taken_away_and_none_is_asked_for(debian: Situation) -> None:
    done = debian.carried_out()
    assert types(replace(done, guard=False).plan()) == []
    undone = replace(done, guards=guards_of(done.base))
    assert record_of(replace(undone, guard=False).plan()).guarded is False
    assert types(undone.plan()) == GUARD


def test_the_record_tells_base_origin_and_group(debian: Situation) -> None:
    found = record_of(replace(debian, group=1000).plan())
    assert (found.dest, found.base_path, found.base_version, found.group) == (
        DEST,
        "/usr/bin/python3.11",
        "3.11.2",
        1000,
    )
    assert (found.base_sha256, found.origin, found.tool_version) == ("ab" * 32, debian.base.origin, "0.1.0")


def test_the_locks_of_an_earlier_sync_are_kept(debian: Situation, make_record: Callable[..., Record]) -> None:
    locks = make_record().locks
    done = debian.carried_out()
    assert done.destination.record is not None
    synced = done.changed_destination(record=replace(done.destination.record, locks=locks))
    assert types(synced.plan()) == []
    assert record_of(replace(synced, base_sha256="cd" * 32).plan()).locks == locks


def test_the_record_is_written_last_and_the_environment_made_first(debian: Situation) -> None:
    actions: Tuple[Action, ...] = debian.plan().actions
    assert isinstance(actions[0], CreateEnvironment)
    assert isinstance(actions[-1], WriteRecord)
    diverted = next(index for index, action in enumerate(actions) if isinstance(action, DivertFile))
    written = actions[diverted + 1]
    assert isinstance(written, WriteFile)
    assert written.path == MARKER


def test_files_outside_are_written_0644(debian: Situation) -> None:
    assert {action.mode for action in debian.plan().actions if isinstance(action, WriteFile)} == {0o644}


def test_directories_are_shared_with_the_group_of_the_environment(debian: Situation) -> None:
    found = Entry(f"{DEST}/lib", 0, 0, 0o755)
    shared = replace(debian, group=1000).carried_out().changed_destination(unshared=(found,)).plan().actions[0]
    assert shared == ShareDirectories((f"{DEST}/lib",), DEST, 1000)


def test_a_user_outside_the_group_makes_it_for_an_own_group_and_is_told(debian: Situation) -> None:
    plan = replace(debian, image=STRANGER, guard=False, activations=()).plan()
    assert record_of(plan).group == 1001
    (finding,) = plan.findings
    assert (finding.code, finding.severity) == ("not-done", Severity.WARNING)
    assert "group 1001, not to group 0" in finding.message
    assert record_of(replace(debian, image=STRANGER, group=27).plan()).group == 27


def test_what_could_not_be_done_is_told_with_what_it_is_for(debian: Situation) -> None:
    denied = replace(debian, image=MEMBER, states={PROFILE: DENIED}).changed_guard(DENIED)
    findings = {one.subject: one for one in denied.plan().findings}
    assert findings[PROFILE].evidence == "user 1001 may not write into /etc/profile.d; it is for activation"
    assert findings[MARKER].evidence.endswith("it is for refusing pip installs")


def test_a_user_who_is_not_root_is_not_told_that_dpkg_divert_is_missing(debian: Situation) -> None:
    """It is there; only root may use it."""
    findings = replace(debian, image=MEMBER, activations=(), can_divert=True).plan().findings
    assert {one.code for one in findings} == {"not-done"}
    assert not any("there is no dpkg-divert" in one.evidence for one in findings)


def test_a_lost_diversion_that_this_user_cannot_put_back_is_told(debian: Situation) -> None:
    plan = replace(debian.carried_out(), image=MEMBER).changed_guard(diverted=False).plan()
    assert DIVERT not in types(plan)
    assert codes(plan) == ["not-done"]


@pytest.mark.parametrize("code", ["foreign-file", "no-reader"])
def test_a_file_that_was_left_out_names_a_way_out(debian: Situation, code: str) -> None:
    changes: Dict[str, Optional[bool]] = {"exists": True} if code == "foreign-file" else {"reader_present": False}
    (finding,) = replace(debian, named=("profile.d",)).changed_state(PROFILE, **changes).plan().findings
    assert (finding.code, finding.subject) == (code, PROFILE)
    assert finding.hint


def test_image_config_is_there_also_when_nothing_is_to_be_done(debian: Situation) -> None:
    plan = debian.carried_out().plan()
    assert plan.actions == ()
    assert (dict(plan.image_config.variables)["VIRTUAL_ENV"], plan.image_config.path_prefix) == (DEST, f"{DEST}/bin")
