#!/usr/bin/env python3
"""Lock the libraries that the one file carries, one lock for each range of Python versions.

Each range is resolved by a real interpreter of its oldest version: pip evaluates environment markers for the Python
it runs on, whatever ``--python-version`` says, so another one silently resolves to other versions.

    python3 scripts/lock_bundle.py [--python PATH]...

Interpreters are looked for on PATH and in $PYENV_ROOT/versions; each needs pip 22.3 or later.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
LOCKS = os.path.join(HERE, "bundle")
# The oldest version of each range; filelock, platformdirs and click ask for other versions in each.
RANGES = ((3, 9), (3, 10), (3, 11))
VIRTUALENV = "virtualenv==21.15.8"
PIP_TOOLS = "pip-tools==7.6.2"
# What piptools.sync imports. The rest of pip-tools' requirements is for building and for its own command lines;
# pip is taken from virtualenv's seed wheels.
PIP_TOOLS_IMPORTS = ("click", "tomli")
PURE = ("--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none")


class Failed(Exception):
    """The locks can't be made; the message says why."""


def main() -> int:
    """Write one lock per range. Returns 0, or 1 after saying on stderr what is missing."""
    parser = argparse.ArgumentParser(description="Lock the libraries that the one file carries.")
    parser.add_argument(
        "--python", action="append", default=[], metavar="PATH", help="an interpreter to resolve with"
    )
    pythons = parser.parse_args().python or candidates()
    try:
        chosen = {oldest: interpreter(oldest, pythons) for oldest in RANGES}
        locks = {oldest: lock(python) for oldest, python in chosen.items()}
    except Failed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    os.makedirs(LOCKS, exist_ok=True)
    for oldest, text in locks.items():
        path = os.path.join(LOCKS, "py{}{}.txt".format(*oldest))
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        print(f"{path}: {text.count('==')} wheels, resolved with {chosen[oldest]}", file=sys.stderr)
    return 0


def candidates() -> list[str]:
    """Return the paths of Python 3 interpreters on PATH and in pyenv's versions; shims come last."""
    names = ["python3"] + ["python{}.{}".format(*version) for version in RANGES]
    on_path = [path for path in map(shutil.which, names) if path]
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    return sorted(glob.glob(os.path.join(glob.escape(root), "versions", "*", "bin", "python3"))) + on_path


def interpreter(version: tuple[int, int], pythons: list[str]) -> str:
    """Return the first of ``pythons`` that is exactly ``version``. Raises Failed when none is."""
    for python in pythons:
        code = "import sys; print(sys.version_info[:2] == {})".format(version)  # noqa: UP032  # braces mean nothing here
        try:
            answer = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if answer.stdout.strip() == "True":
            return python
    raise Failed("no Python {}.{} found; give its path with --python".format(*version))


def lock(python: str) -> str:
    """Return the lock for the version of ``python``: exact versions, and the digest of one pure wheel each."""
    everything = resolve(python, VIRTUALENV, PIP_TOOLS)
    wanted = set(resolve(python, VIRTUALENV)) | {PIP_TOOLS.partition("==")[0], *PIP_TOOLS_IMPORTS}
    lines = [
        f"{name}=={version} \\\n    --hash=sha256:{digest}\n"
        for name, (version, digest) in sorted(everything.items())
        if name in wanted
    ]
    return "# Written by scripts/lock_bundle.py.\n" + "".join(lines)


def resolve(python: str, *requirements: str) -> dict[str, tuple[str, str]]:
    """Return {canonical name: (version, sha256)} of what pip would install, pure wheels only."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--dry-run"]
        command += ["--ignore-installed", "--target", os.path.join(folder, "target"), "--report", report, *PURE]
        done = subprocess.run([*command, *requirements], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"{python} -m pip could not resolve {', '.join(requirements)}:\n{done.stderr}")
        with open(report, encoding="utf-8") as file:
            items: list[dict[str, Any]] = json.load(file)["install"]
    return {
        canonical(item["metadata"]["name"]): (
            item["metadata"]["version"],
            item["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for item in items
    }


def canonical(name: str) -> str:
    """Return a distribution's name as PEP 503 normalises it."""
    return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)


if __name__ == "__main__":
    sys.exit(main())
