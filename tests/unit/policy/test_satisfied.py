"""What pip passes over because the distro has it is read from pip's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.policy.test_conflicts import DIST, owned, target
from venvboot.model import Severity
from venvboot.policy import satisfied
from venvboot.policy.conflicts import SYSTEM_SITE

THERE = owned({"jinja2": "python3-jinja2", "markupsafe": "python3-markupsafe"}, {})
SAID = "Requirement already satisfied: "


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (f"{SAID}jinja2 in {DIST} (2.11.3)", ["jinja2"]),
        (f"{SAID}Jinja2>=2 in {DIST} (2.11.3)", ["jinja2"]),
        (f"{SAID}jinja2[i18n]<4,>=2 in {DIST} (from -r a.txt (line 1)) (2.11.3)", ["jinja2"]),
        (f"{SAID}markupsafe in {DIST} (from jinja2) (2.1)", []),  # nobody asked for it by name
        (f"{SAID}jinja2 in /opt/venv/lib/python3.11/site-packages (3.1)", []),
        (f"{SAID}six in {DIST} (1.0)", []),
        ("Collecting jinja2", []),
    ],
)
def test_a_requested_name_that_the_distro_satisfies_is_told(line: str, names: list[str]) -> None:
    found = satisfied.findings(f"Looking in indexes: x\n{line}\nmore\n", THERE, target(SYSTEM_SITE))
    assert [one.subject for one in found] == names
    assert all((one.code, one.severity) == ("stale-satisfied", Severity.NOTE) for one in found)


def test_the_package_is_named() -> None:
    (found,) = satisfied.findings(f"{SAID}jinja2 in {DIST} (1.0)\n", THERE, target(SYSTEM_SITE))
    assert found.message == "jinja2 1.0 comes from the package python3-jinja2, not from PyPI"


@given(st.text())
def test_whatever_pip_says_is_read_without_a_fault(text: str) -> None:
    satisfied.findings(SAID + text, THERE, target(SYSTEM_SITE))
