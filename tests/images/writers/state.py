"""Run in the image by the environment's Python: is the environment whole after somebody has written into it?

`state.py NAME==VERSION...` prints a line for each fault and exits 1 if there is one. The arguments are all that
`pip list` may show. `state.py --remember` keeps which files belong to no distribution before anything is installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions

PACKAGES = sysconfig.get_path("purelib")
REMEMBERED = "/srv/remembered.json"
# uv leaves its lock there for good.
LOCK = os.path.join(sys.prefix, ".lock")


def main(words: list[str]) -> int:
    if words == ["--remember"]:
        with open(REMEMBERED, "w", encoding="utf-8") as file:
            json.dump(sorted(present() - owned()), file)
        return 0
    found = [*faults_of_directories(), *faults_of_files(), *faults_of_pip(words)]
    for line in found:
        print(line)
    return int(bool(found))


def faults_of_directories() -> list[str]:
    found = []
    for folder, _, _ in os.walk(sys.prefix):
        info = os.lstat(folder)
        if info.st_mode & 0o2070 != 0o2070 or info.st_gid != 0:
            found.append(f"not shared: {folder} {info.st_mode & 0o7777:o} {info.st_uid}:{info.st_gid}")
    return found


def faults_of_files() -> list[str]:
    with open(REMEMBERED, encoding="utf-8") as file:
        remembered = {*json.load(file), LOCK}
    listed = owned()
    there = present()
    # virtualenv lists the folders of compiled files, which may not be there yet.
    missing = sorted(path for path in listed - there if not path.endswith((".pyc", "__pycache__")))
    left = sorted(path for path in there - listed - remembered if not compiled_from(path) & listed)
    return [*(f"missing: {path}" for path in missing), *(f"left behind: {path}" for path in left)]


def faults_of_pip(expected: list[str]) -> list[str]:
    listing = [sys.executable, "-m", "pip", "list", "--format=freeze"]
    checking = [sys.executable, "-m", "pip", "check"]
    # Not every user of these tests has a home for a cache, and pip's warning about that is no fault.
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1"}
    processes = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        for words in (listing, checking)
    ]
    (listed, _), (checked, _) = (process.communicate() for process in processes)
    found = []
    if processes[0].returncode != 0 or sorted(listed.split()) != sorted(expected):
        found.append(f"pip list: {listed!r}, expected {sorted(expected)}")
    if processes[1].returncode != 0 or checked != "No broken requirements found.\n":
        found.append(f"pip check: {processes[1].returncode} {checked!r}")
    return found


def present() -> set[str]:
    """Every file of the environment, and the folders that pip renames aside and could not remove."""
    paths: set[str] = set()
    for folder, folders, names in os.walk(sys.prefix):
        paths.update(os.path.join(folder, name) for name in [*names, *folders] if name.startswith("~"))
        paths.update(os.path.join(folder, name) for name in names)
    return paths


def owned() -> set[str]:
    """Every file that a distribution lists as its own."""
    found: set[str] = set()
    for distribution in distributions(path=[PACKAGES]):
        found.update(os.path.normpath(str(distribution.locate_file(path))) for path in distribution.files or [])
    return found


def compiled_from(path: str) -> set[str]:
    """The source of a compiled file, which another Python than pip's may have written."""
    folder, name = os.path.split(path)
    if os.path.basename(folder) != "__pycache__" or not name.endswith(".pyc"):
        return set()
    return {os.path.join(os.path.dirname(folder), name.partition(".")[0] + ".py")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
