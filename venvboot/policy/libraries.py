"""How the shared libraries of a base are made known to every process, where the system's own linker misses them.

A Software Collection's Python ends with status 127 unless LD_LIBRARY_PATH names the collection's libraries, and so
does every environment made from it. glibc's cache of library places serves each start, also one with an empty
environment; a variable serves those that inherit it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from venvboot.actions import LinkLibraries, WriteFile
from venvboot.model import Finding, Image, LinkerFacts, Record, Severity

PURPOSE = "library-path"
FOLDER = "/etc/ld.so.conf.d"
LINKS = "/usr/local/lib/venvboot"
MODE = 0o644
SHOWN = 3


@dataclass(frozen=True)
class Wiring:
    """``file`` is the addition to the linker's cache; without one, ``variable`` goes into LD_LIBRARY_PATH.

    ``links`` is the folder that is added, where it can't be the base's own and isn't there yet.
    """

    file: Optional[WriteFile] = None
    links: Optional[LinkLibraries] = None
    variable: str = ""
    findings: Tuple[Finding, ...] = ()


def wiring(library_path: str, image: Image, linker: LinkerFacts) -> Wiring:
    """Return how ``library_path`` (folders, colon-separated) is wired: the cache, unless it may not be or would harm.

    Red Hat's warning about collections holds: in the cache, a library that the system has as well would be taken
    from the collection by the system's own programs. So would one that others put there later, by root's too. Where
    the base does without those of the system's names, a folder with links to the others is what the cache gets.
    """
    if not library_path:
        return Wiring()
    if linker.hidden and not linker.lacking:
        names = ", ".join(linker.hidden[:SHOWN]) + (" …" if len(linker.hidden) > SHOWN else "")
        why = f"the system has libraries of the same name ({names}), which those would replace for all programs"
    elif not linker.has_ldconfig:
        why = f"this image has no ldconfig or no {FOLDER}"
    elif not image.privileged:
        why = f"user {image.uid} may not run ldconfig"
    elif linker.exposed:
        why = f"{linker.exposed}, and the linker's cache serves every program, root's too"
    elif linker.hidden:
        folder = links_folder(library_path)
        links = None if linker.linked else LinkLibraries(folder, linker.lacking)
        return Wiring(WriteFile(path(library_path), text(folder), MODE, PURPOSE), links)
    else:
        return Wiring(WriteFile(path(library_path), text(library_path), MODE, PURPOSE))
    return Wiring(variable=library_path, findings=(_by_variable(library_path, why),))


def path(library_path: str) -> str:
    """Return the file of one set of folders, so that two bases of an image have one each."""
    first = library_path.split(":", maxsplit=1)[0]
    return f"{FOLDER}/venvboot{first.replace('/', '-')}.conf"


def links_folder(library_path: str) -> str:
    """Return the folder of links to those libraries of ``library_path`` that the system lacks."""
    return f"{LINKS}/{library_path.split(':', maxsplit=1)[0].strip('/').replace('/', '-')}"


def text(library_path: str) -> str:
    return "# Written by venvboot\n" + "".join(f"{folder}\n" for folder in library_path.split(":"))


def recorded_variable(record: Record) -> str:
    """Return what LD_LIBRARY_PATH has to hold for an environment, empty where the linker's cache serves it."""
    return "" if any(file.purpose == PURPOSE for file in record.files) else record.library_path


def with_libraries(library_path: str, present: str) -> str:
    """Return LD_LIBRARY_PATH with ``library_path`` in front of what is ``present``; an empty entry is left out."""
    folders = [*library_path.split(":"), *present.split(":")]
    return ":".join(dict.fromkeys(folder for folder in folders if folder))


def _by_variable(library_path: str, why: str) -> Finding:
    return Finding(
        "library-path-by-variable",
        Severity.WARNING,
        library_path,
        f"the environment works only in processes that have LD_LIBRARY_PATH={library_path}",
        why,
        f"ENV LD_LIBRARY_PATH={library_path}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}",
    )
