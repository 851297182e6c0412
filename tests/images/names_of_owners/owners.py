"""Print which package owns the metadata of each distribution, by what the metadata and dpkg say themselves.

Runs in an image: `python3 owners.py [NAMES]`. NAMES, a file with the name of a project in each line, limits the
answer to those projects. tests/data/debian12-owners.json was made with the 165 most downloaded ones of PyPI.
"""

from __future__ import annotations

import glob
import json
import os
import re
import subprocess
import sys

PLACE = "/usr/lib/python3/dist-packages/*-info"


def project(path: str) -> str:
    """The normalised name that the metadata gives."""
    for name in ("METADATA", "PKG-INFO", ""):
        file = os.path.join(path, name) if name else path
        if os.path.isfile(file):
            with open(file, encoding="utf-8") as text:
                found = re.search(r"^Name: *(.+?) *$", text.read(), re.MULTILINE)
            return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""
    return ""


def main() -> None:
    """Ask dpkg for all at once: a process each would take a minute."""
    paths = glob.glob(PLACE)
    told = subprocess.run(["dpkg", "-S", *paths], capture_output=True, text=True, check=True).stdout
    wanted = None
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            wanted = set(file.read().split())
    owners = {}
    for line in told.splitlines():
        package, path = line.split(": ", 1)
        name = project(path)
        if name and (wanted is None or name in wanted):
            owners[name] = package.split(":")[0]
    json.dump(owners, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")


main()
