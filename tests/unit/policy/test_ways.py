"""What is told of the ways in which a process was started."""

from __future__ import annotations

from typing import Callable, Dict

import pytest

from venvboot.activation import by_name
from venvboot.model import Record, Severity
from venvboot.policy import ways
from venvboot.policy.ways import WAYS, Start, Way

BY_NAME: Dict[str, Way] = {way.name: way for way in WAYS}


def test_each_way_has_a_name_of_its_own_and_is_served_by_an_activation_or_by_env() -> None:
    assert len(BY_NAME) == len(WAYS)
    assert {way.served_by for way in WAYS} <= {*by_name(), ""}
    assert all(way.mend for way in WAYS if not way.reachable)


def test_every_command_asks_the_python_that_it_is_told_to() -> None:
    for way in WAYS:
        assert "python2" in " ".join(way.command("python2"))
        assert "{" not in " ".join(way.command("python2"))


@pytest.mark.parametrize(
    ("start", "state"),
    [
        (Start(BY_NAME["sh -c"], "/opt/venv"), ways.REACHED),
        (Start(BY_NAME["sh -c"], "/usr"), ways.MISSED),
        (Start(BY_NAME["bash -lc"], failure="not found"), ways.MISSED),
        (Start(BY_NAME["zsh -c"], failure="there is no zsh", tried=False), ways.NOT_TRIED),
        (Start(BY_NAME["cron, its own PATH"], "/usr"), ways.UNREACHABLE),
        (Start(BY_NAME["cron, its own PATH"], "/opt/venv"), ways.REACHED),
    ],
)
def test_states(start: Start, state: str, make_record: Callable[..., Record]) -> None:
    record = make_record()
    assert ways.state(start, record) == state
    assert bool(ways.mend(start, record)) is (state in (ways.MISSED, ways.UNREACHABLE))


def test_a_miss_is_an_error_where_it_was_promised_and_else_a_note(make_record: Callable[..., Record]) -> None:
    missed = Start(BY_NAME["bash -lc"], "/usr")
    (promised,) = ways.findings([missed], make_record(activations=("profile.d",)))
    assert (promised.code, promised.severity, promised.evidence) == (
        "start-missed",
        Severity.ERROR,
        "it starts that of /usr",
    )
    (unserved,) = ways.findings([missed], make_record(activations=()))
    assert (unserved.severity, unserved.evidence) == (
        Severity.NOTE,
        "it starts that of /usr; it is not wired (profile.d)",
    )


def test_a_file_that_is_told_already_is_one_fault(make_record: Callable[..., Record]) -> None:
    missed = [Start(BY_NAME[name], "/usr") for name in ("bash -lc", "su -", "sudo")]
    record = make_record(activations=("profile.d", "sudoers"))
    assert [one.subject for one in ways.findings(missed, record, told={"profile.d"})] == ["sudo"]


def test_what_env_serves_and_what_is_out_of_reach_is_no_finding_of_its_own(
    make_record: Callable[..., Record],
) -> None:
    starts = [Start(BY_NAME[name], "/usr") for name in ("sh -c", "exec form", "cron, its own PATH")]
    assert ways.findings(starts, make_record()) == ()
    assert ways.mend(starts[0], make_record()) == "ENV PATH=/opt/venv/bin:$PATH"


def test_where_wrappers_can_t_be_the_path_is_the_way_out(make_record: Callable[..., Record]) -> None:
    missed = Start(BY_NAME["env -i sh -c"], "/usr/local")
    record = make_record(activations=("wrappers",))
    assert "/opt/venv/bin/python" in ways.mend(missed, record)
    (error,), (note,) = (ways.findings([missed], record, unserved=names) for names in ((), {"wrappers"}))
    assert (error.severity, note.severity) == (Severity.ERROR, Severity.NOTE)
