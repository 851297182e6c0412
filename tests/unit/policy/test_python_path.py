"""PYTHONPATH in the image's environment is told; it may be meant."""

from __future__ import annotations

from venvboot.model import Severity
from venvboot.policy import python_path


def test_a_set_variable_is_a_warning_that_shows_it() -> None:
    (found,) = python_path.findings({"PYTHONPATH": "/layers/x/lib"})
    assert (found.code, found.severity) == ("python-path-set", Severity.WARNING)
    assert "/layers/x/lib" in found.evidence


def test_an_empty_or_missing_one_is_nothing() -> None:
    assert python_path.findings({"PYTHONPATH": ""}) == python_path.findings({}) == ()
