"""Exceptions: what they are, that nothing else is one, and what they leave of the conflicts."""

from __future__ import annotations

import shlex
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.errors import UsageError
from venvboot.model import Allowance, Conflict, Finding, RecordedException, Severity
from venvboot.policy import exceptions

WHY = "our scripts need it"


def conflict(name: str = "six", kind: str = "shadow-dist", version: str = "1.0") -> Conflict:
    return Conflict(name, version, Finding(kind, Severity.ERROR, name, f"{name} hides", "a before b", "do not"))


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("chardet:hide-command", Allowance("chardet", "hide-command", WHY)),
        ("Zope.Interface==5.0:shadow-dist", Allowance("zope-interface", "shadow-dist", WHY, "5.0")),
        ("python3-yaml:damaged", Allowance("python3-yaml", "damaged", WHY)),
    ],
)
def test_an_exception_is_a_name_and_a_kind(word: str, told: Allowance) -> None:
    assert exceptions.parse([word], [WHY]) == (told,)


@pytest.mark.parametrize(
    "word",
    [
        "six",
        "six:",
        ":shadow-dist",
        "*:shadow-dist",
        "six:*",
        "six:all",
        "six:shadow",
        "a b:shadow-dist",
        "",
        "six:owned-file:x",
        "six:environment-file",
    ],
)
def test_there_is_no_wildcard_and_no_kind_of_everything(word: str) -> None:
    with pytest.raises(UsageError) as raised:
        exceptions.parse([word], [WHY])
    assert raised.value.findings[0].hint


@pytest.mark.parametrize("reason", ["", "   ", "\t", "x" * 501, "a\x1b[31mb"])
def test_a_reason_is_a_line_of_text(reason: str) -> None:
    with pytest.raises(UsageError):
        exceptions.parse(["six:shadow-dist"], [reason])


@pytest.mark.parametrize(
    ("allowed", "reasons"),
    [(["a:damaged"], []), ([], ["why"]), (["a:damaged", "b:damaged", "c:damaged"], ["x", "y"])],
)
def test_every_exception_has_its_reason(allowed: List[str], reasons: List[str]) -> None:
    with pytest.raises(UsageError):
        exceptions.parse(allowed, reasons)


def test_one_reason_may_serve_all_and_each_may_have_its_own() -> None:
    both = ["a:damaged", "b:damaged"]
    assert [one.reason for one in exceptions.parse(both, ["x"])] == ["x", "x"]
    assert [one.reason for one in exceptions.parse(both, ["x", "y"])] == ["x", "y"]


def test_a_file_has_a_line_each() -> None:
    text = "# reviewed by us\n\nsix:shadow-dist  because of\tthis\n  a==1:damaged that\n"
    assert exceptions.parse_file(text, "/x") == (
        Allowance("six", "shadow-dist", "because of this"),
        Allowance("a", "damaged", "that", "1"),
    )


def test_a_wrong_line_is_named() -> None:
    with pytest.raises(UsageError, match="/x line 2: six:shadow-dist has no reason"):
        exceptions.parse_file("# a\nsix:shadow-dist\n", "/x")


@given(st.text())
def test_any_file_is_exceptions_or_a_usage_error(text: str) -> None:
    try:
        told = exceptions.parse_file(text, "/x")
    except UsageError:
        return
    assert all(one.reason and one.kind in exceptions.KINDS for one in told)


def test_one_kind_for_one_name_is_let_in_and_told() -> None:
    found = [conflict(), conflict(kind="hide-command"), conflict("other")]
    verdict = exceptions.judge(found, exceptions.parse(["six:shadow-dist"], [WHY]))
    assert [(one.code, one.subject) for one in verdict.findings] == [
        ("hide-command", "six"),
        ("shadow-dist", "other"),
    ]
    assert [exceptions.told(one).code for one in verdict.used] == ["exception-recorded"]
    assert verdict.used == (RecordedException("six", "1.0", "shadow-dist", WHY, "a before b"),)
    assert verdict.refused


@pytest.mark.parametrize(("version", "matches"), [("1.0", True), ("1.1", False)])
def test_a_version_restricts_it(version: str, matches: bool) -> None:
    verdict = exceptions.judge([conflict()], exceptions.parse([f"six=={version}:shadow-dist"], [WHY]))
    assert verdict.refused is not matches
    assert ("exception-unused" in {one.code for one in verdict.findings}) is not matches


@pytest.mark.parametrize(("version", "matches"), [("1.0", True), ("1.1", False)])
def test_a_recorded_one_covers_its_version_alone(version: str, matches: bool) -> None:
    recorded = RecordedException("six", version, "shadow-dist", WHY)
    verdict = exceptions.judge([conflict()], (), [recorded])
    assert verdict.refused is not matches
    assert verdict.used == ((recorded,) if matches else ())


def test_one_that_matches_nothing_is_a_warning() -> None:
    (found,) = exceptions.judge([], exceptions.parse(["six:shadow-dist"], [WHY])).findings
    assert (found.code, found.severity) == ("exception-unused", Severity.WARNING)


def test_a_refusal_says_how_it_could_be_let_in() -> None:
    (found,) = exceptions.judge([conflict()], ()).findings
    assert found.hint == "do not; or let it in, on the record: --allow six:shadow-dist --because 'WHY'"
    warning = Conflict("six", "1", Finding("hide-command", Severity.WARNING, "six", "m", "e", "h"))
    assert exceptions.judge([warning], ()).findings == (warning.finding,)
    assert not exceptions.judge([warning], ()).refused


def test_nothing_recorded_lets_in_what_no_exception_may() -> None:
    finding = Finding(
        "environment-file", Severity.ERROR, "six", "six would overwrite pyvenv.cfg", "why", "do without"
    )
    told = exceptions.judge(
        [Conflict("six", "1.0", finding)], (), [RecordedException("six", "1.0", "environment-file", WHY)]
    )
    assert told.findings == (finding,)
    assert told.refused


@pytest.mark.parametrize(
    "name", ["evil.pth", "_evil.pth", "google/auth", "six.abi3.so", "+x.pth", ".h.pth", "x~y.pth"]
)
def test_the_way_out_that_is_told_of_a_file_of_nobody_is_one(name: str) -> None:
    found = Conflict(name, "", Finding("startup-hook", Severity.ERROR, name, "m", "e", "h"))
    (told,) = exceptions.judge([found], ()).findings
    word = shlex.split(told.hint.split("--allow ")[1])[0]
    assert exceptions.judge([found], exceptions.parse([word], [WHY])).findings == ()


@pytest.mark.parametrize("name", ["a b.pth", "a\n.pth", "a*.pth", "a:b"])
def test_of_a_name_that_no_exception_can_have_none_is_told(name: str) -> None:
    found = Conflict(name, "", Finding("startup-hook", Severity.ERROR, name, "m", "e", "remove it"))
    (told,) = exceptions.judge([found], ()).findings
    assert told.hint == "remove it"
