"""Processes that are really started, in the ways that this machine has."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Callable

import pytest

from venvboot.check import starts
from venvboot.model import Record
from venvboot.policy import ways
from venvboot.system import System


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A folder whose python3 says that it is this folder's."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "python3"
    program.write_text(f"#!/bin/sh\necho {tmp_path}\n")
    program.chmod(0o755)
    (tmp_path / "bin" / "python").symlink_to(program)
    return tmp_path


def test_each_way_tells_which_python_it_gave(environment: Path, make_record: Callable[..., Record]) -> None:
    record = make_record(dest=str(environment), activations=())
    system = System(environ={"PATH": f"{environment}/bin:/usr/bin:/bin", "HOME": "/nonexistent"})
    found = {start.way.name: start for start in starts.try_all(system, record)}
    for name in ("exec form", "sh -c", *(["bash -c"] if shutil.which("bash") else [])):
        assert ways.state(found[name], record) == ways.REACHED, found[name]
    assert ways.state(found["cron, its own PATH"], record) == ways.UNREACHABLE
    assert len(found) == len(ways.WAYS)


def test_what_is_missing_here_is_not_tried(environment: Path, make_record: Callable[..., Record]) -> None:
    record = make_record(dest=str(environment))
    assert starts.try_all(System(environ={}), make_record(dest="/nonexistent")) == ()
    found = starts.try_all(System(environ={"PATH": "/usr/bin:/bin"}), record)
    for start in found:
        if start.way.needs and not shutil.which(start.way.needs):
            assert (start.tried, start.failure) == (False, f"there is no {start.way.needs}")
        if start.way.as_root and os.geteuid() != 0:
            assert not start.tried


def test_a_start_that_fails_is_told_with_its_last_line(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    program = tmp_path / "python3"
    program.write_text("#!/bin/sh\necho first >&2\necho last >&2\nexit 3\n")
    program.chmod(0o755)
    record = make_record(direct=True, base_path=sys.executable)  # one that does start
    found = starts.try_all(System(environ={"PATH": f"{tmp_path}:/bin"}), record)
    assert next(start for start in found if start.way.name == "exec form").failure == "last"


def test_of_an_unpacked_image_nothing_is_started(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    assert starts.try_all(System(root=str(tmp_path), environ={}), make_record()) == ()
