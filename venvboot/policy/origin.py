"""Judge where an interpreter came from: ordered rules over facts, the first that matches decides.

Hard facts decide alone, strong ones if none contradicts, medium ones only name the sub-kind, weak ones only explain.
The safe error is "managed": nothing is written into a Python whose maker isn't known.
"""

from __future__ import annotations

import re
from typing import Callable, Optional, Tuple

from venvboot.model import InterpreterFacts, Mark, Origin, SystemPackage, Weight
from venvboot.policy import companion
from venvboot.policy.kinds import KINDS

Rule = Callable[[InterpreterFacts], Optional[Origin]]

# platform-python3.6m is another name of the same file, with the ABI's letters.
PLATFORM_PYTHON = re.compile(r"/usr/libexec/platform-python[0-9.]*[dmu]*\Z")
# python-build-standalone is compiled for /install, wherever it is unpacked later.
STANDALONE_PREFIX = "/install"
# What every official image is configured with; a --prefix isn't among it.
DOCKER_LIBRARY = ("--enable-option-checking=fatal", "--enable-loadable-sqlite-extensions", "--with-ensurepip")
# A pyenv or asdf version may be any of these itself, which says more; their turn comes after them.
LATE_PLACES = ("pyenv", "asdf")
SYSTEM_PREFIXES = ("/usr", "/")
# Install schemes that a distro patches in, Debian and Fedora: nobody else's build has them.
DISTRO_SCHEMES = frozenset(("deb_system", "rpm_prefix"))
ENVIRONMENTS = ("venv", "s2i")


def origin(facts: InterpreterFacts) -> Origin:
    """Return the origin of the interpreter; every interpreter has one."""
    judged = next(found for found in (rule(facts) for rule in RULES) if found)
    if judged.managed or judged.kind in ENVIRONMENTS:
        return judged
    if facts.doubts and not facts.ownership:
        return _unknown(facts)
    if facts.marker:
        return _of("unknown", f"managed, unknown ({facts.marker} is there)")
    return judged


def _of(kind: str, label: str, owner: Optional[SystemPackage] = None) -> Origin:
    return Origin(kind, label, managed=KINDS[kind].managed, owner=owner)


def _from_mark(mark: Mark, facts: InterpreterFacts) -> Origin:
    owner = facts.ownership.package if facts.ownership else None
    return _of(mark.kind, f"{KINDS[mark.kind].maker} in {mark.root}", owner)


def _venv(facts: InterpreterFacts) -> Optional[Origin]:
    venv = facts.candidate.venv
    if not venv:
        return None
    kind = "s2i" if any(mark.kind == "s2i" for mark in facts.marks) else "venv"
    return _of(kind, f"virtual environment of {venv.home}")


def _hard_mark(facts: InterpreterFacts) -> Optional[Origin]:
    mark = next((mark for mark in facts.marks if mark.weight is Weight.HARD), None)
    return _from_mark(mark, facts) if mark else None


def _platform_python(facts: InterpreterFacts) -> Optional[Origin]:
    if not PLATFORM_PYTHON.match(facts.candidate.real_path):
        return None
    name = user_name(facts)
    if name:
        package = facts.owned_names[name].package
        return _of("distro", f"{package.package} {package.version}", package)
    owner = facts.ownership.package if facts.ownership else None
    return _of("platform-python", "the interpreter of RHEL's own tools", owner)


def user_name(facts: InterpreterFacts) -> str:
    """Return the name that a package made for users of a platform-python, empty for none.

    On RHEL 8 the package python36 is no more than the link /usr/bin/python3.6 to platform-python's file.
    """
    names = (name for name in sorted(facts.owned_names) if not PLATFORM_PYTHON.match(name))
    return next((name for name in names if re.search(r"/python\d\.\d+\Z", name)), "")


def _owned(facts: InterpreterFacts) -> Optional[Origin]:
    owned = facts.ownership
    if not owned:
        return None
    package = owned.package
    label = f"{package.package} {package.version}".rstrip()
    if owned.altered:
        return _of("altered", f"{label}, altered since", package)
    if package.manager == "distroless":
        return _of("distroless", label, package)
    kind = companion.kind(owned)
    return _of(kind, label if kind == "distro" else f"{label} from {_whose(kind, owned.vendor)}", package)


def _whose(kind: str, vendor: str) -> str:
    return vendor if kind == "third-party" else KINDS[kind].maker


def _standalone(facts: InterpreterFacts) -> Optional[Origin]:
    probe = facts.probe
    if not probe:
        return None
    mark = next((mark for mark in facts.marks if mark.kind == "uv"), None)
    if mark or probe.standalone or "managed by uv" in facts.marker_text:
        return _of("uv", f"made by uv in {mark.root if mark else probe.base_prefix}")
    if STANDALONE_PREFIX in (probe.build_prefix, _configured_prefix(probe.config_args)):
        return _of("standalone", f"python-build-standalone in {probe.base_prefix}")
    return None


def _vendor(facts: InterpreterFacts) -> Optional[Origin]:
    if facts.probe and "ActivePython" in facts.probe.banner:
        return _of("activestate", f"ActivePython in {facts.probe.base_prefix}")
    mark = next((mark for mark in facts.marks if mark.kind not in LATE_PLACES), None)
    return _from_mark(mark, facts) if mark else None


def _implementation(facts: InterpreterFacts) -> Optional[Origin]:
    probe = facts.probe
    if not probe or probe.implementation not in ("pypy", "graalpy"):
        return None
    return _of(probe.implementation, f"{KINDS[probe.implementation].maker} in {probe.base_prefix}")


def _version_folder(facts: InterpreterFacts) -> Optional[Origin]:
    mark = next((mark for mark in facts.marks if mark.kind in LATE_PLACES), None)
    if not mark or not facts.probe or facts.probe.base_prefix != mark.root:
        return None
    return _from_mark(mark, facts)


def _in_usr(facts: InterpreterFacts) -> Optional[Origin]:
    """An unowned tree that shares its folders with the distro's packages; of an unread database it may be one."""
    probe = facts.probe
    if not probe or probe.base_prefix not in SYSTEM_PREFIXES:
        return None
    if facts.doubts or facts.marker or not probe.config_args or _lost_its_database(facts):
        return _unknown(facts)
    return _of("source-in-usr", f"no package's, in {probe.base_prefix}")


def _lost_its_database(facts: InterpreterFacts) -> bool:
    """Tell whether it is a distro's own in an image made without its package database, as chiselled ones are."""
    probe = facts.probe
    if not probe or not facts.no_database:
        return False
    return probe.base_prefix in SYSTEM_PREFIXES and not DISTRO_SCHEMES.isdisjoint(probe.schemes)


def _source(facts: InterpreterFacts) -> Optional[Origin]:
    probe = facts.probe
    if not probe or not probe.config_args:
        return None
    if probe.build_prefix != probe.base_prefix:
        return _of("relocated", f"source build for {probe.build_prefix}, moved to {probe.base_prefix}")
    switches = probe.config_args.replace("'", " ").split()
    official = not _configured_prefix(probe.config_args) and all(switch in switches for switch in DOCKER_LIBRARY)
    if official and probe.base_prefix == "/usr/local":
        return _of("docker-library", "built as the official python images are")
    return _of("source", f"source build in {probe.base_prefix}")


def _configured_prefix(config_args: str) -> str:
    match = re.search(r"--prefix=([^\s']+)", config_args)
    return match.group(1) if match else ""


def _unknown(facts: InterpreterFacts) -> Origin:
    why = (
        "was not started"
        if facts.untrusted and not facts.probe
        else "does not start"
        if not facts.probe
        else f"{facts.doubts[0].split()[0]} can't be read"
        if facts.doubts
        else "a distro's, whose database is gone"
        if _lost_its_database(facts)
        else "its prefix is the distro's"
        if facts.probe.base_prefix in SYSTEM_PREFIXES
        else "it is marked as externally managed"
        if facts.marker
        else f"no rule for {facts.probe.base_prefix}"
    )
    return _of("unknown", f"managed, unknown ({why})")


# An environment, a maker's own store and a package database decide before what a vendor's path suggests, and that
# before how it was compiled; the last rule always answers.
RULES: Tuple[Rule, ...] = (
    _venv,
    _hard_mark,
    _platform_python,
    _owned,
    _in_usr,
    _standalone,
    _vendor,
    _implementation,
    _version_folder,
    _source,
    _unknown,
)
