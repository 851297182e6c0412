"""Options and variables that lead past the environment."""

from __future__ import annotations

import pytest

from venvboot.model import Severity
from venvboot.policy import foreign_path


@pytest.mark.parametrize("value", ["", "0", "no", "False", "off"])
def test_a_variable_that_says_no_is_passed_over(value: str) -> None:
    assert foreign_path.not_obeyed({"PIP_USER": value}) == ()


def test_each_variable_that_was_set_aside_is_told() -> None:
    found = foreign_path.not_obeyed({"PIP_TARGET": "/x", "PIP_USER": "1", "PIP_INDEX_URL": "https://example.org"})
    assert [(one.subject, one.severity) for one in found] == [
        ("PIP_TARGET", Severity.WARNING),
        ("PIP_USER", Severity.WARNING),
    ]
    assert found[0].hint == "take it out of the image: ENV PIP_TARGET="


def test_an_option_is_refused_by_name() -> None:
    found = foreign_path.refused("--target", "/opt/venv")
    assert (found.code, found.subject, found.severity) == ("foreign-path", "--target", Severity.ERROR)
