"""What of a sync did not become as its lock says."""

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
from venvboot.model import Changes, Record
from venvboot.report import Reporter
from venvboot.system import System

ROOT = Path(__file__).parents[3]


def test_what_is_not_as_it_should_be_is_named() -> None:
    made = Changes(
        add={"new": "1", "not-new": "1"},
        remove={"gone": "1", "not-gone": "1"},
        change={
            "changed": ("1", "2"),
            "not-changed": ("1", "2"),
            "from-an-address": ("1", ""),
            "spelled": ("1", "2.0"),
        },
    )
    after = {"new": "1", "not-gone": "1", "changed": "2", "not-changed": "1", "from-an-address": "1", "spelled": "2"}
    assert sync._missed(made, after) == ("not-new", "not-changed", "not-gone")


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
