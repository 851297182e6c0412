"""Read from the files of a tree what its interpreter would say of itself: of an unpacked image nothing is started."""

from __future__ import annotations

import glob
import posixpath
import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence, Tuple, Union

from venvboot.facts import libraries, literals, pyvenv
from venvboot.model import Probe
from venvboot.system import System

TEXT_LIMIT = 2 << 20
READ_LIMIT = 64 << 20
MOST_FILES = 8

# The same that the probe looks for.
REQUIRED = ("json", "shutil", "zipfile", "email", "http", "logging", "xmlrpc")

# Names of install schemes: sysconfig's own, Debian's (deb_system, posix_local) and Fedora's (rpm_prefix).
SCHEMES = (
    "deb_system",
    "posix_home",
    "posix_local",
    "posix_prefix",
    "posix_user",
    "posix_venv",
    "rpm_prefix",
    "venv",
)

# As sys.version_info and build details call them.
LEVELS = {"alpha": "a", "beta": "b", "candidate": "rc"}

IMPLEMENTATIONS = {"python": "cpython", "pypy": "pypy", "graalpy": "graalpy"}

# Fedora has the whole library in lib64, and in lib only its site-packages.
STDLIBS = ("lib64/*[23].*", "lib/*[23].*")
# The second is Debian's for Python 2.7.
BUILD_VARIABLES = ("_sysconfigdata*.py", "plat-*/_sysconfigdata*.py")
BUILD_VARIABLES_BEGIN = "build_time_vars = "
SYSCONFIG = ("sysconfig.py", "sysconfig/__init__.py")

_STDLIB = re.compile(r".*/(lib64|lib)/(python|pypy|graalpy)([23]\.[0-9]{1,2})(t?)\Z")
_VERSION = re.compile(r"([23](?:\.[0-9]{1,2})?)([a-z]*)\Z")


@dataclass(frozen=True)
class _Tree:
    """A prefix with one standard library in it, for example ``/usr``, ``lib64``, ``python`` and ``3.13``."""

    prefix: str
    folder: str
    kind: str
    version: str
    threads: str

    @property
    def name(self) -> str:
        return f"{self.kind}{self.version}{self.threads}"

    @property
    def stdlib(self) -> str:
        return posixpath.join(self.prefix, self.folder, self.name)


def read(system: System, real_path: str, name: str) -> Union[Probe, str]:
    """Return what the interpreter ``real_path``, found as ``name``, would tell if it were started, or why it can't.

    Its micro version is 0 where no file says it, and ``banner`` stays empty.
    """
    try:
        if system.read(real_path, 2) == b"#!":
            return "it is a script, and nothing of an unpacked image is started"
    except OSError as error:
        return error.strerror or str(error)
    trees = _fitting(tuple(_trees(system, real_path)), posixpath.basename(real_path), name)
    if not trees:
        return _of_base(system, real_path, name)
    if len(trees) > 1:
        return f"{' or '.join(tree.stdlib for tree in trees)}: its name doesn't tell which is its standard library"
    return _probe(system, real_path, trees[0])


def _of_base(system: System, real_path: str, name: str) -> Union[Probe, str]:
    """A copied environment has its base's program, and no standard library of its own."""
    config = pyvenv.of_executable(system, real_path)
    base = pyvenv.base(system, config, name) if config else None
    if base is None or pyvenv.of_executable(system, system.realpath(base)):
        return f"there is no standard library for it below {posixpath.dirname(posixpath.dirname(real_path))}"
    return read(system, system.realpath(base), posixpath.basename(base))


def _trees(system: System, real_path: str) -> Iterator[_Tree]:
    prefix = posixpath.dirname(posixpath.dirname(real_path))
    for pattern in STDLIBS:
        for path in system.glob(posixpath.join(glob.escape(prefix), pattern)):
            match = _STDLIB.match(path)
            if match and _has_module(system, path, "os"):
                yield _Tree(prefix, *match.groups())


def _fitting(trees: Sequence[_Tree], *names: str) -> Sequence[_Tree]:
    """Return those that the program's names speak for, the first with a version; one without speaks for all."""
    kind = next((kind for kind in ("pypy", "graalpy") if names[0].startswith(kind)), "python")
    trees = [tree for tree in trees if tree.kind == kind] or trees
    match = next(filter(None, map(_VERSION.search, names)), None)
    if match is None:
        return trees
    version, suffix = match.groups()
    trees = [tree for tree in trees if f"{tree.version}.".startswith(f"{version}.")]
    return [tree for tree in trees if tree.threads == ("t" if "t" in suffix else "")] or trees


def _probe(system: System, real_path: str, tree: _Tree) -> Probe:
    major, minor = (int(number) for number in tree.version.split("."))
    built = _build_variables(system, tree)
    needed = libraries.beside(system, real_path) if libraries.is_collection(system, real_path) else ()
    micro, prerelease = _release(system, real_path, tree)
    return Probe(
        version=(major, minor, micro),
        implementation="graalpy" if _is_graalpy(system, real_path, tree) else IMPLEMENTATIONS[tree.kind],
        executable=real_path,
        prefix=tree.prefix,
        base_prefix=tree.prefix,
        stdlib=tree.stdlib,
        site_packages=_site_packages(system, tree),
        schemes=_schemes(system, tree),
        config_args=_text(built, "CONFIG_ARGS"),
        build_prefix=_text(built, "prefix"),
        missing_modules=_missing_modules(system, tree),
        soabi=_text(built, "SOABI") or _text(built, "EXT_SUFFIX"),
        standalone=bool(built.get("PYTHON_BUILD_STANDALONE")),
        library_path=":".join(needed),
        started=False,
        prerelease=prerelease,
    )


def _is_graalpy(system: System, real_path: str, tree: _Tree) -> bool:
    """Tell whether it is GraalPy: its own library stands beside a standard library that is called as CPython's."""
    own = posixpath.join(glob.escape(tree.prefix), "lib/graalpy[0-9]*")
    return posixpath.basename(real_path).startswith("graalpy") and bool(system.glob(own))


def _missing_modules(system: System, tree: _Tree) -> Tuple[str, ...]:
    required = () if tree.version.startswith("2") else REQUIRED  # Python 2 has other names for some
    return tuple(name for name in required if not _has_module(system, tree.stdlib, name))


def _has_module(system: System, stdlib: str, name: str) -> bool:
    files = (f"{name}.py", f"{name}.pyc", f"{name}/__init__.py", f"{name}/__init__.pyc")
    return any(system.is_file(posixpath.join(stdlib, file)) for file in files)


def _release(system: System, real_path: str, tree: _Tree) -> Tuple[int, str]:
    """Return the third number of the version and what follows it (``a1``), empty for a final release.

    Build details, headers or the program's own string have it.
    """
    prefix, version = glob.escape(tree.prefix), re.escape(tree.version.encode())
    written = version + rb"\.([0-9]{1,2})(?:(a|b|rc)([0-9]{1,3}))?"
    in_details = rb'"micro"\s*:\s*([0-9]{1,2})\b(?:[^{}]*"(alpha|beta|candidate)"[^{}]*"serial"\s*:\s*([0-9]{1,3}))?'
    in_header, in_program = rb'PY_VERSION\s+"' + written, written + rb"\+?\0"
    sources = (
        (f"{glob.escape(tree.stdlib)}/build-details*.json", in_details),
        (f"{prefix}/include/{tree.name}*/patchlevel.h", in_header),
        (f"{prefix}/include/patchlevel.h", in_header),
        (glob.escape(real_path), in_program),
        (f"{prefix}/lib*/lib{tree.name}*.so*", in_program),
    )
    for pattern, expression in sources:
        for path in system.glob(pattern)[:MOST_FILES]:
            match = re.search(expression, _content(system, path, READ_LIMIT))
            if match:
                micro, level, serial = ((found or b"").decode() for found in match.groups())
                return int(micro), LEVELS.get(level, level) + serial
    return 0, ""


def _site_packages(system: System, tree: _Tree) -> Tuple[str, ...]:
    if b"dist-packages" in _content(system, f"{tree.stdlib}/site.py", TEXT_LIMIT):  # as Debian's is patched
        major = "" if tree.version.startswith("2") else "lib/python3/dist-packages"
        folders = [f"local/lib/{tree.name}/dist-packages", major, f"lib/{tree.name}/dist-packages"]
    else:
        folders = [f"{folder}/{tree.name}/site-packages" for folder in dict.fromkeys((tree.folder, "lib"))]
    return tuple(posixpath.join(tree.prefix, folder) for folder in folders if folder)


def _schemes(system: System, tree: _Tree) -> Tuple[str, ...]:
    text = b"".join(_content(system, f"{tree.stdlib}/{file}", TEXT_LIMIT) for file in SYSCONFIG)
    return tuple(name for name in SCHEMES if f"'{name}'".encode() in text)


def _build_variables(system: System, tree: _Tree) -> Mapping[str, Any]:
    """Return the variables of the build; of several files (a debug or a cross build's) the interpreter's own."""
    own = f"{tree.stdlib}/_sysconfigdata_{tree.threads}_"
    paths = [path for pattern in BUILD_VARIABLES for path in system.glob(f"{glob.escape(tree.stdlib)}/{pattern}")]
    for path in sorted(paths, key=lambda path: not path.startswith(own))[:MOST_FILES]:
        found = parse_build_variables(_content(system, path, TEXT_LIMIT).decode("utf-8", "replace"))
        if found:
            return found
    return {}


def parse_build_variables(text: str) -> Mapping[str, Any]:
    """Return the dict that a ``_sysconfigdata`` module consists of, an empty one when it is anything else."""
    written = text.partition(BUILD_VARIABLES_BEGIN)[2]
    try:
        variables = literals.read(written)
    except ValueError:
        return {}
    return variables if isinstance(variables, dict) else {}


def _text(variables: Mapping[str, Any], name: str) -> str:
    try:
        return literals.text(variables.get(name))
    except ValueError:
        return ""


def _content(system: System, path: str, limit: int) -> bytes:
    try:
        return system.read(path, limit)
    except OSError:
        return b""
