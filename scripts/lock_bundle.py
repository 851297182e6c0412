#!/usr/bin/env python3
"""Lock the libraries that each one file carries, one lock for each range of Python versions that runs it.

Each range is resolved by a real interpreter of its oldest version: pip evaluates environment markers for the Python
it runs on, whatever ``--python-version`` says, so another one silently resolves to other versions.

    python3 scripts/lock_bundle.py [--python PATH]... [--only venvboot-legacy]

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
from dataclasses import dataclass
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass(frozen=True)
class Bundle:
    """What one of the files carries: ``virtualenv`` with all it requires, and ``names`` out of ``others``'.

    ``ranges`` are the oldest versions of the ranges that need a lock each; the locks stand in ``folder``.
    """

    folder: str
    ranges: tuple[tuple[int, int], ...]
    virtualenv: str
    others: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


BUNDLES = {
    # filelock, platformdirs and click ask for other versions in each range. The names are what
    # pip-tools and its pip-compile import; pip is taken from virtualenv's seed wheels, and the build of a project is
    # given its setuptools by pip.
    "venvboot": Bundle(
        os.path.join(HERE, "bundle"),
        ((3, 9), (3, 10), (3, 11)),
        "virtualenv==21.15.8",
        ("pip-tools==7.6.2", "installer"),
        ("pip-tools", "installer", "click", "build", "pyproject-hooks", "tomli", "importlib-metadata", "zipp"),
    ),
    # The last virtualenv for Python 2.7 and 3.6. What it requires for 3.9 runs on every later version as well.
    "venvboot-legacy": Bundle(os.path.join(HERE, "bundle", "legacy"), ((3, 9),), "virtualenv==20.21.1"),
}
PURE = ("--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none")


class Failed(Exception):
    """The locks can't be made; the message says why."""


def main() -> int:
    """Write the locks of all bundles, or of one. Returns 0, or 1 after saying on stderr what is missing."""
    parser = argparse.ArgumentParser(description="Lock the libraries that each one file carries.")
    parser.add_argument(
        "--python", action="append", default=[], metavar="PATH", help="an interpreter to resolve with"
    )
    parser.add_argument("--only", choices=list(BUNDLES), help="lock the libraries of this file only")
    given = parser.parse_args()
    pythons = given.python or candidates()
    try:
        for name in [given.only] if given.only else BUNDLES:
            write(BUNDLES[name], pythons)
    except Failed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def write(bundle: Bundle, pythons: list[str]) -> None:
    """Write the locks of one bundle, all or none. Raises Failed when one can't be made."""
    chosen = {oldest: interpreter(oldest, pythons) for oldest in bundle.ranges}
    locks = {oldest: lock(bundle, python) for oldest, python in chosen.items()}
    os.makedirs(bundle.folder, exist_ok=True)
    for oldest, text in locks.items():
        path = os.path.join(bundle.folder, "py{}{}.txt".format(*oldest))
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        print(f"{path}: {text.count('==')} wheels, resolved with {chosen[oldest]}", file=sys.stderr)


def candidates() -> list[str]:
    """Return the paths of Python 3 interpreters on PATH and in pyenv's versions; shims come last."""
    versions = sorted({oldest for bundle in BUNDLES.values() for oldest in bundle.ranges})
    names = ["python3"] + ["python{}.{}".format(*version) for version in versions]
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


def lock(bundle: Bundle, python: str) -> str:
    """Return the lock for the version of ``python``: exact versions, and the digest of one pure wheel each."""
    everything = resolve(python, bundle.virtualenv, *bundle.others)
    wanted = {*resolve(python, bundle.virtualenv), *bundle.names}
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
