# The last part of each program that venvboot asks: prints what it found, and which modules of the libraries that took.
import json
import sys

if False:
    from typing import Any

    given = {}  # type: dict[str, Any]
    told = {}  # type: dict[str, Any]

places = tuple(path + "/" for path in given["libraries"])
files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
imported = sorted(name for name, file in files.items() if file and file.startswith(places))
sys.stdout.write(json.dumps(dict(told, imported=imported)))
