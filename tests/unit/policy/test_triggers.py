"""The lines of a base image's Dockerfile that run in each child."""

from __future__ import annotations

from typing import Callable

import pytest

from venvboot.policy.image_config import image_config
from venvboot.policy.triggers import CHOICES, Wanted, instructions
from venvboot.render import dockerfile

CONFIG = image_config("/opt/venv")
ORDINARY = Wanted("/opt/venv", "requirements.txt")
OTHERS = (
    ORDINARY,
    Wanted("/srv/app/env", "locks/prod.txt", 1001),
    Wanted("/opt/venv", "requirements.txt", mounts=False),
)


def test_the_printed_lines_are_the_golden_ones(golden: Callable[[str, str], None]) -> None:
    golden("onbuild.Dockerfile", dockerfile.triggers(CONFIG, instructions(ORDINARY)))
    golden("onbuild_user.Dockerfile", dockerfile.lines(instructions(OTHERS[1])))
    golden("onbuild_without_mounts.Dockerfile", dockerfile.lines(instructions(OTHERS[2])))


@pytest.mark.parametrize("wanted", OTHERS)
def test_what_a_child_may_choose_is_declared_before_it_is_used(wanted: Wanted) -> None:
    lines = instructions(wanted)
    first = next(number for number, line in enumerate(lines) if not line.startswith("ARG "))
    declared = [line.split()[1].partition("=")[0] for line in lines[:first]]
    assert declared == ["VENVBOOT_LOCK", *CHOICES]
    assert [line.split()[0] for line in lines[first:]] == ["COPY", "RUN", "RUN"]


def test_without_mounts_no_line_names_a_secret_or_a_cache() -> None:
    told = "\n".join(instructions(OTHERS[2]))
    assert not [word for word in ("mount", "cache ", "secret", "NETRC") if word in told]


def test_users_have_caches_of_their_own() -> None:
    ids = {line.partition("id=")[2].partition(",")[0] for wanted in OTHERS[:2] for line in instructions(wanted)}
    assert ids == {"", "venvboot", "venvboot-1001"}


def test_what_the_base_itself_has_set_for_pip_stays() -> None:
    run = instructions(ORDINARY)[-2]
    assert {"NETRC=${NETRC:-/run/secrets/netrc}", "PIP_CONFIG_FILE=${PIP_CONFIG_FILE:-/run/secrets/pip.conf}"} < {
        *run.split()
    }


def test_a_user_may_read_a_lock_that_only_its_owner_may() -> None:
    copies = [line for wanted in OTHERS for line in instructions(wanted) if line.startswith("COPY")]
    assert ["--chown=1001" in copy for copy in copies] == [False, True, False]
    assert "COPY --chown=1001 ${VENVBOOT_LOCK} " in "".join(
        instructions(Wanted("/venv", "a.txt", 1001, mounts=False))
    )
