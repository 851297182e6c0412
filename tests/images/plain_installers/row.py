"""Run a command in the guarded image and tell, as one JSON object, what became of it and of the distro's files.

`python3 -ISB row.py [COMMAND]`; without a command it tells only of the files. A refused command is run a second time
with the guard taken away: if it isn't done then either, the first refusal was none of the guard's.
"""

from __future__ import annotations

import glob
import json
import os
import subprocess
import sys


def run(*command: str) -> tuple[int, str]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def verify() -> str:
    """What the package manager says of the files it owns."""
    for command in (["dpkg", "--verify"], ["rpm", "--verify", "--all"], ["pacman", "-Qkk", "--quiet"]):
        if os.path.exists(f"/usr/bin/{command[0]}"):
            return run(*command)[1]
    return ""


def main() -> None:
    if len(sys.argv) == 1:
        json.dump({"verify": verify()}, sys.stdout)
        return
    command = ["sh", "-c", sys.argv[1]]
    status, said = run(*command)
    told = {"status": status, "said": said, "verify": verify()}
    # As a derived image would: without the variables of the command.
    checked = subprocess.run(
        ["venvboot", "check", "--only", "guard", "--json"], capture_output=True, text=True, check=False
    )
    told["check"], told["findings"] = checked.returncode, json.loads(checked.stdout or "{}").get("findings")
    told["log"] = checked.stderr
    if status:
        told["undo"] = run("venvboot", "guard", "--undo")
        for marker in glob.glob("/usr/lib*/python3*/EXTERNALLY-MANAGED"):
            os.remove(marker)
        told["without"] = run(*command)
    json.dump(told, sys.stdout)


main()
