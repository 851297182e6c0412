"""Failures carry their exit status and a message of three parts."""

from __future__ import annotations

import pickle

import pytest

from venvboot import errors
from venvboot.model import Finding, Severity, Status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.VenvbootError(), 1),
        (errors.Refused(), 3),
        (errors.Unsupported(), 5),
        (errors.UsageError("what"), 2),
        (errors.ToolFailed("code", "subject", "pip install", 7, "", "hint"), 1),
        (errors.BrokenBundle("pip.whl", "another digest"), 1),
        (errors.WheelNotValid("/tmp/a-1-py3-none-any.whl", "it has no RECORD"), 1),
        (errors.NotWritten("/opt/venv", OSError(30, "Read-only file system")), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_has_the_exit_status_of_the_contract(error: errors.VenvbootError, status: int) -> None:
    assert error.status.value == status


def test_all_findings_are_kept_and_named_in_the_message() -> None:
    two = tuple(Finding(code, Severity.ERROR, "", f"message {code}") for code in ("a", "b"))
    error = errors.Refused(*two)
    assert error.findings == two
    assert str(error) == "message a; message b"


@pytest.mark.parametrize(
    ("output", "last"),
    [("first\nlast \n\n", "first / last"), ("", "it printed nothing"), (" \n", "it printed nothing")],
)
def test_a_failed_tool_is_told_with_the_last_line_it_printed(output: str, last: str) -> None:
    (finding,) = errors.ToolFailed("pip-failed", "x", "pip install", 7, output, "a hint").findings
    assert (finding.message, finding.evidence, finding.hint) == (
        "pip install failed",
        f"exit status 7; {last}",
        "a hint",
    )


def test_what_cannot_be_written_is_told_with_the_systems_reason() -> None:
    (finding,) = errors.NotWritten("/opt/venv", OSError(28, "No space left on device")).findings
    assert (finding.subject, finding.evidence) == ("/opt/venv", "no space left on device")
    (finding,) = errors.NotWritten("/opt/venv", OSError("without a number")).findings
    assert finding.evidence == "without a number"


def test_from_another_process_comes_the_same_error() -> None:
    made = [
        errors.ToolFailed("pip-failed", "x", "pip wheel", 7, "its output", "a hint"),
        errors.Refused(Finding("a", Severity.ERROR, "", "message a"), Finding("b", Severity.ERROR, "", "message b")),
        errors.NotWritten("/opt/venv", OSError(28, "No space left on device")),
        errors.UsageError("what"),
    ]
    for error in made:
        found = pickle.loads(pickle.dumps(error))
        assert (type(found), str(found), vars(found)) == (type(error), str(error), vars(error))


def test_exit_statuses_are_the_documented_ones() -> None:
    assert {status.name: status.value for status in Status} == {
        "DONE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "REFUSED": 3,
        "BROKEN": 4,
        "UNSUPPORTED": 5,
        "BUG": 70,
        "INTERRUPTED": 130,
    }
