"""An environment with a lock that would change it, for syncs that have to fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Tuple

import pytest

from tests.integration.tool import HARMLESS, Tool, Wheels
from tests.integration.trees import exact


@dataclass
class Synced:
    """An environment with demo 1.0, and a lock that would change it and bring something beside that."""

    tool: Tool
    venv: Path
    house: Path
    wheels: Wheels

    @property
    def cache(self) -> Path:
        return self.tool.folder / "cache"

    @property
    def temporary(self) -> Path:
        return Path(self.tool.environ["TMPDIR"])

    def lock(self, *pins: Tuple[str, str]) -> None:
        """Write the lock: demo 2.0 and ``pins`` with their digests."""
        lines = [("demo==2.0", self.wheels.digests["demo==2.0"]), *pins]
        text = "".join(f"{pin} --hash=sha256:{digest}\n" for pin, digest in lines)
        (self.tool.folder / "requirements.txt").write_text(text)

    def __call__(self, *more: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environ = {"PIP_FIND_LINKS": f"{self.house} {self.wheels.folder}", **variables}
        return self.tool("sync", "--venv", str(self.venv), "--cache", str(self.cache), "--json", *more, **environ)

    def fails(self, code: int, *more: str, **variables: str) -> Dict[str, Any]:
        """Sync what has to fail, and prove that all is told, and nothing changed."""
        before = (exact(self.venv), exact(self.cache), set(self.temporary.iterdir()))
        done = self(*more, **variables)
        assert done.returncode == code, done.stdout + done.stderr
        after = (exact(self.venv), exact(self.cache), set(self.temporary.iterdir()))
        for was, now in zip(before, after):
            assert now == was
        return self.told(done)

    def told(self, done: subprocess.CompletedProcess[str]) -> Dict[str, Any]:
        assert "Traceback" not in done.stderr
        told: Dict[str, Any] = json.loads(done.stdout)
        errors = [finding for finding in told["findings"] if finding["severity"] == "error"]
        assert errors
        for error in errors:
            assert all(error[word] for word in ("code", "message", "evidence", "hint")), error
            assert "Error" not in error["evidence"].split(":", maxsplit=1)[0], f"a traceback's last line: {error}"
        return told


@pytest.fixture(scope="module")
def prepared(bundle: str, one_python: str, wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Synced:
    """One that the tests share; each gets it as it was."""
    folder = tmp_path_factory.mktemp("prepared")
    for name in ("tmp", "house", "cache"):
        (folder / name).mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"), "PIP_NO_INDEX": "1"}
    found = Synced(Tool(bundle, folder, environ), folder / "venv", folder / "house", wheels)
    done = found.tool("init", str(found.venv), "--python", one_python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    wheels.lock(folder / "requirements.txt", "demo==1.0")
    done = found()
    assert done.returncode == 0, done.stderr
    for path in (found.venv, found.cache):
        subprocess.run(["cp", "-a", str(path), f"{path}-as-it-was"], check=True)
    return found


@pytest.fixture
def synced(prepared: Synced) -> Synced:
    for path in (prepared.venv, prepared.cache):
        shutil.rmtree(path)
        subprocess.run(["cp", "-a", f"{path}-as-it-was", str(path)], check=True)
    shutil.rmtree(prepared.house)
    prepared.house.mkdir()
    return prepared
