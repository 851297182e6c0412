"""The one file as tests call it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Tuple

# A test machine is nobody's image: its own Python and shells are left alone.
HARMLESS = ("--no-guard", "--no-activate", "all")


@dataclass(frozen=True)
class Tool:
    """The one file with an environment variable set of its own, in a working folder."""

    bundle: str
    folder: Path
    environ: Dict[str, str]

    def __call__(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environ = {**self.environ, **variables}
        return subprocess.run(
            [self.bundle, *words], env=environ, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def json(self, *words: str, code: int = 0, **variables: str) -> Dict[str, Any]:
        done = self(*words, "--json", **variables)
        assert done.returncode == code, done.stdout + done.stderr
        told: Dict[str, Any] = json.loads(done.stdout)
        assert told["schema"] == "venvboot/1"
        assert told["command"] == words[0]
        return told


@dataclass(frozen=True)
class Wheels:
    folder: Path
    digests: Dict[str, str]

    def lock(self, path: Path, *pins: str) -> Path:
        path.write_text("".join(f"{pin} --hash=sha256:{self.digests[pin]}\n" for pin in pins))
        return path


def snapshot(folder: Path) -> Dict[str, Tuple[int, int, int, int]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        found[str(path)] = (info.st_mode, info.st_mtime_ns, info.st_ctime_ns, info.st_size)
    return found


def codes(told: Dict[str, Any]) -> List[str]:
    return [finding["code"] for finding in told["findings"]]


def site(venv: Path) -> Path:
    (found,) = venv.glob("lib/python3*/site-packages")
    return found
