"""Change a CPython as Fedora does: outside an environment and a package's build, pip installs into /usr/local.

`fedora.py STANDARD-LIBRARY`; https://fedoraproject.org/wiki/Changes/Making_sudo_pip_safe says what it does.
"""

from __future__ import annotations

import os
import sys

CONDITION = "if sys.prefix == sys.base_prefix and 'RPM_BUILD_ROOT' not in os.environ:"
# A line of a file, and what goes after it.
CHANGES = {
    "site.py": (
        '    _trace("Processing global site-packages")',
        "    if ENABLE_USER_SITE and 'RPM_BUILD_ROOT' not in os.environ:",
        "        PREFIXES.insert(0, '/usr/local')",
    ),
    "sysconfig.py": (
        "        _CONFIG_VARS['platbase'] = _EXEC_PREFIX",
        f"        {CONDITION}",
        "            _CONFIG_VARS['base'] = _CONFIG_VARS['platbase'] = _PREFIX + '/local'",
    ),
    "distutils/command/install.py": (
        "                self.exec_prefix = os.path.normpath(sys.exec_prefix)",
        f"                {CONDITION}",
        "                    self.prefix = self.exec_prefix = self.prefix + '/local'",
    ),
}

for name, lines in CHANGES.items():
    path = os.path.join(sys.argv[1], name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(f"{lines[0]}\n") != 1:
        sys.exit(f"{path} is another one than expected")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(f"{lines[0]}\n", "".join(f"{line}\n" for line in lines)))
