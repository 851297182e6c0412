"""A program called python3 that never answers holds the launcher up for a time only, where the image has timeout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import List

import pytest

LIMIT = b"limit=20 "


@pytest.fixture
def patient(teller: str, tmp_path: Path) -> str:
    """The launcher with a limit of one second."""
    content = Path(teller).read_bytes()
    assert content.count(LIMIT) == 1
    made = tmp_path / "patient"
    made.write_bytes(content.replace(LIMIT, b"limit=01 "))
    made.chmod(0o755)
    return str(made)


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """A real interpreter that waits for ever while it starts: each imports encodings."""
    real, minor = Path(os.path.realpath(sys.executable)), "python{}.{}".format(*sys.version_info)
    program = tmp_path / "tree/bin/python3"
    library = tmp_path / "tree/lib" / minor
    for folder in (program.parent, library / "encodings"):
        folder.mkdir(parents=True)
    shutil.copy(real, program)
    for entry in Path(sysconfig.get_path("stdlib")).iterdir():
        if entry.name != "encodings":
            (library / entry.name).symlink_to(entry)
    (library / "encodings/__init__.py").write_text("import time\ntime.sleep(600)\n")
    try:
        subprocess.run([program, "-I", "-S", "-c", ""], timeout=1, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return program.parent
    pytest.skip("a copy of this Python doesn't look into its own tree")


@pytest.mark.skipif(not os.access("/usr/bin/timeout", os.X_OK), reason="there is no /usr/bin/timeout")
def test_one_that_never_answers_is_passed_over(patient: str, shell: List[str], hanging: Path) -> None:
    began = time.monotonic()
    command = [shutil.which(shell[0]) or "", *shell[1:], patient]
    env = {"PATH": f"{hanging}:/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert not done.stdout.startswith(str(hanging))
    assert time.monotonic() - began < 30
