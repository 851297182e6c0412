"""What may not stand in a log: credentials, and characters that could forge another line."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Finding, Severity
from venvboot.redact import one_line, without_secrets
from venvboot.render import text
from venvboot.report import Reporter


@pytest.mark.parametrize(
    ("given_text", "told"),
    [
        ("pkg @ https://user:secret@host/x.whl", "pkg @ https://****@host/x.whl"),
        ("https://user:p@ss@host/x.whl", "https://****@host/x.whl"),
        ("--index-url=https://token@host/simple", "--index-url=https://****@host/simple"),
        ("https://host/simple", "https://host/simple"),
        ("https://host/a@b", "https://host/a@b"),
        ("mail me@host", "mail me@host"),
    ],
)
def test_credentials_of_addresses_are_replaced(given_text: str, told: str) -> None:
    assert without_secrets(given_text) == told


@given(st.text())
def test_one_line_stays_one_printable_line(given_text: str) -> None:
    assert one_line(given_text).isprintable()


def test_a_file_name_can_t_forge_a_line_of_a_finding_or_of_the_progress() -> None:
    name = "x\nerror: forged\x1b[2J"
    printed = text.finding(Finding("code", Severity.NOTE, name, f"it holds {name}", name, name))
    assert [line.split(":")[0].strip() for line in printed.splitlines()] == ["note", "because", "hint"]
    stream = io.StringIO()
    Reporter(1, stream).detail("+ pip install https://user:secret@host/\x1b[2J")
    assert stream.getvalue() == "+ pip install https://****@host/?[2J\n"
