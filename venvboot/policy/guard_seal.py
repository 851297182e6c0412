"""The third layer of the guard: an ordinary file in place of the directory that an interpreter's pip installs into.

Every installer fails on it, whatever its age and options (guard.md 3.3, tried on Debian 11 to 13). The text says why
to whoever looks, and holds what an undo needs. Only root could have written it; it is read back as hostile input.
"""

from __future__ import annotations

import re
from typing import Mapping, Optional, Tuple

from venvboot.activation.template import SIGNATURE
from venvboot.model import Interpreter, Remembered

PURPOSE = "seal"

# Below it no link is followed: its folders may be writable for others, as Debian's are for the group staff.
TRUSTED = "/usr/local"
PREFIX = "/usr"

# Package manager -> where the pip of its Pythons installs. The others share site-packages with their pip.
PLACES: Mapping[str, Tuple[str, ...]] = {
    "dpkg": (f"{TRUSTED}/lib/{{}}/dist-packages",),
    "rpm": (f"{TRUSTED}/lib/{{}}/site-packages", f"{TRUSTED}/lib64/{{}}/site-packages"),
}

# Bits that no directory is given back with: setuid means nothing there, and everybody's write access is what the
# guard is against.
NEVER = 0o5002
LARGEST_ID = (1 << 32) - 2
DEEPEST = 3  # /usr/local/lib/python3.11 and above

_MEMORY = re.compile(
    r"^# Before: (?:a directory, mode ([0-7]{4}), owner ([0-9]{1,10}):([0-9]{1,10})"
    r"|nothing, and ([0-9]) of the folders above)\.\n",
    re.MULTILINE,
)


def places(one: Interpreter) -> Tuple[str, ...]:
    """Return the directories that the pip of ``one`` installs into and that can be sealed."""
    probe, owner = one.facts.probe, one.origin.owner
    if probe is None or owner is None or probe.base_prefix != PREFIX:
        return ()
    name = probe.stdlib.rpartition("/")[2]
    found = tuple(place.format(name) for place in PLACES.get(owner.manager, ()))
    # Fedora puts its folders on the path of CPython, and not in an isolated start: of that the probe tells nothing.
    return tuple(place for place in found if probe.implementation == "cpython" or place in probe.site_packages)


def text(path: str, before: Remembered) -> str:
    """Return what the seal at ``path`` says; its last line is what ``remembered`` reads."""
    memory = (
        f"nothing, and {before.made} of the folders above"
        if before.mode is None
        else f"a directory, mode {before.mode:04o}, owner {before.uid}:{before.gid}"
    )
    return (
        f"{SIGNATURE}\n"
        "#\n"
        f"# This file stands on purpose where pip and uv would make or fill the directory\n"
        f"# {path}\n"
        "# for the system's own Python: what is there hides what the package manager installed.\n"
        '# An installer ends here with "Not a directory".\n'
        "#\n"
        "# Make an environment, and install into it instead:\n"
        "#     venvboot init /opt/venv\n"
        "#     /opt/venv/bin/pip install NAME\n"
        "# To take this file and the rest of the guard away:\n"
        "#     venvboot guard --undo\n"
        "#\n"
        f"# Before: {memory}.\n"
    )


def remembered(path: str, found: str) -> Optional[Remembered]:
    """Return what the seal at ``path`` remembers, None for a text that isn't, to the letter, one of ours."""
    before = recalled(found)
    return before if before and text(path, before) == found else None


def recalled(found: str) -> Optional[Remembered]:
    """Return what a seal remembers that was edited elsewhere, None where it doesn't say that once and sensibly."""
    told = _MEMORY.findall(found)
    if len(told) != 1:
        return None
    mode, uid, gid, made = told[0]
    before = Remembered(made=int(made)) if made else Remembered(int(mode, 8), int(uid), int(gid))
    if before.made > DEEPEST or max(before.uid, before.gid) > LARGEST_ID or (before.mode or 0) & NEVER:
        return None
    return before
