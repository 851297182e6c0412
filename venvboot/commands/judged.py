"""The image's interpreters with their judged origin, and the one that a user names."""

from __future__ import annotations

import posixpath
from typing import Tuple

from venvboot.errors import Unsupported
from venvboot.facts import image, interpreters
from venvboot.model import Finding, Interpreter, Severity
from venvboot.policy import choice, origin
from venvboot.system import System


def all_of(system: System) -> Tuple[Interpreter, ...]:
    return tuple(origin.judge(facts) for facts in interpreters.all_of(system))


def at(system: System, path: str) -> Interpreter:
    """Return the interpreter at ``path``. Raises Unsupported when no program stands there."""
    path = posixpath.abspath(path)
    facts = interpreters.one(system, path)
    if facts is None:
        raise Unsupported(
            Finding(
                "no-interpreter",
                Severity.ERROR,
                path,
                f"there is no interpreter at {path}",
                "nothing stands there" if system.status(path) is None else "it is not an executable program",
                "`venvboot detect` lists the interpreters of this image",
            )
        )
    return origin.judge(facts)


def base(system: System, wish: str) -> Tuple[Interpreter, str]:
    """Return the base interpreter for ``wish`` (a path, a version or empty) and why it is the one.

    An environment's own Python stands for its base: nothing is nested. Raises Unsupported when it can't be a base.
    """
    if "/" not in wish:
        release = image.read(system).os_release
        distro = (release.get("ID", ""), *release.get("ID_LIKE", "").split())
        return choice.choose(all_of(system), wish, distro)
    named = at(system, wish)
    if named.origin.kind == "venv" and not named.refusal:
        named = at(system, named.real_path)
        why = f"it is the base of {wish}"
    else:
        why = "it was named"
    if named.refusal:
        raise Unsupported(named.refusal)
    return named, why
