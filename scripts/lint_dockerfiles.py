#!/usr/bin/env python3
"""Lint what readers copy with hadolint: the examples, README.md's Dockerfiles, and what `onbuild` and `env` print.

The rules that are set aside stand in hadolint.yaml beside this, each with its reason.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```dockerfile\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BASE = "FROM debian:12-slim\n"


def whole(text: str) -> str:
    """Give lines that continue somebody's Dockerfile a FROM, so that they are one themselves."""
    return text if re.search(r"^FROM ", text, re.MULTILINE) else BASE + text


def of_manual(text: str) -> Iterator[tuple[str, str]]:
    """Each Dockerfile of the manual under a name that tells its place."""
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield f"README.md-from-line-{line}", whole(found.group(1))


def collected(root: Path) -> dict[str, str]:
    """Every Dockerfile to lint, by a name that tells where it stands."""
    found = dict(of_manual((root / "README.md").read_text(encoding="utf-8")))
    if not found:
        raise SystemExit("README.md has no Dockerfile: has the fence another name?")
    paths = [*(root / "examples").rglob("*Dockerfile"), *(root / "tests/data/golden").glob("*.Dockerfile")]
    for path in sorted(paths):
        found[str(path.relative_to(root))] = whole(path.read_text(encoding="utf-8"))
    return found


def lint(dockerfiles: dict[str, str], hadolint: str) -> int:
    """Give hadolint's status for all of them; it prints what it finds under their names."""
    with tempfile.TemporaryDirectory(prefix="venvboot-lint-") as folder:
        for name, text in dockerfiles.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        command = [hadolint, f"--config={ROOT / 'scripts/hadolint.yaml'}", "--no-color", *dockerfiles]
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(lint(collected(ROOT), str(Path(sys.executable).with_name("hadolint"))))
