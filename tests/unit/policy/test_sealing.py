"""What a seal takes and what it leaves, and the words for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Collection, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.actions import (
    CloseTree,
    RemoveDistribution,
    RemoveFile,
    RemovePaths,
    UpdateWrappers,
    WriteFile,
    WriteRecord,
)
from venvboot.activation import block, by_name
from venvboot.model import (
    Distribution,
    Entry,
    FileState,
    Finding,
    Lock,
    Record,
    RecordedFile,
    Seal,
    SealFacts,
    Severity,
)
from venvboot.policy import access, sealed, sealing
from venvboot.policy.files import digest
from venvboot.render import json, text

DEST = "/opt/venv"
LIBRARY = f"{DEST}/lib/python3.11/site-packages"
MODES = st.integers(0, 0o7777)
PROFILE, BASHRC, ENTRYPOINT = "/etc/profile.d/zz-venvboot.sh", "/etc/bash.bashrc", f"{DEST}/bin/venvboot-entrypoint"
PIP = Distribution("pip", "26.3", f"{LIBRARY}/pip-26.3.dist-info")
SETUPTOOLS = Distribution("setuptools", "70.0", f"{LIBRARY}/setuptools-70.0.dist-info")
FULL = SealFacts(
    installers=(PIP, SETUPTOOLS),
    pip=(f"{DEST}/bin/pip", f"{LIBRARY}/pip"),
    hooks=(f"{LIBRARY}/venvboot_pip.pth",),
    activators=(f"{DEST}/bin/activate",),
    signs=(f"{DEST}/.lock",),
)
WRONG = (Entry(DEST, 0, 0, 0o2775), Entry(f"{DEST}/pyvenv.cfg", 0, 0, 0o664, 459, directory=False))


def told(name: str, path: str) -> str:
    return next(piece.text for piece in by_name()[name].pieces(DEST) if piece.path == path)


@pytest.fixture
def record(make_record: Callable[..., Record]) -> Record:
    names = (("profile.d", PROFILE), ("bash.bashrc", BASHRC), ("entrypoint", ENTRYPOINT))
    files = tuple(RecordedFile(path, digest(told(name, path)), name) for name, path in names)
    wrapped = RecordedFile("/usr/local/bin", "0" * 64, "wrappers")
    activations = (*(name for name, _ in names), "wrappers")
    made: Record = make_record(files=(*files, wrapped), activations=activations, locks=(), synced="before")
    return made


@pytest.fixture
def states() -> Dict[str, FileState]:
    whole = told("profile.d", PROFILE)
    ours = told("bash.bashrc", BASHRC)
    content = f"{ours}{block.END}\n# Debian's\n"
    return {
        PROFILE: FileState(PROFILE, exists=True, sha256=digest(whole), writable=True, ours=True),
        BASHRC: FileState(BASHRC, exists=True, sha256=digest(ours), writable=True, ours=True, content=content),
    }


def planned(record: Record, states: Any, facts: SealFacts = FULL, **changes: Any) -> sealing.Sealing:
    given: Dict[str, Any] = {
        "staying": {},
        "named": (),
        "wrong": WRONG,
        "owner": 0,
        "synced": "after",
        "has_outdated_wrappers": False,
        **changes,
    }
    return sealing.plan(record, facts, given.pop("staying"), given.pop("named"), states, **given)


def kinds(made: sealing.Sealing) -> List[str]:
    return [type(action).__name__ for action in made.actions]


def last(made: sealing.Sealing) -> Record:
    action = made.actions[-1]
    assert isinstance(action, WriteRecord)
    return action.record


def test_the_record_is_unfinished_before_anything_and_sealed_after_everything(record: Record, states: Any) -> None:
    made = planned(record, states)
    first = made.actions[0]
    assert isinstance(first, WriteRecord)
    assert first.record == replace(record, seal=Seal.UNFINISHED, synced="after")
    assert last(made).seal is Seal.SEALED
    assert kinds(made)[1:-1] == [
        "RemovePaths",
        "RemovePaths",
        "RemoveDistribution",
        "RemoveDistribution",
        "RemovePaths",
        "RemovePaths",
        "RemoveFile",
        "WriteFile",
        "UpdateWrappers",
        "CloseTree",
    ]
    again = planned(first.record, states)
    assert kinds(again) == kinds(made)[1:]


def test_wrappers_and_entrypoint_stay_and_what_goes_is_remembered(record: Record, states: Any) -> None:
    after = last(planned(record, states))
    assert (after.activations, after.taken) == (("entrypoint", "wrappers"), ("profile.d", "bash.bashrc"))
    assert [file.purpose for file in after.files] == ["entrypoint", "wrappers"]


def test_a_block_goes_and_what_others_wrote_stays(record: Record, states: Any) -> None:
    (written,) = [one for one in planned(record, states).actions if isinstance(one, WriteFile)]
    assert (written.path, written.content) == (BASHRC, "# Debian's\n")
    assert RemoveFile(PROFILE, "profile.d") in planned(record, states).actions


def test_what_was_changed_by_hand_stays_and_is_no_promise_any_more(record: Record, states: Any) -> None:
    states[PROFILE] = replace(states[PROFILE], sha256="1" * 64)
    made = planned(record, states)
    assert [(one.code, one.hint) for one in made.findings] == [
        ("foreign-file", "take out by hand what venvboot wrote there")
    ]
    assert "RemoveFile" not in kinds(made)
    assert PROFILE not in {file.path for file in last(made).files}


@pytest.mark.parametrize(
    ("named", "staying"),
    [
        ((), {"entrypoint", "wrappers"}),
        (("profile.d",), {"profile.d", "entrypoint", "wrappers"}),
        (("bash-env",), {"profile.d", "entrypoint", "wrappers"}),
        (("zshenv",), {"entrypoint", "wrappers"}),
        (tuple(by_name()), {"profile.d", "bash.bashrc", "entrypoint", "wrappers"}),
    ],
)
def test_what_is_named_stays_if_it_is_there(record: Record, named: Collection[str], staying: Collection[str]) -> None:
    assert {*sealing.kept(record, named)} == staying


def test_of_a_sealed_environment_nothing_is_left_to_do(record: Record, states: Any) -> None:
    after = last(planned(record, states))
    assert planned(after, {}, SealFacts(), wrong=(), synced=after.synced).actions == ()
    again = planned(after, {}, SealFacts(pip=(f"{DEST}/bin/pip",)), wrong=WRONG, synced=after.synced)
    assert kinds(again) == ["WriteRecord", "RemovePaths", "CloseTree", "WriteRecord"]
    assert last(again) == after


def test_no_wrapper_is_looked_at_where_there_are_none(record: Record, states: Any) -> None:
    without = replace(record, activations=("profile.d", "entrypoint"))
    assert "UpdateWrappers" not in kinds(planned(without, states))
    outdated = planned(record, states, SealFacts(), has_outdated_wrappers=True)
    assert UpdateWrappers(DEST, "/usr/local/bin") in outdated.actions


@pytest.mark.parametrize(
    ("changes", "locks", "legacy", "why"),
    [
        ({}, (), False, ""),
        ({"needed_by": {"setuptools": ("a", "b")}}, (), False, "a, b requires it"),
        ({"without_record": ("setuptools",)}, (), False, "it has no RECORD, so its files can't be told"),
        (
            {},
            (Lock("/app/requirements.txt", "01" * 32, pins=(("setuptools", "1"),)),),
            False,
            "requirements.txt pins it",
        ),
        ({}, (Lock("requirements.txt", "01" * 32),), False, "requirements.txt pins it"),
        ({}, (Lock("/app/requirements.txt", "01" * 32, pins=(("six", "1"),)),), False, ""),
        ({}, (), True, "what was made for such a Python may import pkg_resources without asking for it"),
        ({"needed_by": {"pip": ("a",)}}, (), False, ""),
    ],
)
def test_setuptools_stays_where_something_may_need_it(
    make_record: Callable[..., Record], changes: Any, why: str, locks: Any, *, legacy: bool
) -> None:
    record = make_record(locks=locks)
    found = sealing.stays(replace(FULL, **changes), record, legacy=legacy)
    assert found == ({"setuptools": why} if why else {})


def test_what_stays_is_not_removed_and_named(record: Record, states: Any) -> None:
    facts = replace(FULL, needed_by={"pip": ("pip-tools",)})
    made = planned(record, states, facts, staying={"setuptools": "x requires it"})
    assert [one.name for one in made.actions if isinstance(one, RemoveDistribution)] == ["pip"]
    assert [(one.code, one.severity, one.subject) for one in made.findings] == [
        ("seal-kept", Severity.NOTE, "setuptools"),
        ("seal-needed", Severity.WARNING, "pip"),
    ]


def test_what_has_no_record_of_pip_s_goes_by_its_name(record: Record, states: Any) -> None:
    made = planned(record, states, replace(FULL, without_record=("pip",)))
    assert "pip" not in {one.name for one in made.actions if isinstance(one, RemoveDistribution)}
    paths = [path for one in made.actions if isinstance(one, RemovePaths) for path in one.paths]
    assert {f"{LIBRARY}/pip", PIP.location, f"{DEST}/bin/pip"} <= {*paths}


def test_what_is_closed_is_counted_and_directories_have_no_bytes(record: Record, states: Any) -> None:
    assert CloseTree(DEST, 0, 1, 1, 459) in planned(record, states).actions


@given(MODES, st.booleans())
def test_of_a_sealed_mode_everybody_reads_nobody_but_the_owner_writes_and_it_stays(
    mode: int, directory: bool
) -> None:
    after = access.sealed_mode(mode, directory=directory)
    assert not after & access.OTHERS_WRITE
    assert after & 0o200 == mode & 0o200
    assert access.sealed_mode(after, directory=directory) == after
    if directory:
        assert after & 0o555 == 0o555
        assert not after & 0o7000
    elif mode & access.SPECIAL:
        assert after == mode & ~access.OTHERS_WRITE
    else:
        assert after & 0o444 == 0o444
        assert bool(after & 0o011) >= bool(mode & 0o100)
    assert access.is_sealed(5, after, 5, directory=directory)
    assert not access.is_sealed(6, after, 5, directory=directory)


def test_the_words_are_the_golden_ones(record: Record, states: Any, golden: Callable[[str, str], None]) -> None:
    facts = replace(FULL, needed_by={"setuptools": ("x",), "pip": ("y",)})
    made = planned(record, states, facts, staying=sealing.stays(facts, record, legacy=False))
    closed = last(made)
    findings: List[Finding] = [
        *made.findings,
        sealed.refused(closed),
        sealed.refused(replace(closed, seal=Seal.UNFINISHED)),
        sealed.as_it_is(closed),
        sealed.not_offered(DEST, "why", "way out"),
        *sealed.of_owner(DEST, 1001),
        *sealed.broken(closed, FULL.left),
    ]
    golden("sealing_dry_run.txt", text.actions(made.actions))
    golden("sealing_findings.txt", "".join(map(text.finding, findings)))
    golden("sealing_actions.json", "".join(f"{json.action(one)}\n" for one in made.actions[1:-1]))
