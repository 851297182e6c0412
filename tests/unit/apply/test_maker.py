"""virtualenv makes an environment in a process of its own, which gets ready ahead where that is of use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from venvboot import forks, temporary
from venvboot.apply import maker
from venvboot.apply.environment import OPTIONS, clean_environment
from venvboot.apply.maker import NotMade, Order
from venvboot.errors import NotWritten
from venvboot.system import System


def order(dest: Path, folder: str, python: str = sys.executable) -> Order:
    return Order([str(dest), "--python", python, *OPTIONS], clean_environment(os.environ, f"{folder}/app-data"))


def test_an_environment_is_made_and_nothing_of_virtualenv_stays_here(tmp_path: Path) -> None:
    before = set(sys.modules), list(sys.path), os.umask(0o077)
    try:
        with maker.prepared(System()) as ready:
            site_packages = tmp_path / "venv" / ready.make(order(tmp_path / "venv", ready.folder))
        assert not Path(ready.folder).exists()
    finally:
        mask = os.umask(before[2])
    assert (site_packages / "pip/__init__.py").exists()
    assert not any(name.startswith("virtualenv") for name in set(sys.modules) - before[0])
    assert (sys.path, mask) == (before[1], 0o077)
    assert (tmp_path / "venv/bin").stat().st_mode & 0o777 == 0o775
    assert "command" not in (tmp_path / "venv/pyvenv.cfg").read_text()


def test_why_it_was_not_made_is_told_with_its_traceback(tmp_path: Path) -> None:
    with maker.prepared(System()) as ready, pytest.raises(NotMade) as caught:
        ready.make(order(tmp_path / "venv", ready.folder, python="/no/such/python"))
    assert "/no/such/python" in caught.value.told
    assert len(caught.value.told.splitlines()) == 1
    assert str(caught.value).startswith("Traceback")


@pytest.mark.parametrize(("is_likely", "cores", "is_ready"), [(True, 2, True), (False, 2, False), (True, 1, False)])
def test_it_gets_ready_ahead_where_it_is_of_use_and_a_processor_is_free(
    is_likely: bool,  # a parameter
    cores: int,
    is_ready: bool,  # a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forks, "cores", lambda: cores)
    with maker.ahead(System(), is_likely=is_likely) as ready:
        assert (ready is not None) == is_ready


def test_where_it_can_not_get_ready_it_is_told_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise PermissionError

    monkeypatch.setattr(forks, "cores", lambda: 2)
    monkeypatch.setattr(temporary, "private", none)
    with maker.ahead(System(), is_likely=True) as ready:
        assert ready is None
    with pytest.raises(NotWritten), maker.prepared(System()):
        pass
