"""What the group's access asks of a directory and of a file, and what a repair of it would copy."""

from __future__ import annotations

import posixpath
from typing import Optional, Sequence

from venvboot.model import Entry

# Into a directory with these the group can install, and what is made there is the group's again.
DIRECTORY = 0o2070
FILE = 0o060
EXECUTABLE_BY_OWNER, EXECUTABLE_BY_GROUP = 0o100, 0o010
EVERYBODY_WRITES = 0o002
EXECUTABLE_BY_OTHERS = 0o011
EVERYBODY_READS = 0o444
EVERYBODY_SEARCHES = 0o555
OTHERS_WRITE = 0o022
OWNER_WRITES = 0o755  # and all may search; no bit by which what is made there is the group's
SPECIAL = 0o6000

# The whole system's, whatever a database says (hier(7)); below most of them an application may have its own folder.
TOP = "bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var"
SYSTEM = ("/", *(f"/{name}" for name in TOP.split()))
CLOSED = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr")
DATABASES = ("apt", "dpkg", "rpm", "apk", "pacman", "portage", "xbps")
CLOSED_STATE = (
    *(f"/var/lib/{name}" for name in DATABASES),
    *(f"/var/cache/{name}" for name in (*DATABASES, "debconf")),
    "/var/db",
    "/var/log",
)
OWN_PLACES = ("/usr/local",)

# uv's own, empty and for everybody: each user who installs locks it.
UV_LOCK = ".lock"

# What a sync prepares, closed to the group: nobody else may put anything there.
STAGE = ".venvboot-sync"


def wanted_mode(mode: int, *, directory: bool) -> int:
    """Return the octal permission bits that a directory or a file with ``mode`` should have."""
    if directory:
        return (mode | DIRECTORY) & ~EVERYBODY_WRITES
    if mode & SPECIAL:
        return mode & ~EVERYBODY_WRITES
    run = EXECUTABLE_BY_GROUP if mode & EXECUTABLE_BY_OWNER else 0
    return (mode | FILE | run) & ~EVERYBODY_WRITES


def is_right(gid: int, mode: int, group: int, *, directory: bool) -> bool:
    """Tell whether nothing is to be changed. A set-user-ID or set-group-ID program is never touched."""
    if not directory and mode & SPECIAL:
        return not mode & EVERYBODY_WRITES
    return gid == group and wanted_mode(mode, directory=directory) == mode


def sealed_mode(mode: int, *, directory: bool) -> int:
    """Return the octal permission bits of what nobody but its owner writes, and everybody reads."""
    if directory:
        return (mode | EVERYBODY_SEARCHES) & OWNER_WRITES
    if mode & SPECIAL:
        return mode & ~OTHERS_WRITE
    run = EXECUTABLE_BY_OTHERS if mode & EXECUTABLE_BY_OWNER else 0
    return (mode | EVERYBODY_READS | run) & ~OTHERS_WRITE


def is_sealed(uid: int, mode: int, owner: int, *, directory: bool) -> bool:
    """Tell whether nothing of a sealed environment of ``owner`` is to be changed there."""
    return uid == owner and sealed_mode(mode, directory=directory) == mode


def is_uv_lock(path: str, size: int) -> bool:
    return posixpath.basename(path) == UV_LOCK and size == 0


def is_stage(path: str) -> bool:
    """Tell whether ``path`` is the folder in which a sync prepares what it installs, or below one."""
    return f"/{STAGE}/" in f"{path}/"


def copied(entries: Sequence[Entry]) -> int:
    """Return how many bytes an overlay copies up when the entries are changed; directories hold none."""
    return sum(entry.size for entry in entries if not entry.directory)


def why_refused(path: str, owner: str) -> Optional[str]:
    """Return why the tree at ``path`` is not to be shared, None when it may be; ``owner`` is a package or empty."""
    own = path.startswith(tuple(f"{place}/" for place in OWN_PLACES))
    if path in SYSTEM or (path.startswith(tuple(f"{place}/" for place in CLOSED)) and not own):
        return "it is the system's"
    if any(f"{path}/".startswith(f"{place}/") for place in CLOSED_STATE):
        return "it is a package manager's, or the system's log"
    return f"it belongs to {owner}" if owner else None
