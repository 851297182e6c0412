"""Look into a wheel before anything of it is installed: its name, and all that it would bring.

Form as in "Binary distribution format" of the Python Packaging User Guide. What no installer should accept is
refused: names, modules and commands that are told here have to be those that are installed.
"""

from __future__ import annotations

import os
import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import replace
from typing import Collection, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

from venvboot.errors import WheelNotValid
from venvboot.facts.distributions import import_roots
from venvboot.facts.wheel_archive import CLAIMS, INFO, WheelArchive
from venvboot.model import IncomingDistribution, Scheme
from venvboot.system import System

DATA = ".data"
SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")
CACHE = "/__pycache__/"
# What pip makes of an entry for pip
ALSO_MADE = {"pip": ("pip3",)}
STARTUP_MODULES = ("sitecustomize", "usercustomize")

# All that zipfile raises for an archive that is damaged, encrypted or of a kind that it doesn't know.
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    OverflowError,
    ValueError,
    RuntimeError,
)

_SITE = re.compile(r"\Alib(?:32|64)?/(?:python|pypy)[^/]*/(?:site|dist)-packages/(.+)", re.DOTALL)
_PROGRAM = re.compile(r"\As?bin/([^/]+)\Z")


class _Places(NamedTuple):
    """Where the files of a wheel go: below site-packages, among the commands, below the prefix, among headers."""

    site: Tuple[str, ...]
    scripts: Tuple[str, ...]
    data: Tuple[str, ...]
    headers: Tuple[str, ...]


class Placed(NamedTuple):
    """A file of a wheel, ``size`` bytes large, and the path where it will stand."""

    member: str
    final: str
    size: int


def incoming(system: System, folder: str, requested: Collection[str]) -> Tuple[IncomingDistribution, ...]:
    """Return what the wheels in ``folder`` would bring; ``requested`` holds canonical names. Raises WheelNotValid."""
    names = [name for name in system.list_directory(folder) if name.endswith(".whl")]
    found = (inspect(posixpath.join(folder, name), requested=False) for name in names)
    return tuple(replace(item, requested=item.name in requested) for item in found)


def inspect(path: str, *, requested: bool, built: bool = False, editable: bool = False) -> IncomingDistribution:
    """Return what the wheel at ``path`` would bring. Raises WheelNotValid for one that can't be trusted."""
    if not os.path.isfile(path):
        raise WheelNotValid(path, "it is no ordinary file")
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            wheel = WheelArchive(path, archive)
            name, version = wheel.identity()
            recorded = wheel.recorded()
            places = _places(recorded)
            _refuse_unforeseen(wheel, recorded, places)
            entry_points = wheel.entry_points()
            also = [name for entry in entry_points for name in ALSO_MADE.get(entry, ())]
    except FAULTS as error:
        raise WheelNotValid(path, f"it can't be read: {str(error) or type(error).__name__}") from None
    return IncomingDistribution(
        name,
        version,
        requested,
        import_roots(places.site),
        tuple(sorted({*entry_points, *places.scripts, *also})),
        tuple(sorted(set(_startup_files(places.site)))),
        tuple(sorted(places.data)),
        built,
        editable,
        headers=tuple(sorted(places.headers)),
        files=places.site,
        size=wheel.size,
    )


def placed(path: str, name: str, scheme: Scheme) -> Tuple[Placed, ...]:
    """Return the files of the wheel at ``path``, the distribution ``name``. Raises WheelNotValid."""
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            wheel = WheelArchive(path, archive)
            root = scheme.purelib if wheel.is_purelib() else scheme.platlib
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            return tuple(
                Placed(member, _final(member, name, root, scheme), sizes[member]) for member in wheel.recorded()
            )
    except FAULTS as error:
        raise WheelNotValid(path, f"it can't be read: {str(error) or type(error).__name__}") from None


def _final(member: str, name: str, root: str, scheme: Scheme) -> str:
    top, _, inside = member.partition("/")
    part, _, rest = inside.partition("/")
    if not (top.endswith(DATA) and rest):
        return posixpath.join(root, member)
    folder = posixpath.join(scheme.headers, name) if part == "headers" else str(getattr(scheme, part))
    return posixpath.join(folder, rest)


def _refuse_unforeseen(wheel: WheelArchive, recorded: Sequence[str], places: _Places) -> None:
    """Raise WheelNotValid for what installers put elsewhere than it seems, or fail on when they have begun."""
    unknown = [name for name in recorded if not _is_foreseen(name)]
    if unknown:
        wheel.refuse(f"it has a file for a place that installers don't know: {unknown[0]}")
    below = _places(name for name in recorded if name.partition("/")[0].endswith(DATA)).site
    claims = [name for name in below if name.partition("/")[0].endswith((INFO, *CLAIMS))]
    if claims:
        wheel.refuse(f"it has metadata among its data, which would count as a distribution: {claims[0]}")
    modules = set(places.site)
    bytecode = [name for name in places.site if CACHE in f"/{name}" and _source(name) not in modules]
    if bytecode:
        wheel.refuse(f"it brings bytecode for a module that it hasn't got: {bytecode[0]}")
    deep = [name for name in places.scripts if "/" in name]
    if deep:
        wheel.refuse(f"it has a script in a folder, where no command stands: {deep[0]}")


def _is_foreseen(name: str) -> bool:
    """Tell whether installers know where a file goes: what stands among the data has a scheme, and a path in it."""
    top, _, inside = name.partition("/")
    scheme, _, rest = inside.partition("/")
    return not top.endswith(DATA) or (scheme in SCHEMES and bool(rest))


def _source(name: str) -> str:
    """Return the module that a file of bytecode is for (PEP 3147)."""
    folder, _, file = f"/{name}".rpartition(CACHE)
    return f"{folder}/{file.partition('.')[0]}.py".lstrip("/")


def _places(names: Iterable[str]) -> _Places:
    site: List[str] = []
    scripts: List[str] = []
    data: List[str] = []
    headers: List[str] = []
    for name in names:
        top, _, inside = name.partition("/")
        scheme, _, rest = inside.partition("/")
        if not (top.endswith(DATA) and rest):
            site.append(name)
        elif scheme in ("purelib", "platlib"):
            site.append(rest)
        elif scheme == "scripts":
            scripts.append(rest)
        elif scheme == "headers":
            headers.append(rest)
        elif scheme == "data":
            data.append(rest)
            # A prefix has both below it.
            site.extend(_SITE.findall(rest))
            scripts.extend(_PROGRAM.findall(rest))
    return _Places(tuple(site), tuple(scripts), tuple(data), tuple(headers))


def _startup_files(site: Iterable[str]) -> Iterator[str]:
    """Give what site.py executes or imports at every start: ``.pth`` files, and two modules or packages."""
    for name in site:
        top, _, inside = name.partition("/")
        if (top.endswith(".pth") and not inside) or top.partition(".")[0] in STARTUP_MODULES:
            yield top
