# Run by an interpreter that pip shall resolve for, isolated, so that it sees nothing of what is installed there.
from __future__ import annotations

import json
import runpy
import sys
import sysconfig

sys.path[:0] = json.loads(sys.argv.pop(1))
# Below Python 3.10 pip imports distutils, which Debian 11 keeps in a package of its own. pip's switch for
# distributors makes it do without: https://github.com/pypa/pip/issues/10647
sysconfig._PIP_USE_SYSCONFIG = True  # type: ignore[attr-defined]

sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__")
