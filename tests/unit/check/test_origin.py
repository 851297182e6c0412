"""The base of an environment compared with what it was, by real interpreters."""

from __future__ import annotations

import os
import sys
from typing import Callable

from venvboot.check import origin
from venvboot.model import Record, Severity
from venvboot.system import System

BASE = os.path.realpath(sys.executable)
VERSION = "{}.{}.{}".format(*sys.version_info)


def test_a_base_with_other_bytes_of_the_same_minor_version_is_a_note(make_record: Callable[..., Record]) -> None:
    (finding,) = origin.check(System(), make_record(base_path=BASE, base_version=VERSION))
    assert (finding.code, finding.severity) == ("interpreter-replaced", Severity.NOTE)


def test_a_base_of_another_minor_version_is_an_error(make_record: Callable[..., Record]) -> None:
    (finding,) = origin.check(System(), make_record(base_path=BASE, base_version="3.1.4"))
    assert (finding.code, finding.severity) == ("interpreter-moved", Severity.ERROR)
    assert finding.evidence == f"it was Python 3.1.4 and is Python {VERSION}"


def test_a_base_that_is_another_program_now_is_an_error(make_record: Callable[..., Record]) -> None:
    (finding,) = origin.check(System(), make_record(base_path="/bin/sh"))
    assert finding.code == "interpreter-moved"
    (finding,) = origin.check(System(), make_record(base_path="/etc/passwd"))
    assert finding.evidence == "it is no program"
