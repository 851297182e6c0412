"""What a lock asks of an environment, as pip-tools tells it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Tuple

from venvboot import toolchain
from venvboot.apply.pip import release
from venvboot.apply.tools import Tools
from venvboot.errors import Refused, Unsupported, VenvbootError
from venvboot.facts import metadata
from venvboot.facts.distributions import doubled, libraries, parse, present
from venvboot.facts.installed_files import metadata_of
from venvboot.model import Changes, Finding, LockFile, Pin, PythonFacts, Record, Severity
from venvboot.policy.amounts import some
from venvboot.policy.pylock import is_pylock
from venvboot.report import Reporter
from venvboot.system import System, Work

# Of the Pythons that pip-tools runs on
OLDEST = (3, 9)

# A canonical name (PEP 503). Metadata in the environment may say anything: any member of the group can write it.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")
HEADERS = 1 << 20  # bytes
NOTHING: Mapping[str, str] = {}
_ANEW = "make it anew: venvboot compile -o requirements.txt requirements.in"
_UNREACHED = (
    "COPY what is there beside the lock, and name it by its path: -r FILE; or let this RUN reach it, as pip does "
    "(HTTPS_PROXY, PIP_CERT, netrc)"
)
_WAYS_OUT = {
    "Could not open ": "COPY it before this RUN; a path after -r or -c in a lock is one from its own folder on"
}
_BLANK = re.compile(rb"\r?\n\r?\n")
_NAME_FIELD = re.compile(rb"^Name:[ \t]*\S", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Difference:
    """What pip-sync would do: names to install and to remove, and the same as changes of versions.

    ``pins`` are what is to be installed; None where a requirement among them is no pin with hashes. ``python`` is
    what the environment's Python told of itself, ``options`` what else decides which files pip takes, ``before`` what
    was installed then, name -> version, ``doubled`` the metadata folders of what of it was so more than once.
    ``asked`` is what each lock asks for, name -> version: the one that is held where that will do, empty for an
    address.
    """

    remove: Tuple[str, ...]
    changes: Changes
    pins: Optional[Tuple[Pin, ...]]
    python: PythonFacts
    options: str = ""
    before: Mapping[str, str] = field(default_factory=dict)
    doubled: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    asked: Tuple[Mapping[str, str], ...] = ()


def words(locks: Iterable[LockFile]) -> Tuple[str, ...]:
    """Return the words that name the locks to pip."""
    return tuple(word for lock in locks for word in ("-r", lock.requirements))


def placed(asked: Iterable[Tuple[str, str]], locks: Sequence[LockFile]) -> Iterator[Tuple[str, str]]:
    """Give names with the place that each stands at, as one in the locks that were named."""
    for name, place in asked:
        yield name, _place(place, locks)


def compare(
    system: System,
    report: Reporter,
    record: Record,
    locks: Sequence[LockFile],
    tools: Tools,
    *,
    hashes: bool = True,
    held: Mapping[str, str] = NOTHING,
    meanwhile: Optional[Work] = None,
) -> Difference:
    """Return the difference between the environment of ``record`` and the locks.

    What is ``held``, name -> version, is not removed. There is some time for what can be done ``meanwhile``.
    pip-tools answers, started in the environment's own interpreter; it is never pointed at another. Raises Refused
    for a lock with a requirement that has no hash, Unsupported where pip-tools doesn't run or isn't at hand, and
    VenvbootError for a lock that can't be read.
    """
    paths = [lock.path for lock in locks]
    refuse_unsupported(record, paths)
    report.detail(f"+ {record.python} (pip-tools: what do {', '.join(paths)} add and remove?)")
    files = [lock.requirements for lock in locks]
    before = present(system, record)
    broken = next(_without_metadata(system, record), None)
    if broken:
        raise Refused(_broken(record.dest, broken))
    unreadable = metadata.unreadable(system, libraries(system, record))
    if unreadable:
        raise Refused(_unreadable(*unreadable))
    twice = doubled(system, record)
    given = {
        "locks": files,
        "site_packages": libraries(system, record),
        "dest": record.dest,
        "doubled": list(twice),
        "held": dict(held),
    }
    told = tools.ask("lock_target.py", given, f"comparing {record.dest} with the lock", meanwhile)
    if "error" in told:
        raise VenvbootError(
            Finding(
                "lock-unreadable",
                Severity.ERROR,
                ", ".join(paths),
                f"{', '.join(paths)} can't be used as a lock",
                str(told["error"]).splitlines()[0],
                _UNREACHED if told["unreached"] else _way_out(told["error"]),
            )
        )
    hostile = [name for name in (*told["install"], *told["remove"]) if not _NAME.match(name)]
    if hostile:
        raise Refused(_hostile(record.dest, hostile[0]))
    if hashes and told["unhashed"]:
        raise Refused(_without_hashes(paths, told["unhashed"]))
    return _difference(told, locks, before, twice)


def _way_out(error: str) -> str:
    return next((way for said, way in _WAYS_OUT.items() if said in error), _ANEW)


def refuse_unsupported(record: Record, paths: Sequence[str]) -> None:
    """Raise Unsupported where pip-tools doesn't run, or isn't at hand."""
    if release(record.base_version) < OLDEST:
        raise Unsupported(_too_old(record, paths))
    if toolchain.is_legacy():
        raise Unsupported(_no_pip_tools(record, paths))


def _difference(
    told: Mapping[str, Any],
    locks: Sequence[LockFile],
    before: Mapping[str, str],
    twice: Mapping[str, Tuple[str, ...]],
) -> Difference:
    install, remove = told["install"], told["remove"]
    installed = {**told["installed"], **{name: before[name] for name in twice}}
    changes = Changes(
        add={name: version for name, version in sorted(install.items()) if name not in installed},
        remove=dict(sorted(remove.items())),
        change={name: (installed[name], version) for name, version in sorted(install.items()) if name in installed},
    )
    hashes, places = told["pins"], told["from"]
    pins = [
        Pin(name, version, tuple(hashes[name]), _place(places[name], locks))
        for name, version in install.items()
        if hashes.get(name)
    ]
    return Difference(
        tuple(sorted(remove)),
        changes,
        tuple(pins) if len(pins) == len(install) else None,
        _python(told["python"]),
        "\n".join(told["decisive"]),
        before,
        {name: paths for name, paths in twice.items() if name in install or name in remove},
        tuple(told["asked"]),
    )


def _place(told: str, locks: Sequence[LockFile]) -> str:
    for lock in locks:
        told = lock.place(told)
    return told


def _python(told: Mapping[str, Any]) -> PythonFacts:
    names = told["stdlib"]
    return PythonFacts(
        stdlib=None if names is None else tuple(map(str, names)),
        builtin=tuple(map(str, told["builtin"])),
        stdlib_folder=str(told["stdlib_folder"]),
        tags=str(told["tags"]),
        magic=str(told["magic"]),
        cache_tag=str(told["cache_tag"]),
        platlib=str(told["platlib"]),
        script=str(told["script"]),
    )


def _too_old(record: Record, locks: Sequence[str]) -> Finding:
    unread = any(map(is_pylock, locks))
    files = "-r requirements.txt" if unread else " ".join(f"-r {path}" for path in locks)
    return Finding(
        "sync-not-offered",
        Severity.ERROR,
        record.dest,
        f"{record.dest} is of Python {record.base_version}, which sync can't work on",
        "pip-tools, which compares an environment with a lock, needs Python 3.9 or later",
        f"`venvboot install --venv {record.dest} {files}` verifies hashes as well, but removes nothing"
        + ("; its pip reads no pylock.toml, but requirements with hashes" if unread else ""),
    )


def _no_pip_tools(record: Record, locks: Sequence[str]) -> Finding:
    return Finding(
        "sync-not-offered",
        Severity.ERROR,
        record.dest,
        f"venvboot-legacy can't sync {record.dest}",
        "it carries no pip-tools, which compares an environment with a lock",
        f"`venvboot sync --venv {record.dest} {' '.join(locks)}`",
    )


def _without_metadata(system: System, record: Record) -> Iterator[str]:
    """Give the metadata folders of distributions that have no METADATA that names them; pip waits for a pipe."""
    for library in libraries(system, record):
        for info in metadata_of(system, library):
            found = parse(info)
            if found and _NAME.match(found.name) and not _names_itself(system, posixpath.join(info, "METADATA")):
                yield info


def _names_itself(system: System, metadata: str) -> bool:
    try:
        headers = _BLANK.split(system.read(metadata, HEADERS), maxsplit=1)[0]
    except OSError:
        return False
    return bool(_NAME_FIELD.search(headers))


def _broken(dest: str, info: str) -> Finding:
    return Finding(
        "name-not-valid",
        Severity.ERROR,
        info,
        f"{info} is no metadata of a distribution",
        "it has no METADATA with a name: what made it was interrupted, or somebody of the group did it by hand",
        f"rm -rf {info}, or make the environment anew: rm -rf {dest} && venvboot init {dest}",
    )


def _unreadable(path: str, why: str) -> Finding:
    return Finding(
        "metadata-unreadable",
        Severity.ERROR,
        path,
        f"{path} can't be read as metadata of a distribution",
        f"{why}; somebody of the group has put it there",
        f"rm {path}",
    )


def _hostile(dest: str, name: str) -> Finding:
    return Finding(
        "name-not-valid",
        Severity.ERROR,
        name,
        f"{name!r} is no name of a distribution",
        f"metadata in {dest} says so; whoever is in its group can write there",
        f"remove that metadata folder, or make the environment anew: rm -rf {dest} && venvboot init {dest}",
    )


def _without_hashes(locks: Sequence[str], names: Sequence[str]) -> Finding:
    return Finding(
        "lock-without-hashes",
        Severity.ERROR,
        ", ".join(locks),
        f"{', '.join(locks)} has requirements without hashes, so it is not a lock",
        f"no --hash for {some(names)}",
        "make it anew: venvboot compile -o requirements.txt requirements.in; or, on the record, --no-require-hashes",
    )
