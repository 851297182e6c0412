"""A lock can't be compared where pip-tools does not run or isn't at hand: that is said before anything is started."""

from __future__ import annotations

from typing import Callable

import pytest

from venvboot import toolchain
from venvboot.apply import lock
from venvboot.apply.store import Store
from venvboot.apply.tools import Tools
from venvboot.errors import Unsupported
from venvboot.model import Finding, LockFile, Record
from venvboot.report import Reporter
from venvboot.system import System


def refused(record: Record, *paths: str) -> Finding:
    paths = paths or ("/app/a.txt", "/app/b.txt")
    tools = Tools(System(), Reporter(), record, Store(System(), Reporter(), None, "/nowhere"), "/nowhere")
    with pytest.raises(Unsupported) as caught:
        lock.compare(System(), Reporter(), record, [LockFile(path, path) for path in paths], tools)
    (finding,) = caught.value.findings
    assert finding.code == "sync-not-offered"
    return finding


@pytest.mark.parametrize("version", ["2.7.18", "3.6.15", "3.8.18"])
def test_an_old_environment_can_be_installed_into_and_not_synced(
    make_record: Callable[..., Record], version: str
) -> None:
    finding = refused(make_record(base_version=version))
    assert version in finding.message
    assert finding.hint.startswith("`venvboot install --venv /opt/venv -r /app/a.txt -r /app/b.txt`")


def test_an_old_pip_is_given_what_it_can_read(make_record: Callable[..., Record]) -> None:
    finding = refused(make_record(base_version="3.8.18"), "/app/pylock.toml")
    assert "-r /app/pylock.toml" not in finding.hint
    assert finding.hint.startswith("`venvboot install --venv /opt/venv -r requirements.txt`")


def test_venvboot_legacy_stood_for_by_a_patched_answer_names_venvboot(
    make_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "is_legacy", lambda: True)
    finding = refused(make_record(base_version="3.11.2"))
    assert finding.hint == "`venvboot sync --venv /opt/venv /app/a.txt /app/b.txt`"
