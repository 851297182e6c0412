"""Which modes are right, and which trees are nobody's to share."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Entry
from venvboot.policy import access

MODES = st.integers(0, 0o7777)


@pytest.mark.parametrize(
    ("directory", "mode", "wanted"),
    [
        (True, 0o755, 0o2775),
        (True, 0o700, 0o2770),
        (True, 0o2777, 0o2775),
        (True, 0o1777, 0o3775),
        (False, 0o644, 0o664),
        (False, 0o755, 0o775),
        (False, 0o600, 0o660),
        (False, 0o700, 0o770),
        (False, 0o666, 0o664),
        (False, 0o444, 0o464),
    ],
)
def test_what_a_mode_becomes(mode: int, wanted: int, *, directory: bool) -> None:
    assert access.wanted_mode(mode, directory=directory) == wanted


@given(MODES, st.booleans())
def test_a_repair_takes_nothing_from_the_owner_gives_nothing_to_others_and_is_done_once(
    mode: int, directory: bool
) -> None:
    wanted = access.wanted_mode(mode, directory=directory)
    assert wanted & 0o700 == mode & 0o700
    assert wanted & 0o007 == mode & 0o005
    assert access.is_right(0, wanted, 0, directory=directory)
    assert not access.is_right(1, wanted & ~0o6000 if not directory else wanted, 0, directory=directory)


def test_a_program_that_changes_its_user_is_never_touched() -> None:
    assert access.is_right(7, 0o4755, 0, directory=False)


def test_unless_everybody_can_write_it() -> None:
    assert not access.is_right(0, 0o4777, 0, directory=False)
    assert access.wanted_mode(0o4777, directory=False) == 0o4775


def test_only_files_are_copied() -> None:
    assert access.copied([Entry("/a", 0, 0, 0o755), Entry("/a/b", 0, 0, 0o644, 7, directory=False)]) == 7


@pytest.mark.parametrize(
    ("path", "owner", "why"),
    [
        ("/", "", "it is the system's"),
        ("/usr", "", "it is the system's"),
        ("/usr/lib/x", "", "it is the system's"),
        ("/usr/local", "", "it is the system's"),
        ("/usr/local/app", "", None),
        ("/opt", "", "it is the system's"),
        ("/etc/app", "", "it is the system's"),
        ("/app", "", None),
        ("/var/www/app", "", None),
        ("/var/lib/app", "", None),
        ("/var/lib/dpkg/status", "", "it is a package manager's, or the system's log"),
        ("/var/log", "", "it is a package manager's, or the system's log"),
        ("/opt/app", "", None),
        ("/opt/app", "app 1.0 (dpkg)", "it belongs to app 1.0 (dpkg)"),
    ],
)
def test_what_is_the_system_s_or_a_package_s_is_refused(path: str, owner: str, why: Optional[str]) -> None:
    assert access.why_refused(path, owner) == why
