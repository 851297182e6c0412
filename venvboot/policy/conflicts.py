"""What speaks against letting a distribution in: one rule per kind, judged on content and ownership, not on names.

How a kind weighs depends on how far the target is set apart from the distro's packages. Into an isolated environment
nothing of the distro's can be shadowed; what is left there are the standard library, start-up files and commands.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, Mapping, Optional, Sequence, Tuple

from venvboot import hook
from venvboot.model import (
    Conflict,
    Finding,
    IncomingDistribution,
    InstallTarget,
    Isolation,
    OwnedPython,
    Severity,
    SystemPackage,
)

REFUSE, WARN = Severity.ERROR, Severity.WARNING
SYSTEM, ISOLATED, SYSTEM_SITE = Isolation.SYSTEM, Isolation.ISOLATED, Isolation.SYSTEM_SITE

# Kind -> how it weighs by target; what isn't named is let in without a word.
WEIGHTS: Mapping[str, Mapping[Isolation, Severity]] = {
    "system-target": {SYSTEM: REFUSE},
    "shadow-dist": {SYSTEM: REFUSE, SYSTEM_SITE: REFUSE},
    "shadow-module": {SYSTEM: REFUSE, SYSTEM_SITE: REFUSE},
    "shadow-stdlib": {SYSTEM: REFUSE, ISOLATED: REFUSE, SYSTEM_SITE: REFUSE},
    "startup-hook": {SYSTEM: REFUSE, ISOLATED: WARN, SYSTEM_SITE: WARN},
    "owned-file": {SYSTEM: REFUSE, ISOLATED: REFUSE, SYSTEM_SITE: REFUSE},
    # An environment without these is none any more.
    "environment-file": {ISOLATED: REFUSE, SYSTEM_SITE: REFUSE},
    "hide-command": {SYSTEM: REFUSE, ISOLATED: WARN, SYSTEM_SITE: WARN},
    # In an environment pip uninstalls nothing that lies outside of it.
    "remove-owned": {SYSTEM: REFUSE},
    "locked-changed": {ISOLATED: REFUSE, SYSTEM_SITE: REFUSE},
    "needs-build": {SYSTEM: REFUSE, SYSTEM_SITE: WARN},
}

# What no exception lets in
NEVER = ("environment-file",)

# What makes a folder an environment of ours; pip brings its own programs, and nobody else does.
OF_THE_ENVIRONMENT = re.compile(
    r"(?:pyvenv\.cfg|venvboot\.json(?:\..*)?|\.venvboot.*)(?:/.*)?|bin|lib|lib64|include"
    r"|bin/(?:(?:python|pypy|graalpy)[0-9.]*t?|venvboot-entrypoint|(?:de)?activate(?:_this\.py|\..*)?)"
)
START_UP = (*hook.NAMES, "_virtualenv.pth", "_virtualenv.py")

# Every environment with setuptools has it: it only makes `import distutils` work.
KNOWN_STARTUP = {"setuptools": ("distutils-precedence.pth",)}

SEED = "pip"
# An environment is activated so that its pip comes before the distro's.
MEANT_TO_HIDE = re.compile(r"pip[0-9.]*")
OF_PIP = re.compile(f"bin/{MEANT_TO_HIDE.pattern}")
# Programs that the image itself is made with, beside those of packages that the distro calls essential.
PROTECTED = re.compile(
    r"(?:apt|dpkg|rpm|dnf|yum|zypp|apk|pacman|xbps|emerge|conda|mamba)(?:[-_.].*|er|)|microdnf|python[0-9.]*"
)
# Managers of the systems whose pip installs into /usr
UNPATCHED = ("apk", "pacman", "portage", "xbps")
SHOWN = 3
# Where an environment may be made instead; the second is for an image whose first is what is installed into.
PLACES = ("/opt/venv", "/opt/isolated")

Rule = Callable[[IncomingDistribution, InstallTarget, OwnedPython], Iterator[Finding]]


def conflicts(
    incoming: Sequence[IncomingDistribution], target: InstallTarget, owned: OwnedPython
) -> Tuple[Conflict, ...]:
    """Return what speaks against each distribution, at most one conflict of each kind."""
    return tuple(
        Conflict(item.name, item.version, finding)
        for item in incoming
        for rule in RULES
        for finding in rule(item, target, owned)
    )


def weight(kind: str, isolation: Isolation) -> Optional[Severity]:
    return WEIGHTS[kind].get(isolation)


def _told(item: IncomingDistribution) -> str:
    return f"{item.name} {item.version}".strip()


def _asked_by(item: IncomingDistribution) -> str:
    return f"; needed by {item.needed_by}" if item.needed_by and not item.requested else ""


def _hides(target: InstallTarget) -> str:
    return "hides" if target.there else "would hide"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def another(dest: str) -> str:
    """Return the folder to name for an environment other than ``dest``."""
    return next(place for place in PLACES if place != dest)


def apart(target: InstallTarget) -> str:
    """Return the folder of an isolated environment to install into instead."""
    return target.dest if target.isolation is SYSTEM else another(target.dest)


def _instead(target: InstallTarget, item: IncomingDistribution) -> str:
    dest = apart(target)
    name, verb = item.name, "uninstall it, and install it" if target.there else "install it"
    if target.there and not item.version:  # a file of no distribution
        name, verb = "NAME", f"{_remove(item, target)}, and install what brings it"
    return f"{verb} into an isolated environment: venvboot init {dest} && venvboot install --venv {dest} {name}"


def _remove(item: IncomingDistribution, target: InstallTarget) -> str:
    """Return the words for taking away what stands there, as a file or in a folder."""
    place = target.site_packages
    return f"remove {place}" if place.endswith(f"/{item.name}") else f"remove it from {place}"


def _system_target(item: IncomingDistribution, target: InstallTarget, _: OwnedPython) -> Iterator[Finding]:
    severity = weight("system-target", target.isolation)
    if severity:
        whose = f"belongs to {target.owner}" if target.owner else f"is of this origin: {target.label}"
        yield Finding(
            "system-target",
            severity,
            item.name,
            f"{_told(item)} would be installed into {target.python}, which is not an environment made by venvboot",
            f"{target.python} {whose}{_asked_by(item)}",
            _instead(target, item),
        )


def _shadow_dist(item: IncomingDistribution, target: InstallTarget, owned: OwnedPython) -> Iterator[Finding]:
    severity, hidden = weight("shadow-dist", target.isolation), owned.distributions.get(item.name)
    if severity and hidden and not _is_its_own(item, target):
        distribution, package = hidden
        yield Finding(
            "shadow-dist",
            severity,
            item.name,
            f"{_told(item)} {_hides(target)} {item.name} {distribution.version} of the package {package.package}",
            f"{_first(target)}{distribution.location}, which {package} owns{_asked_by(item)}",
            f"{_instead(target, item)}; or use the distro's: {item.name}=={distribution.version}",
        )


def _is_its_own(item: IncomingDistribution, target: InstallTarget) -> bool:
    """Every environment was made with a pip of its own, which hides the distro's from the start."""
    return item.name == SEED and target.isolation is not SYSTEM


def _shadow_module(item: IncomingDistribution, target: InstallTarget, owned: OwnedPython) -> Iterator[Finding]:
    severity, own = weight("shadow-module", target.isolation), owned.distributions.get(item.name)
    found = {root: collision(root, owned) for root in item.import_roots or ()}
    hidden = {root: there for root, there in found.items() if there and not (own and there[1] == own[1])}
    if severity and hidden and not _is_its_own(item, target):
        path, package = next(iter(hidden.values()))
        modules = _listed([name.replace("/", ".") for name in hidden])
        yield Finding(
            "shadow-module",
            severity,
            item.name,
            f"{_told(item)} {_hides(target)} the module {modules} of the package {package.package}",
            f"{_first(target)}{path}, which {package} owns{_asked_by(item)}",
            _instead(target, item),
        )


def _first(target: InstallTarget) -> str:
    return f"{target.site_packages} comes before " if target.site_packages else ""


def collision(root: str, owned: OwnedPython) -> Optional[Tuple[str, SystemPackage]]:
    """Return path and package of an owned import root that is ``root``, or lies above or below it."""
    parts = root.split("/")
    for depth in range(1, len(parts) + 1):
        found = owned.import_roots.get("/".join(parts[:depth]))
        if found:
            return found
    return next((found for name, found in owned.import_roots.items() if name.startswith(root + "/")), None)


def _shadow_stdlib(item: IncomingDistribution, target: InstallTarget, _: OwnedPython) -> Iterator[Finding]:
    """A whole module or package of the library; what lies in a folder of its name stays unread behind it."""
    severity = weight("shadow-stdlib", target.isolation)
    modules = [root for root in item.import_roots or () if root in target.stdlib]
    if severity and modules:
        by_dependency = target.isolation is not SYSTEM and not item.requested
        yield in_the_stdlib(item, target, modules, WARN if by_dependency else severity)


def in_the_stdlib(
    item: IncomingDistribution, target: InstallTarget, modules: Sequence[str], severity: Severity = REFUSE
) -> Finding:
    """Return the finding for a distribution of what the Python has itself."""
    if target.there:
        return Finding(
            "shadow-stdlib",
            severity,
            item.name,
            f"{_told(item)} hides {_listed(modules)} of the standard library of Python {target.version}",
            f"{_first(target)}{target.stdlib_folder}, which has it",
            f"{_remove(item, target)}, or take its folder out of PYTHONPATH if it is there",
        )
    where = item.needed_by or "the command line"
    return Finding(
        "shadow-stdlib",
        severity,
        item.name,
        f"{_told(item)} brings {_listed(modules)}, which is in the standard library of Python {target.version}",
        f"{target.stdlib_folder} has it; asked for by {where}",
        f"remove {item.name} from your requirements ({where})"
        if item.requested
        else f"a newer {where} does without it: raise its version",
    )


def _startup_hook(item: IncomingDistribution, target: InstallTarget, _: OwnedPython) -> Iterator[Finding]:
    severity, known = weight("startup-hook", target.isolation), KNOWN_STARTUP.get(item.name, ())
    hooks = [name for name in item.startup_files if name not in known]
    if severity and hooks and not item.editable:
        yield Finding(
            "startup-hook",
            severity,
            item.name,
            f"{_told(item)} installs {_listed(hooks)}, which every start of {target.python} executes",
            f"it stands at {target.site_packages}"
            if target.there
            else f"it lies at the top of its site-packages (site, in Python's manual){_asked_by(item)}",
            _instead(target, item)
            if severity is REFUSE
            else "read it before you rely on it; it is there as long as the distribution is",
        )


def _owned_file(item: IncomingDistribution, target: InstallTarget, _: OwnedPython) -> Iterator[Finding]:
    severity = weight("owned-file", target.isolation)
    planned = [path for path in planned_paths(item, target) if path in target.occupied]
    if severity and planned:
        yield Finding(
            "owned-file",
            severity,
            item.name,
            f"{_told(item)} would overwrite {_listed(planned)}",
            f"{target.occupied[planned[0]]} owns it{_asked_by(item)}",
            f"use an environment in a folder of its own: venvboot init {apart(target)}",
        )


def _environment_file(item: IncomingDistribution, target: InstallTarget, _: OwnedPython) -> Iterator[Finding]:
    severity = weight("environment-file", target.isolation)
    below = (*item.data_files, *(f"bin/{name}" for name in item.commands))
    modules = {f"{root}.py" for root in item.import_roots or ()}
    pips = item.name != SEED
    planned = [
        *(f"{target.dest}/{path}" for path in below if OF_THE_ENVIRONMENT.fullmatch(path)),
        *(f"{target.dest}/{path}" for path in below if pips and OF_PIP.fullmatch(path)),
        *(f"{target.site_packages}/{name}" for name in item.files if pips and name.partition("/")[0] == SEED),
        *(f"{target.site_packages}/{name}" for name in START_UP if name in modules.union(item.startup_files)),
    ]
    if severity and planned:
        yield Finding(
            "environment-file",
            severity,
            item.name,
            f"{_told(item)} would overwrite {_listed(list(dict.fromkeys(planned)))}",
            f"it is what makes {target.dest} an environment{_asked_by(item)}",
            f"do without {item.name}: no exception lets this in",
        )


def planned_paths(item: IncomingDistribution, target: InstallTarget) -> Tuple[str, ...]:
    """Return where its data files, commands and import roots would be written, as far as they have one place."""
    prefix = _prefix(target)
    roots = [f"{root}{end}" for root in item.import_roots or () for end in ("/__init__.py", ".py")]
    minor = "python" + ".".join(target.version.split(".")[:2])
    # An environment has headers of its own; where a system's pip puts them depends on its patches.
    places = ("/usr/include", "/usr/local/include") if target.isolation is SYSTEM else ()
    return (
        *(f"{prefix}/{path}" for path in item.data_files),
        *(f"{prefix}/bin/{name}" for name in item.commands),
        *(f"{place}/{minor}/{item.name}/{path}" for place in places for path in item.headers),
        *(f"{target.site_packages}/{path}" for path in item.files or roots),
    )


def _prefix(target: InstallTarget) -> str:
    """Return where a system's pip puts data and commands: Debian's and Fedora's are patched, the others' aren't."""
    if target.isolation is not SYSTEM:
        return target.dest
    return "/usr" if target.owner and target.owner.manager in UNPATCHED else "/usr/local"


def _hide_command(item: IncomingDistribution, target: InstallTarget, owned: OwnedPython) -> Iterator[Finding]:
    severity = weight("hide-command", target.isolation)
    hidden = {
        name: owned.commands[name]
        for name in item.commands
        if name in owned.commands and not (MEANT_TO_HIDE.fullmatch(name) and target.isolation is not SYSTEM)
    }
    vital = [name for name, (_, package) in hidden.items() if _is_vital(name, package, owned)]
    if severity and hidden:
        name = (vital or list(hidden))[0]
        path, package = hidden[name]
        yield Finding(
            "hide-command",
            REFUSE if vital else severity,
            item.name,
            f"{_told(item)}: its {_listed(list(hidden))} would come before {path} of the package {package.package}",
            f"{_prefix(target)}/bin comes first in PATH; {package} owns {path}{_asked_by(item)}"
            + (", and the system needs it" if vital else ""),
            f"call the distro's by its path, {path}",
        )


def _is_vital(name: str, package: SystemPackage, owned: OwnedPython) -> bool:
    return package.package in owned.essential or bool(PROTECTED.fullmatch(name))


def _remove_owned(item: IncomingDistribution, target: InstallTarget, owned: OwnedPython) -> Iterator[Finding]:
    severity, there = weight("remove-owned", target.isolation), owned.distributions.get(item.name)
    if severity and there and item.name in target.removable:
        distribution, package = there
        yield Finding(
            "remove-owned",
            severity,
            item.name,
            f"pip would delete the files of the package {package.package} to make room for {_told(item)}",
            f"{package} owns {distribution.location}, and pip takes it for its own",
            f"apt-get remove {package.package}, if nothing needs it"
            if package.manager == "dpkg"
            else f"remove {package.package} with {package.manager}, if nothing needs it",
        )


def _locked_changed(item: IncomingDistribution, target: InstallTarget, _: OwnedPython) -> Iterator[Finding]:
    severity, (version, lock) = (
        weight("locked-changed", target.isolation),
        target.locked.get(item.name, (item.version, "")),
    )
    if severity and version != item.version:
        yield Finding(
            "locked-changed",
            severity,
            item.name,
            f"{_told(item)} would replace {item.name} {version}, which {lock} pins",
            f"{lock} was synced into {target.dest}, and what is installed is to be what it says{_asked_by(item)}",
            f"lock it anew, and sync that: venvboot compile --upgrade-package {item.name}",
        )


def _needs_build(item: IncomingDistribution, target: InstallTarget, _: OwnedPython) -> Iterator[Finding]:
    severity = weight("needs-build", target.isolation)
    if severity and item.built and not item.editable:
        yield Finding(
            "needs-build",
            severity,
            item.name,
            f"{_told(item)} comes as source, and building it runs its own code",
            f"there is no wheel of it for Python {target.version} here{_asked_by(item)}",
            "choose a version that has a wheel, or build one in another stage",
        )


RULES: Tuple[Rule, ...] = (
    _system_target,
    _shadow_dist,
    _shadow_module,
    _shadow_stdlib,
    _startup_hook,
    _owned_file,
    _environment_file,
    _hide_command,
    _remove_owned,
    _locked_changed,
    _needs_build,
)
