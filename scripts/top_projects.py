#!/usr/bin/env python3
"""Fetch the wheels of the projects in a list of tests/data, as Debian 12's Python would take them.

    python3 scripts/top_projects.py LIST FOLDER            # those that its lock names and that are not in FOLDER yet
    python3 scripts/top_projects.py --lock LIST FOLDER     # the newest of each, without dependencies, into a new lock

LIST is the name of the list, such as top-projects for top-projects.txt and top-projects.lock. A project without a
wheel, or with one above the limit of size, is named on stderr and left out of the lock; one of the top projects
belongs in tests/data/top-projects-reviewed.json, with the reason. A line of the list may ask for a version.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(ROOT, "tests", "data")
LIMIT = 64_000_000
HEAD = "# Made by scripts/top_projects.py: the newest wheel of each project for Debian 12's Python on x86-64.\n"
UNAVAILABLE = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)")

# pip takes wheels for this target whatever Python it runs on. The last number of the version counts: some projects
# ask for a later 3.11. An old pip knows only the tags that are named, so all of them are.
GLIBC = 36
TARGET = (
    "--python-version=3.11.2",
    "--implementation=cp",
    *(f"--abi={abi}" for abi in ("cp311", "abi3", "none")),
    *(f"--platform=manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)),
    *(f"--platform=manylinux{name}_x86_64" for name in ("2014", "2010", "1")),
)


def main() -> int:
    """Return 0, or 1 after saying why pip failed."""
    parser = argparse.ArgumentParser(description="Fetch the wheels of the top projects.")
    parser.add_argument("--lock", action="store_true", help="write the lock anew")
    parser.add_argument("list", help="the name of the list, without its folder and ending")
    parser.add_argument("folder", help="where the wheels are kept; other wheels in it are removed")
    given = parser.parse_args()
    os.makedirs(given.folder, exist_ok=True)
    stem = os.path.join(DATA, given.list)
    return lock(stem, given.folder) if given.lock else fetch(stem, given.folder)


def lock(stem: str, folder: str) -> int:
    """Write the lock and say what is not in it."""
    with open(f"{stem}.txt", encoding="utf-8") as file:
        names = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    remove(folder, present(folder))
    while True:
        done = download(folder, *names)
        if done.returncode == 0:
            break
        missing = UNAVAILABLE.search(done.stderr)
        if missing is None or missing[1] not in names:
            print(done.stderr, file=sys.stderr)
            return 1
        print(f"no wheel: {missing[1]}", file=sys.stderr)
        names.remove(missing[1])
    lines = []
    for digest, wheel in present(folder).items():
        name, version = wheel.split("-")[:2]
        project = re.sub(r"[-_.]+", "-", name).lower()
        size = os.path.getsize(os.path.join(folder, wheel))
        if size > LIMIT:
            print(f"too large: {project} {version}, {size} bytes", file=sys.stderr)
            remove(folder, {digest: wheel})
        else:
            lines.append(f"{project}=={version} --hash=sha256:{digest}\n")
    with open(f"{stem}.lock", "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(sorted(lines)))
    return 0


def fetch(stem: str, folder: str) -> int:
    """Bring the folder to what the lock says. No index is asked for a wheel that is there."""
    with open(f"{stem}.lock", encoding="utf-8") as file:
        lines = {line.strip().rpartition(":")[2]: line for line in file if not line.startswith("#")}
    there = present(folder)
    remove(folder, {digest: wheel for digest, wheel in there.items() if digest not in lines})
    missing = [line for digest, line in lines.items() if digest not in there]
    if not missing:
        return 0
    requirements = os.path.join(folder, "missing.txt")
    with open(requirements, "w", encoding="utf-8") as file:
        file.writelines(missing)
    done = download(folder, "--require-hashes", "--requirement", requirements)
    os.remove(requirements)
    sys.stderr.write(done.stderr)
    return done.returncode


def present(folder: str) -> dict[str, str]:
    """The wheels of the folder by their digest."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".whl"):
            with open(os.path.join(folder, name), "rb") as wheel:
                found[hashlib.sha256(wheel.read()).hexdigest()] = name
    return found


def remove(folder: str, wheels: dict[str, str]) -> None:
    """Remove wheels from the folder."""
    for name in wheels.values():
        os.remove(os.path.join(folder, name))


def download(folder: str, *what: str) -> subprocess.CompletedProcess[str]:
    """Have pip put a wheel of each project into the folder."""
    command = [sys.executable, "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--only-binary=:all:", *TARGET, f"--dest={folder}", *what]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
