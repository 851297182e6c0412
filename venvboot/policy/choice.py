"""Choose the base interpreter of an environment, and say why in one line."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from venvboot.errors import Unsupported
from venvboot.model import Distro, Finding, Interpreter, Severity, Strategy
from venvboot.policy import way_out
from venvboot.policy.usable import Targets
from venvboot.policy.wish import Wish

USABLE = (Strategy.VENV, Strategy.DIRECT)


def choose(
    interpreters: Sequence[Interpreter], wish: Wish, distro: Distro, targets: Targets
) -> Tuple[Interpreter, str]:
    """Return the base and the reason: the first on PATH if it can be one and fits, else the newest that can and does.

    An environment is never a base; the first on PATH stands for its own. A pre-release is taken only where no final
    release will do. CPython goes before other implementations unless the wish names one. Raises Unsupported with the
    reasons of all that fit when none can be a base, and with the way out in this ``distro``.
    """
    bases = [one for one in interpreters if one.strategy in USABLE and not _is_environment(one)]
    usable = [one for one in bases if wish.matches(one)]
    if not usable:
        raise Unsupported(*_why_none(interpreters, wish, way_out.of_wish(wish, distro, targets)))
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


def _why_none(interpreters: Sequence[Interpreter], wish: Wish, hint: str) -> Tuple[Finding, ...]:
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
        hint,
    )
    return (nothing, *refusals)
