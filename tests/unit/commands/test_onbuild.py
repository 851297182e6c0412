"""`onbuild` prints its lines, and refuses what can't stand in them."""

from __future__ import annotations

import json

import pytest

from venvboot import cli

CONTINUED = ["--mount=type=secret,id=netrc,uid=1001", "NETRC=${NETRC:-/run/secrets/netrc}", "venvboot"]


def test_it_prints_env_lines_and_triggers(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["onbuild", "--venv", "/srv/env", "--lock", "locks/a.txt", "--user", "1001:0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ENV VIRTUAL_ENV=/srv/env"
    assert "ONBUILD ARG VENVBOOT_LOCK=locks/a.txt" in lines
    assert [line.split()[0] for line in lines] == ["ENV"] * 3 + ["ONBUILD"] * 6 + CONTINUED + ["ONBUILD"]


def test_plain_lines_have_neither(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["onbuild", "--plain", "--no-mounts"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ARG"] * 4 + ["COPY", "RUN", "RUN"]
    assert cli.main(["onbuild", "--json", "--no-mounts"]) == 0
    assert json.loads(capsys.readouterr().out)["instructions"] == lines


@pytest.mark.parametrize(
    "lock", ["", "/etc/passwd", "../lock", "a/../../b", "..", "a b", "a$b", "locks/", "a\nRUN b"]
)
def test_a_lock_that_copy_could_not_take_is_refused(lock: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["onbuild", "--lock", lock]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "is no file of a build context" in told.err


@pytest.mark.parametrize("user", ["app", "", "-1", "1001:", "1001\n", "99999999999"])
def test_a_user_without_a_number_is_refused(user: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["onbuild", f"--user={user}"]) == 2
    assert "its number: docker run --rm IMAGE id -u" in capsys.readouterr().err


def test_the_variable_of_the_triggers_is_no_slip(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VENVBOOT_LOCK", "requirements.txt")
    assert cli.main(["onbuild"]) == 0
    assert capsys.readouterr().err == ""
