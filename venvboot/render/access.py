"""What a repair of the group's access changes, printed."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from venvboot.model import Access, Entry
from venvboot.policy import access
from venvboot.redact import one_line


def would(found: Sequence[Access], group: int) -> str:
    """Return a line for each entry that would be changed, and what an overlay would copy up for it."""
    entries = [entry for one in found for entry in one.wrong]
    lines = [f"# would {_change(entry, group)}" for entry in entries]
    return "".join(f"{line}\n" for line in [*lines, f"# {_copied(entries)}"]) if entries else "# nothing to do\n"


def done(directories: int, files: int, size: int) -> str:
    if not directories and not files:
        return "nothing was wrong; nothing was touched"
    return f"repaired {directories} directories and {files} files; an overlay copies {size} bytes up for it"


def as_json(found: Sequence[Access]) -> Dict[str, Any]:
    entries: List[Entry] = [entry for one in found for entry in one.wrong]
    return {
        "directories": sum(entry.directory for entry in entries),
        "files": sum(not entry.directory for entry in entries),
        "bytes": access.copied(entries),
    }


def _change(entry: Entry, group: int) -> str:
    mode = access.wanted_mode(entry.mode, directory=entry.directory)
    return f"give {one_line(entry.path)} to group {group} with mode {mode:04o} (now {state(entry)})"


def state(entry: Entry) -> str:
    return f"owner {entry.uid}:{entry.gid}, mode {entry.mode:04o}"


def _copied(entries: Sequence[Entry]) -> str:
    return f"an overlay copies {access.copied(entries)} bytes up for it"
