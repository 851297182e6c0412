"""What a sync that has nothing to do takes, and leaves."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.apply import real
from venvboot.activation import wrappers
from venvboot.commands import Context, settle, sync
from venvboot.model import Record
from venvboot.report import Reporter
from venvboot.system import System

ROOT = Path(__file__).parents[3]


def test_what_writes_an_sbom_is_imported_only_for_one() -> None:
    program = "import sys, venvboot.commands.sync; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-B", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "venvboot.commands.sync" in modules
    assert {name for name in modules if "sbom" in name or name in {"uuid", "venvboot.policy.purl"}} == set()


def test_wrappers_that_an_unchanged_sync_writes_bear_the_time_of_the_build(
    tmp_path: Path, make_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written stands for what is in /usr/local/bin, which is this machine's."""
    monkeypatch.setattr(wrappers, "FOLDER", str(tmp_path / "bin"))
    home = real.environment(tmp_path / "venv", make_record(activations=("wrappers",)))
    home.file(str(home.dest / "bin/demo"), "#!python\n")
    (home.dest / "bin/demo").chmod(0o755)
    (tmp_path / "bin").mkdir()
    context = Context(System(environ={"SOURCE_DATE_EPOCH": "1000000000"}), Reporter(-1))
    began = time.time()
    settle(context.system, began, sync._unchanged(context, home.record))
    written = tmp_path / "bin/demo"
    assert int(written.stat().st_mtime) == 1000000000
    assert int(written.parent.stat().st_mtime) == 1000000000
