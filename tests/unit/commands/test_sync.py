"""What of a sync did not become as its lock says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from venvboot.commands import sync
from venvboot.model import Changes

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
