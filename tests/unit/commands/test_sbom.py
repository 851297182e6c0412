"""Where an SBOM may be written: told before anything is installed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from venvboot.commands import sbom
from venvboot.errors import UsageError, VenvbootError
from venvboot.model import Status
from venvboot.system import System


def place(path: Path | str, *, as_json: bool = False) -> str:
    return sbom.place(argparse.Namespace(sbom=str(path), json=as_json), System())


def refused(path: Path, why: str) -> None:
    with pytest.raises(VenvbootError) as told:
        place(path)
    (finding,) = told.value.findings
    assert (finding.code, finding.subject, told.value.status) == ("not-written", str(path), Status.FAILED)
    assert why in finding.evidence
    assert finding.hint


def test_a_name_in_the_working_directory_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert place("sbom.json") == str(tmp_path / "sbom.json")
    assert place(tmp_path / "sbom.json", as_json=True) == str(tmp_path / "sbom.json")


def test_stdout_is_for_one_product() -> None:
    assert place("-") == "-"
    with pytest.raises(UsageError) as told:
        place("-", as_json=True)
    assert "both want stdout" in told.value.findings[0].message


def test_what_can_be_no_place_is_told(tmp_path: Path) -> None:
    refused(tmp_path / "missing" / "sbom.json", f"there is no folder {tmp_path}/missing")
    refused(tmp_path, "it is a folder")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "a device or a pipe")
    refused(Path("/dev/null"), "a device or a pipe")
    for target in (tmp_path, "/proc/self/fd/1", "precious", "nothing"):
        (tmp_path / "link").symlink_to(target)
        refused(tmp_path / "link", "a link")
        (tmp_path / "link").unlink()


def test_nothing_but_a_document_is_replaced(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    for text in ("six==1.0\n", "{}", "[]", '{"bomFormat": "SPDX"}', "[" * 100_000, "\x00"):
        lock.write_text(text)
        refused(lock, "no CycloneDX document")
    for text in ("", '{"bomFormat": "CycloneDX"}'):
        lock.write_text(text)
        assert place(lock) == str(lock)


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(System, "may_write", lambda *_: False)
    refused(tmp_path / "sbom.json", "may not write into")
