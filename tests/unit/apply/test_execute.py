"""Carrying a plan out on a real folder: files as planned, the record last and whole."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Callable, List

import pytest

from venvboot import record as record_file
from venvboot.actions import Action, DivertFile, ShareDirectories, WriteFile, WriteRecord
from venvboot.apply import execute
from venvboot.errors import NotWritten, VenvbootError
from venvboot.model import Diversion, Record
from venvboot.report import Reporter
from venvboot.system import System


def carry_out(*actions: Action, verbosity: int = 0) -> str:
    told = io.StringIO()
    execute.carry_out(System(), Reporter(verbosity, told), actions, "3.11.2")
    return told.getvalue()


@pytest.fixture
def record(tmp_path: Path, make_record: Callable[..., Record]) -> Record:
    found: Record = make_record(dest=str(tmp_path))
    return found


def names(folder: Path) -> List[str]:
    return sorted(os.listdir(folder))


@pytest.mark.usefixtures("known_umask")
def test_a_file_is_written_with_content_and_mode_whatever_the_umask(tmp_path: Path) -> None:
    os.umask(0o077)
    path = tmp_path / "zz-venvboot.sh"
    told = carry_out(WriteFile(str(path), "é\n", 0o644, "profile.d"))
    assert (path.read_text(encoding="utf-8"), stat.S_IMODE(path.stat().st_mode)) == ("é\n", 0o644)
    assert told == f"write {path} (profile.d, mode 0644)\n"


def test_quiet_says_nothing(tmp_path: Path) -> None:
    assert carry_out(WriteFile(str(tmp_path / "x"), "", 0o644, "p"), verbosity=-1) == ""


def test_the_record_takes_the_place_of_the_sign_of_a_half_made_environment(tmp_path: Path, record: Record) -> None:
    (tmp_path / record_file.HALF_MADE_NAME).write_text("")
    carry_out(WriteRecord(record))
    assert names(tmp_path) == [record_file.NAME]
    assert record_file.load((tmp_path / record_file.NAME).read_text()) == record


def test_the_record_of_a_finished_environment_is_replaced(tmp_path: Path, record: Record) -> None:
    (tmp_path / record_file.NAME).write_text("old")
    carry_out(WriteRecord(record))
    assert names(tmp_path) == [record_file.NAME]
    assert record_file.load((tmp_path / record_file.NAME).read_text()) == record


@pytest.mark.usefixtures("known_umask")
def test_the_record_may_be_written_by_the_group(tmp_path: Path, record: Record) -> None:
    carry_out(WriteRecord(record))
    assert stat.S_IMODE((tmp_path / record_file.NAME).stat().st_mode) == 0o664


def test_after_a_failure_nothing_more_is_done(tmp_path: Path, record: Record) -> None:
    with pytest.raises(NotWritten):
        carry_out(WriteFile(str(tmp_path / "none" / "x"), "", 0o644, "p"), WriteRecord(record))
    assert names(tmp_path) == []


def test_directories_are_shared(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir(mode=0o755)
    carry_out(ShareDirectories((str(tmp_path / "lib"),), str(tmp_path), os.getegid()))
    assert stat.S_IMODE((tmp_path / "lib").stat().st_mode) & 0o2070 == 0o2070


@pytest.mark.skipif(not os.path.exists("/usr/bin/dpkg-divert"), reason="no dpkg-divert on this machine")
def test_a_diversion_that_dpkg_refuses_is_told_with_its_exit_status(tmp_path: Path) -> None:
    """The real dpkg-divert; it refuses a relative name and so changes nothing."""
    with pytest.raises(VenvbootError) as caught:
        carry_out(DivertFile(Diversion("relative", str(tmp_path / "x"))))
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject) == ("diversion-failed", "relative")
    assert finding.evidence.startswith("exit status 2; ")
