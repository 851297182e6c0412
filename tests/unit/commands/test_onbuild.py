"""`onbuild` prints its lines, and refuses what can't stand in them."""

from __future__ import annotations

import pytest

from venvboot import cli, options
from venvboot.commands import Context, onbuild
from venvboot.errors import UsageError
from venvboot.model import Outcome
from venvboot.report import Reporter
from venvboot.system import System

CONTINUED = ["--mount=type=secret,id=netrc,uid=1001", "NETRC=${NETRC:-/run/secrets/netrc}", "venvboot"]


def run(*words: str) -> Outcome:
    arguments = options.parse(cli.parser(("onbuild",)), ["onbuild", *words], {})
    return onbuild.run(arguments, Context(System(), Reporter(-1)))


def test_it_prints_env_lines_and_triggers() -> None:
    lines = run("--venv", "/srv/env", "--lock", "locks/a.txt", "--user", "1001:0").product.splitlines()
    assert lines[0] == "ENV VIRTUAL_ENV=/srv/env"
    assert "ONBUILD ARG VENVBOOT_LOCK=locks/a.txt" in lines
    assert [line.split()[0] for line in lines] == ["ENV"] * 3 + ["ONBUILD"] * 9 + CONTINUED + ["ONBUILD"]


def test_plain_lines_have_neither() -> None:
    lines = run("--venv", "/srv/env", "--plain", "--no-mounts").product.splitlines()
    assert [line.split()[0] for line in lines] == ["ARG"] * 7 + ["COPY", "RUN", "RUN"]
    assert run("--venv", "/srv/env", "--no-mounts").data["instructions"] == lines


@pytest.mark.parametrize(
    "lock", ["", ".", "a/.", "/etc/passwd", "../lock", "a/../../b", "..", "a b", "a$b", "locks/", "a\nRUN b"]
)
def test_a_lock_that_copy_could_not_take_is_refused(lock: str) -> None:
    with pytest.raises(UsageError, match="is no file of a build context"):
        run("--lock", lock)


@pytest.mark.parametrize("user", ["app", "", "-1", "1001:", "1001\n", "4294967295", "0:4294967295", "99999999999"])
def test_a_user_without_a_number_is_refused(user: str) -> None:
    with pytest.raises(UsageError) as refused:
        run(f"--user={user}")
    assert "its number: docker run --rm IMAGE id -u" in refused.value.findings[0].hint


def test_the_variable_of_the_triggers_is_no_slip() -> None:
    environ = {"VENVBOOT_LOCK": "requirements.txt", "VENVBOOT_LOCKS": "requirements.txt"}
    assert [one.subject for one in options.unknown_variables(cli.parser(), environ)] == ["VENVBOOT_LOCKS"]
