# Run, before run_target.py, by an interpreter that pip shall resolve for, isolated, so that it sees nothing of what is
# installed there. Its one word of its own is the path of a pip wheel. Parses on Python 2.7 too.
import sys

sys.path[:] = [entry for entry in sys.path if entry]  # without -I (2.7) the working directory comes first

import sysconfig

sys.path.insert(0, sys.argv.pop(1))
# Below Python 3.10 pip imports distutils, which Debian 11 keeps in a package of its own. pip's switch for
# distributors makes it do without: https://github.com/pypa/pip/issues/10647
sysconfig._PIP_USE_SYSCONFIG = True  # type: ignore[attr-defined]

if sys.version_info[0] == 2:
    # The older resolver of that pip dies of constraints, and a pip.conf may name some.
    sys.argv += ["--use-feature", "2020-resolver"]
