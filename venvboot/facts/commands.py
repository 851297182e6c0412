"""The programs of an environment, and what bears their names in the other folders of PATH."""

from __future__ import annotations

import posixpath
import stat
from typing import Iterator

from venvboot.activation import wrappers
from venvboot.activation.template import SIGNATURE
from venvboot.facts.finder import search_path
from venvboot.model import CommandFacts
from venvboot.system import System

DISTRO = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")
WRAPPER_LIMIT = 4096
EXECUTABLE = 0o111
SHARED = 0o2070
# Where uv's own installer and its images put it
UV = ("/usr/local/bin", "/usr/bin", "/root/.local/bin", "/bin")


def read(system: System, dest: str, base_path: str) -> CommandFacts:
    """Return what is known of the programs in ``dest``/bin, which is or will be made from ``base_path``."""
    programs = tuple(_programs(system, posixpath.join(dest, "bin")))
    there = frozenset(system.list_directory(wrappers.FOLDER))
    texts = {name: _wrapper(system, name) for name in there}
    ours = {name for name, text in texts.items() if _leads_to(text, dest, name)}
    wrapped = {name for name in ours if texts[name] == wrappers.text(dest, name)}
    elsewhere = {name for name in there - ours if texts[name]}
    foreign = there - ours - elsewhere
    return CommandFacts(
        programs=programs,
        wrapped=tuple(sorted(wrapped)),
        stale=tuple(sorted(ours - wrapped)),
        taken=tuple(name for name in programs if name in foreign),
        elsewhere=tuple(name for name in programs if name in elsewhere),
        distro=tuple(name for name in programs if any(system.exists(f"{folder}/{name}") for folder in DISTRO)),
        base_here=wrappers.FOLDER in (posixpath.dirname(base_path), posixpath.dirname(system.realpath(base_path))),
        writable=system.may_write(wrappers.FOLDER),
    )


def has_uv(system: System, dest: str) -> bool:
    """Tell whether the image has uv: on PATH, in its usual places, or in the environment itself."""
    folders = (*search_path(system), *UV, posixpath.join(dest, "bin"))
    return any(system.is_file(posixpath.join(folder, "uv")) for folder in folders)


def is_shared(system: System, path: str) -> bool:
    """Tell whether a folder is there that its group can write, and whose content stays the group's."""
    info = system.status(path)
    return info is not None and stat.S_ISDIR(info.st_mode) and info.st_mode & SHARED == SHARED


def _programs(system: System, folder: str) -> Iterator[str]:
    for name in system.list_directory(folder):
        path = posixpath.join(folder, name)
        info = system.status(path)
        if info is None or not (stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode)):
            continue
        if stat.S_ISLNK(info.st_mode):
            # One that leads back to its own wrapper would go round for ever.
            real = system.realpath(path)
            target = system.status(real)
            if target is None or not stat.S_ISREG(target.st_mode) or posixpath.dirname(real) == wrappers.FOLDER:
                continue
            info = target
        if info.st_mode & EXECUTABLE:
            yield name


def _wrapper(system: System, name: str) -> str:
    """Return the text of a script of ours in the wrappers' folder, empty for anything else."""
    path = posixpath.join(wrappers.FOLDER, name)
    text = "" if system.is_link(path) else system.read_text(path, WRAPPER_LIMIT) or ""
    return text if SIGNATURE in text.partition("\n")[2].partition("\n")[0] else ""


def _leads_to(text: str, dest: str, name: str) -> bool:
    return bool(text) and f"'{dest}/bin/{name}'" in text
