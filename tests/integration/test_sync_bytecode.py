"""How bytecode tells that its source was changed, in all forms that sync writes."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Tuple

import pytest

from tests.integration.tool import Tool, Wheels, site


@pytest.mark.parametrize(
    ("form", "seen"),
    [("timestamp", "9.9"), ("checked-hash", "9.9"), ("none", "9.9"), ("unchecked-hash", "1.0")],
)
@pytest.mark.parametrize("cached", [False, True])
def test_a_module_that_is_changed_afterwards_takes_effect_unless_nobody_looks(
    tool: Tool, one: Path, wheels: Wheels, form: str, seen: str, *, cached: bool
) -> None:
    wheels.lock(tool.folder / "requirements.txt", "demo==1.0", "other==1.0")
    words = ["sync", "--venv", str(one), *(["--cache", str(tool.folder / "cache")] if cached else [])]
    if cached:  # its code is kept without what tells of changes, and serves every form
        assert tool(*words).returncode == 0
        subprocess.run([one / "bin/pip", "uninstall", "--yes", "--quiet", "demo", "other"], check=True)
    done = tool(*words, "--bytecode", form)
    assert done.returncode == 0, done.stderr
    if cached:
        assert "from the cache" in done.stderr
    module = site(one) / "demo.py"
    compiled = list((site(one) / "__pycache__").glob("demo.*.pyc"))
    assert len(compiled) == (form != "none")
    show = [str(one / "bin/python"), "-B", "-c", "import demo; print(demo.VERSION)"]
    assert subprocess.check_output(show, text=True) == "1.0\n"
    # Of the same length, and at once: only by the time, or by the content, can it be told.
    subprocess.run(["sed", "-i", "s/1.0/9.9/", str(module)], check=True)
    assert subprocess.check_output(show, text=True) == f"{seen}\n"


def test_bytecode_of_one_form_takes_the_place_of_another(tool: Tool, one: Path, wheels: Wheels) -> None:
    """That an environment has modules compiled in one form doesn't keep the next sync from using another."""
    forms: Tuple[Tuple[str, int], ...] = (("checked-hash", 3), ("unchecked-hash", 1), ("timestamp", 0))
    for pin, (form, flags) in zip(("demo==1.0", "demo==2.0", "demo==1.0"), forms):
        wheels.lock(tool.folder / "requirements.txt", pin)
        assert tool("sync", "--venv", str(one), "--bytecode", form).returncode == 0
        (compiled,) = (site(one) / "__pycache__").glob("demo.*.pyc")
        assert int.from_bytes(compiled.read_bytes()[4:8], "little") == flags
