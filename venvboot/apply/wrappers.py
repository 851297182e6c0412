"""Write and remove the wrappers of an environment's programs in /usr/local/bin."""

from __future__ import annotations

import posixpath

from venvboot.activation import wrappers
from venvboot.facts import commands
from venvboot.policy import rehash
from venvboot.report import Reporter
from venvboot.system import System


def update(
    system: System, report: Reporter, dest: str, *, take_over: bool = False, remove_all: bool = False
) -> rehash.Rehash:
    """Bring the wrappers up to date with ``dest``/bin as it is now, or remove them; return what there was to do.

    Nothing is done where this user may not write the folder.
    """
    facts = commands.read(system, dest, posixpath.join(dest, "bin/python"))
    todo = (
        rehash.Rehash(remove=(*facts.wrapped, *facts.stale))
        if remove_all
        else rehash.decide(facts, take_over=take_over)
    )
    if not facts.writable:
        return todo
    if todo.add and not system.exists(wrappers.FOLDER):
        system.make_directory(wrappers.FOLDER, 0o755, 0)
    for name in todo.remove:
        system.remove_file(posixpath.join(wrappers.FOLDER, name))
    for name in todo.add:
        text = wrappers.text(dest, name).encode()
        system.write(posixpath.join(wrappers.FOLDER, name), text, wrappers.MODE)
    if todo:
        report.detail(f"wrappers written: {' '.join(todo.add) or 'none'}; removed: {' '.join(todo.remove) or 'none'}")
    return todo
