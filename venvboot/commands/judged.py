"""The image's interpreters with their judged origin, and the one that a user names."""

from __future__ import annotations

import posixpath
from typing import Tuple

from venvboot import toolchain
from venvboot.errors import Unsupported
from venvboot.facts import image, interpreters, pyvenv
from venvboot.model import Finding, Interpreter, Severity
from venvboot.policy import choice, wish
from venvboot.policy.judge import judge
from venvboot.policy.usable import Targets
from venvboot.system import System


def all_of(system: System) -> Tuple[Interpreter, ...]:
    targets, distro = _targets(), image.distro(system)
    return tuple(judge(facts, targets, distro) for facts in interpreters.all_of(system))


def at(system: System, path: str) -> Interpreter:
    """Return the interpreter at ``path``. Raises Unsupported when no program stands there.

    A relative path is one of the working directory, and in an unpacked image one of its root.
    """
    path = posixpath.abspath(path if system.root == "/" else posixpath.join("/", path))
    facts = interpreters.one(system, path)
    if facts is None:
        why = "nothing stands there" if system.status(path) is None else "it is not an executable program"
        raise Unsupported(_no_interpreter(path, f"there is no interpreter at {path}", why))
    return judge(facts, _targets(), image.distro(system))


def base(system: System, wished: str) -> Tuple[Interpreter, str]:
    """Return the base interpreter for ``wished`` (a path, a version or empty) and why it is the one.

    An environment's own Python stands for its base: nothing is nested. Raises UsageError for nonsense, Unsupported
    when there is none or it can't be a base.
    """
    if "/" not in wished:
        parsed = wish.parse(wished)  # nonsense is told before anything is started
        return choice.choose(all_of(system), parsed, image.distro(system), _targets())
    named, why = at(system, wished), "it was named"
    if named.facts.candidate.venv:
        named, why = _base_of(system, named), f"it is the base of {wished}"
    if named.refusal:
        raise Unsupported(named.refusal)
    return named, why


def _base_of(system: System, named: Interpreter) -> Interpreter:
    """Return what the environment of ``named`` was made from, also where that is an environment itself."""
    venv, probe = named.facts.candidate.venv, named.facts.probe
    assert venv  # noqa: S101  # it was asked for
    # Its own name may be python, which in the base's folder is that of another version.
    cpython = probe and probe.implementation == "cpython"
    name = "python{}.{}".format(*probe.version) if probe and cpython else posixpath.basename(named.real_path)
    path = pyvenv.base(system, venv, name)
    if not path:
        raise Unsupported(
            _no_interpreter(
                named.path,
                f"the base of {named.path} is gone",
                f"{venv.prefix}/{venv.file} has home = {venv.home}, and no interpreter stands there",
            )
        )
    return at(system, path)


def _no_interpreter(path: str, message: str, evidence: str) -> Finding:
    hint = "`venvboot detect` lists the interpreters of this image"
    return Finding("no-interpreter", Severity.ERROR, path, message, evidence, hint)


def _targets() -> Targets:
    """Return the versions that the libraries of this very file make environments for."""
    return Targets(toolchain.oldest_target(), toolchain.newest_target())
