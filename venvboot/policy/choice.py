"""Choose the base interpreter of an environment, and say why in one line."""

from __future__ import annotations

from typing import Mapping, Optional, Sequence, Tuple

from venvboot.errors import Unsupported
from venvboot.model import Finding, Interpreter, Severity, Strategy
from venvboot.policy.wish import Wish

USABLE = (Strategy.VENV, Strategy.DIRECT)

# os-release's ID, or what it is like -> how to get a Python that can be a base.
NO_INTERPRETER_HINT: Mapping[str, str] = {
    "debian": "RUN apt-get update && apt-get install -y --no-install-recommends python3",
    "fedora": "RUN dnf install -y python3",
    "amzn": "RUN dnf install -y python3.12",
    "rhel": "RUN dnf install -y python3.12",
    "alpine": "RUN apk add --no-cache python3",
    "wolfi": "RUN apk add --no-cache python-3.13",
    "chainguard": "RUN apk add --no-cache python-3.13",
    "suse": "RUN zypper install -y python311",
    "arch": "RUN pacman -Sy --noconfirm python",
    "void": "RUN xbps-install -Sy python3",
    "gentoo": "RUN emerge dev-lang/python",
}
# The same for one minor version, 3.12 or without the dot 312. Debian and Alpine have one Python a release.
NO_VERSION_HINT: Mapping[str, str] = {
    "debian": "FROM python:{minor}-slim",
    "ubuntu": (
        "RUN apt-get update && apt-get install -y --no-install-recommends software-properties-common && "
        "add-apt-repository -y ppa:deadsnakes/ppa && apt-get install -y --no-install-recommends python{minor}"
    ),
    "fedora": "RUN dnf install -y python{minor}",
    "rhel": "RUN dnf install -y python{minor}",
    "alpine": "FROM python:{minor}-alpine",
    "wolfi": "RUN apk add --no-cache python-{minor}",
    "chainguard": "RUN apk add --no-cache python-{minor}",
    "suse": "RUN zypper install -y python{digits}",
    "gentoo": "RUN emerge dev-lang/python:{minor}",
}


def choose(interpreters: Sequence[Interpreter], wish: Wish, distro: Sequence[str]) -> Tuple[Interpreter, str]:
    """Return the base and the reason: the first on PATH if it can be one and fits, else the newest that can and does.

    An environment is never a base; the first on PATH stands for its own. A pre-release is taken only where no final
    release will do. CPython goes before other implementations unless the wish names one. ``distro`` is os-release's
    ID and what it is like. Raises Unsupported with the reasons of all that fit when none can be a base.
    """
    bases = [one for one in interpreters if one.strategy in USABLE and not _is_environment(one)]
    usable = [one for one in bases if wish.matches(one)]
    if not usable:
        raise Unsupported(*_why_none(interpreters, wish, distro))
    usable = [one for one in usable if not _prerelease(one)] or usable
    first = next((one for one in interpreters if one.facts.candidate.first_on_path), None)
    for one in usable:
        if one is first:
            return one, "it is the first python3 on PATH" + (f", and it fits {wish.text}" if wish.text else "")
        if first and _is_environment(first) and one.real_path in (first.real_path, first.facts.candidate.base):
            return one, f"it is the base of {first.path}, the first python3 on PATH"
    cpython = [one for one in usable if one.facts.probe and one.facts.probe.implementation == "cpython"]
    fitting = usable if wish.implementation else cpython or usable
    newest = max(fitting, key=lambda one: one.version or (0, 0, 0))
    rank = "only" if len(fitting) == 1 else "newest"
    noun = " CPython" if len(fitting) < len(usable) else " one" if rank == "only" else ""
    return newest, f"it is the {rank}{noun} that {_ability(wish, first)}"


def looked_at(interpreters: Sequence[Interpreter]) -> str:
    """Return the interpreters with their versions, or ``none``."""
    return ", ".join(f"{one.path} ({_version(one)})" for one in interpreters) or "none"


def installing(distro: Sequence[str]) -> str:
    """Return how to get any Python that can be a base; ``distro`` as for ``choose``."""
    return _of_distro(NO_INTERPRETER_HINT, distro) or "install Python 3.9 or later"


def _version(one: Interpreter) -> str:
    return one.facts.probe.version_text if one.facts.probe else "version unknown"


def _prerelease(one: Interpreter) -> bool:
    return bool(one.facts.probe and one.facts.probe.prerelease)


def _is_environment(one: Interpreter) -> bool:
    return one.facts.candidate.venv is not None


def _ability(wish: Wish, first: Optional[Interpreter]) -> str:
    if wish.text:
        return f"fits {wish.text}"
    why = "is a pre-release" if first and _prerelease(first) and not first.refusal else "can't"
    passed_over = f"; {first.path}, the first on PATH, {why}" if first else ""
    return f"can carry an environment{passed_over}"


def _why_none(interpreters: Sequence[Interpreter], wish: Wish, distro: Sequence[str]) -> Tuple[Finding, ...]:
    candidates = [one for one in interpreters if not _is_environment(one)]
    environments = [one.path for one in interpreters if _is_environment(one)]
    refusals = tuple(one.refusal for one in candidates if one.refusal and (wish.matches(one) or not one.version))
    aside = f"; environments, which are never a base: {', '.join(environments)}" if environments else ""
    what = f"no Python that fits {wish.text} and" if wish.text else "no Python that"
    nothing = Finding(
        "no-interpreter",
        Severity.ERROR,
        wish.text,
        f"there is {what} can carry an environment",
        f"interpreters looked at: {looked_at(candidates)}{aside}",
        _way_out(wish, distro),
    )
    return (nothing, *refusals)


def _way_out(wish: Wish, distro: Sequence[str]) -> str:
    if not wish.clauses and wish.implementation in ("", "cpython"):
        return installing(distro)
    way = f"install a Python that fits {wish.text}"
    if wish.implementation == "pypy":
        way = f"FROM pypy:{wish.minor or '3'}-slim"
    elif wish.minor and wish.implementation != "graalpy":
        template = _of_distro(NO_VERSION_HINT, distro)
        way = template.format(minor=wish.minor, digits=wish.minor.replace(".", "")) or way
    return f"{way}, or name another one with --python"


def _of_distro(hints: Mapping[str, str], distro: Sequence[str]) -> str:
    return next((hints[name] for name in distro if name in hints), "")
