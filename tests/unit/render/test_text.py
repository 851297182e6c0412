"""What a person reads: every printed form against its golden file, and what holds for all of them."""

from __future__ import annotations

import io
from typing import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.actions import (
    CreateEnvironment,
    DivertFile,
    InstallHook,
    LinkLibraries,
    MakeDirectory,
    Plan,
    RefreshLinkerCache,
    RemoveFile,
    SealDirectory,
    ShareDirectories,
    UndivertFile,
    UnsealDirectory,
    UpdateWrappers,
    WriteFile,
    WriteRecord,
)
from venvboot.model import (
    Changes,
    Diversion,
    Finding,
    Promise,
    Record,
    Remembered,
    Severity,
)
from venvboot.policy.image_config import image_config
from venvboot.render import text

Golden = Callable[[str, str], None]
FINDINGS = [
    Finding("not-done", Severity.WARNING, "/etc/x", "/etc/x was not written", "user 1001 may not", "run it as root"),
    Finding("bug", Severity.ERROR, "", "something went wrong"),
    Finding("no-reader", Severity.NOTE, "/etc/x", "/etc/x was not written", hint="none needed"),
]


@pytest.fixture(scope="session")
def plan(make_record: Callable[..., Record]) -> Plan:
    """A plan with every type of action."""
    marker = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
    return Plan(
        (
            CreateEnvironment("/opt/venv", "/usr/bin/python3.11", 0, replaces_half_made=False),
            CreateEnvironment("/opt/venv", "/usr/bin/python3.11", 0, replaces_half_made=True),
            InstallHook("/opt/venv", "/opt/venv/bin/python", "/opt/venv/lib/python3.11/site-packages"),
            ShareDirectories(("/opt/venv/lib", "/opt/venv/bin"), "/opt/venv", 0),
            DivertFile(Diversion(marker, f"{marker}.distro")),
            UndivertFile(Diversion(marker, f"{marker}.distro")),
            SealDirectory("/usr/local/lib/python3.11/dist-packages", "/usr/local", "content"),
            UnsealDirectory("/usr/local/lib/python3.11/dist-packages", "/usr/local", Remembered()),
            WriteFile("/etc/profile.d/zz-venvboot.sh", "content", 0o644, "profile.d"),
            RemoveFile("/etc/fish/conf.d/venvboot.fish", "fish"),
            UpdateWrappers("/opt/venv", "/usr/local/bin"),
            MakeDirectory("/var/cache/uv", 0),
            LinkLibraries("/usr/local/lib/venvboot/opt-rh", (("libx.so.1", "/opt/rh/libx.so.1"),)),
            RefreshLinkerCache(),
            WriteRecord(make_record()),
        ),
        image_config("/opt/venv"),
    )


def test_findings(golden: Golden) -> None:
    golden("findings.txt", "".join(text.finding(one) for one in FINDINGS))
    golden("findings_colour.txt", "".join(text.finding(one, colour=True) for one in FINDINGS))


def test_a_plan(golden: Golden, plan: Plan) -> None:
    golden("plan.txt", text.plan(plan))
    golden("plan_empty.txt", text.plan(Plan((), image_config("/opt/venv"))))


def test_changes(golden: Golden) -> None:
    changes = Changes({"six": "1.17.0", "jinja2": "3.1.6"}, {"flask": "2.0"}, {"requests": ("2.31.0", "2.32.3")})
    golden("changes.txt", text.changes(changes))
    golden("changes_empty.txt", text.changes(Changes()))


def test_promises(golden: Golden) -> None:
    golden("promises.txt", text.promises(dict(zip(("origin", "environment", "guard"), Promise))))


@given(st.builds(Finding, st.just("code"), st.sampled_from(Severity), *[st.text("abc é%{}\\", max_size=20)] * 4))
def test_a_finding_has_a_line_for_each_part_it_has(one: Finding) -> None:
    lines = text.finding(one).split("\n")
    assert lines[0] == f"{one.severity.value}: {one.message} [code]"
    assert lines[1:] == [
        *([f"  because: {one.evidence}"] if one.evidence else []),
        *([f"  hint: {one.hint}"] if one.hint else []),
        "",
    ]


class Terminal(io.StringIO):
    """Stands in for a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("value", "wanted"), [(None, True), ("", True), ("1", False), ("0", False)])
def test_colour_is_for_terminals_without_no_color(
    monkeypatch: pytest.MonkeyPatch, value: str | None, *, wanted: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if value is not None:
        monkeypatch.setenv("NO_COLOR", value)
    assert text.colour_wanted(Terminal()) is wanted
    assert text.colour_wanted(io.StringIO()) is False
