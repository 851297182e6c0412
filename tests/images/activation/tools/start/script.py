"""A Python script as the start that is looked at: its own Python, and what the commands it starts get.

The answer goes to the file that is named, or to stdout.
"""

from __future__ import annotations

import json
import subprocess
import sys

line = subprocess.check_output(["/start/argv"]).decode()
told = json.loads(line.split("VBPROBE ", 1)[1])
told["python"] = told["python3"] = sys.prefix
answer = "VBPROBE " + json.dumps(told)
if len(sys.argv) > 1:
    with open(sys.argv[1], "w") as file:
        file.write(answer)
else:
    print(answer)
