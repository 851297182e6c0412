"""Where no lock can be made, that is said before anything is started; and a failure names its way out."""

from __future__ import annotations

from typing import Callable

import pytest

from venvboot import toolchain
from venvboot.apply import lock_compile
from venvboot.errors import Unsupported
from venvboot.model import Record


def test_an_old_environment_gets_none(make_record: Callable[..., Record]) -> None:
    with pytest.raises(Unsupported) as caught:
        lock_compile.refuse_unsupported(make_record(base_version="3.8.18"), ["a.in"])
    (finding,) = caught.value.findings
    assert finding.code == "compile-not-offered"
    assert "3.8.18" in finding.message


def test_venvboot_legacy_stood_for_by_a_patched_answer_names_venvboot(
    make_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "is_legacy", lambda: True)
    with pytest.raises(Unsupported) as caught:
        lock_compile.refuse_unsupported(make_record(base_version="3.11.2"), ["a.in", "b.in"])
    (finding,) = caught.value.findings
    assert finding.hint == "`venvboot compile --venv /opt/venv a.in b.in`"
