# Run by an interpreter that pip shall resolve for, isolated, so that it sees nothing of what is installed there.
from __future__ import annotations

import json
import runpy
import sys

sys.path[:0] = json.loads(sys.argv.pop(1))
if sys.version_info < (3, 10):  # pip imports distutils, which Debian 11 keeps in a package of its own
    import _distutils_hack

    _distutils_hack.add_shim()

sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__")
